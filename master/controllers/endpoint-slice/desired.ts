/** What a Service's slices should hold, before it is decided which slice holds what. Pure. */
import { isPodReady, isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import { hostnameBehind, podAddresses, targetPortOf } from '../../../api/core/v1/service-pods.js';
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import type { Endpoint, EndpointPort } from '../../../api/discovery/v1/types.js';

export type AddressType = 'IPv4' | 'IPv6';

/** The endpoints that share one list of ports, hence can share slices. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

const familyOf = (ip: string): AddressType => (ip.includes(':') ? 'IPv6' : 'IPv4');

/** The address families of a Service; one from before dual-stack is told by its cluster address. */
export function addressTypesOf(service: Service): readonly AddressType[] {
  const families = (service.spec.ipFamilies ?? []).filter((family) => family !== '');
  if (families.length > 0) return families;
  const { clusterIP = '' } = service.spec;
  return [clusterIP === '' || clusterIP === 'None' ? 'IPv4' : familyOf(clusterIP)];
}

function portsFor(service: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec.ports ?? []) {
    const port = targetPortOf(pod, servicePort);
    if (port === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    ports.push({ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}

const addressesOf = (pod: Pod, addressType: AddressType): string[] =>
  podAddresses(pod).filter((ip) => familyOf(ip) === addressType);

function endpointFor(
  pod: Pod,
  { service, addresses, zone }: { service: Service; addresses: string[]; zone: string },
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameBehind(service, pod);
  const { nodeName = '' } = pod.spec;
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === '' ? {} : { zone }),
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, uid },
  };
}

export interface DesiredOptions {
  readonly service: Service;
  readonly pods: readonly Pod[];
  /** The nodes those pods run on, by name. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/**
 * The endpoints of a Service by address family and ports. Ended pods and pods without an address have none; nor have pods
 * of nodes that do not exist, unless the Service publishes what is not ready.
 */
export function desiredGroups({ service, pods, nodes }: DesiredOptions): readonly EndpointGroup[] {
  const groups = new Map<string, EndpointGroup & { readonly endpoints: Endpoint[] }>();
  for (const addressType of addressTypesOf(service)) {
    for (const pod of pods) {
      if (isPodTerminal(pod)) continue;
      const node = nodes.get(pod.spec.nodeName ?? '');
      if (node === undefined && service.spec.publishNotReadyAddresses !== true) continue;
      const addresses = addressesOf(pod, addressType);
      if (addresses.length === 0) continue;
      const ports = portsFor(service, pod);
      const key = groupKey(addressType, ports);
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { addressType, ports, endpoints: [] }));
      const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'] ?? '';
      group.endpoints.push(endpointFor(pod, { service, addresses, zone }));
    }
  }
  return [...groups.values()];
}

const portKey = ({ name, port, protocol, appProtocol }: EndpointPort): string =>
  [name ?? '', String(port ?? ''), protocol ?? 'TCP', appProtocol ?? ''].join('/');

/** Equal for slices that can hold the same endpoints; the order of ports is of no account. */
export const groupKey = (addressType: string, ports: readonly EndpointPort[]): string =>
  [addressType, ...ports.map(portKey).sort()].join('|');
