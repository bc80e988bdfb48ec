/** The columns of `kubectl get services`; the selector with `-o wide`. */
import { ageColumn, labelsText, nameColumn } from '../../meta/columns.js';
import type { TableColumn } from '../../schema/resource.js';
import { portsOf, serviceStatusOf } from './service-facts.js';
import type { Service } from './types.js';

const orNone = (texts: readonly string[]): string =>
  texts.length === 0 ? '<none>' : texts.join(',');

/** Addresses the load balancer has. */
function loadBalancerText(service: Service): string {
  const ingress = serviceStatusOf(service).loadBalancer?.ingress ?? [];
  const texts = ingress.map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip));
  return [...new Set(texts.filter((text) => text !== ''))].sort().join(',');
}

function externalText(service: Service): string {
  const { type, externalIPs = [], externalName = '' } = service.spec;
  if (type === 'ExternalName') return externalName;
  if (type !== 'LoadBalancer') return orNone(externalIPs);
  const balancer = loadBalancerText(service);
  const texts = [...(balancer === '' ? [] : [balancer]), ...externalIPs];
  return texts.length === 0 ? '<pending>' : texts.join(',');
}

function portsText(service: Service): string {
  const texts = portsOf(service.spec).map(({ port, nodePort = 0, protocol = 'TCP' }) =>
    nodePort > 0
      ? `${String(port)}:${String(nodePort)}/${protocol}`
      : `${String(port)}/${protocol}`,
  );
  return orNone(texts);
}

interface Info {
  readonly name: string;
  readonly description: string;
  readonly priority?: 1;
  readonly cell: (service: Service) => string;
}

const text = ({ priority, ...column }: Info): TableColumn<Service> => ({
  ...column,
  priority: priority ?? 0,
  type: 'string',
});

export const serviceColumns: readonly TableColumn<Service>[] = [
  nameColumn,
  text({
    name: 'Type',
    description: 'How far the Service reaches.',
    cell: ({ spec }) => spec.type ?? '',
  }),
  text({
    name: 'Cluster-IP',
    description: 'The address of the Service inside the cluster.',
    cell: ({ spec }) => spec.clusterIPs?.[0] ?? spec.clusterIP ?? '<none>',
  }),
  text({
    name: 'External-IP',
    description: 'The addresses of the Service outside the cluster.',
    cell: externalText,
  }),
  text({
    name: 'Port(s)',
    description: 'The ports of the Service, with node port and protocol.',
    cell: portsText,
  }),
  ageColumn,
  text({
    name: 'Selector',
    description: 'The labels of the pods behind the Service.',
    priority: 1,
    cell: ({ spec }) => labelsText(spec.selector),
  }),
];
