import { fillZeroValues } from '../../schema/zero-values.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import {
  ingressClassAnnotation,
  validateIngress,
  validateIngressStatus,
  validateNewIngress,
} from './ingress-validation.js';
import type { Ingress, IngressBackend, IngressSpec } from './types.js';
import { definition, int32, list, ref, string, within } from '../../schema/schema.js';
import { typedLocalObjectReference } from '../../core/v1/pod/volume.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const serviceBackendPort = definition(
  'io.k8s.api.networking.v1.ServiceBackendPort',
  'A port of a Service, by its name or its number.',
  {
    name: string(1, 'The name of the port; not together with a number.'),
    number: int32(2, 'The number of the port, such as 80; not together with a name.'),
  },
  { mapType: 'atomic' },
);

export const ingressServiceBackend = definition(
  'io.k8s.api.networking.v1.IngressServiceBackend',
  'A port of a Service.',
  {
    name: string(1, 'The name of the Service, in the namespace of the Ingress.', {
      required: true,
    }),
    port: ref(2, serviceBackendPort, 'The port of the Service, by name or by number.'),
  },
);

export const ingressBackend = definition(
  'io.k8s.api.networking.v1.IngressBackend',
  'Where requests are sent: a Service or another resource, never both.',
  {
    resource: ref(
      3,
      typedLocalObjectReference,
      'An object in the same namespace that takes the requests.',
    ),
    service: ref(4, ingressServiceBackend, 'The Service that takes the requests.'),
  },
);

export const httpIngressPath = definition(
  'io.k8s.api.networking.v1.HTTPIngressPath',
  'A path and the backend that serves it.',
  {
    backend: ref(2, ingressBackend, 'Who gets the requests.', { required: true }),
    path: string(1, 'What the path of a request is compared with; starts with a slash.'),
    pathType: string(
      3,
      'How the path is compared: Exact, Prefix (by whole segments) or ImplementationSpecific.',
      { required: true },
    ),
  },
);

export const httpIngressRuleValue = definition(
  'io.k8s.api.networking.v1.HTTPIngressRuleValue',
  'The paths of a host.',
  {
    paths: list(1, httpIngressPath, 'Which path leads to which backend.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const ingressRule = definition(
  'io.k8s.api.networking.v1.IngressRule',
  'What happens to the requests for one host.',
  {
    host: string(
      1,
      'The host of the requests: a full name, or one whose first label is an asterisk; every host when absent.',
    ),
    http: ref(within(2, 1), httpIngressRuleValue, 'Where the paths of the host lead.'),
  },
);

export const ingressTLS = definition(
  'io.k8s.api.networking.v1.IngressTLS',
  'The certificate of some hosts.',
  {
    hosts: list(
      1,
      'string',
      'The hosts that the certificate is for; all of the controller when empty.',
      { listType: 'atomic' },
    ),
    secretName: string(2, 'The Secret with the certificate and its key.'),
  },
);

export const ingressSpec = definition(
  'io.k8s.api.networking.v1.IngressSpec',
  'The hosts, paths and certificates of an Ingress.',
  {
    defaultBackend: ref(
      1,
      ingressBackend,
      'Takes requests that no rule matches; needed where there are no rules.',
    ),
    ingressClassName: string(
      4,
      'The IngressClass whose controller serves this Ingress; the default class when absent.',
    ),
    rules: list(
      3,
      ingressRule,
      'What goes where, by host; requests that match none go to the default backend.',
      { listType: 'atomic' },
    ),
    tls: list(
      2,
      ingressTLS,
      'The certificates for hosts; without any, only plain HTTP is served.',
      { listType: 'atomic' },
    ),
  },
);

export const ingressPortStatus = definition(
  'io.k8s.api.networking.v1.IngressPortStatus',
  'The state of one port of a load balancer.',
  {
    error: string(3, 'What went wrong with the port, as a CamelCase word or domain/CamelCase.'),
    port: int32(1, 'The number of the port.', { required: true }),
    protocol: string(2, 'TCP, UDP or SCTP.', { required: true }),
  },
);

export const ingressLoadBalancerIngress = definition(
  'io.k8s.api.networking.v1.IngressLoadBalancerIngress',
  'One address of a load balancer.',
  {
    hostname: string(2, 'The name to reach it by, where it has no address.'),
    ip: string(1, 'The address to reach it at.'),
    ports: list(4, ingressPortStatus, 'The state of each port.', { listType: 'atomic' }),
  },
);

export const ingressLoadBalancerStatus = definition(
  'io.k8s.api.networking.v1.IngressLoadBalancerStatus',
  'The addresses of a load balancer.',
  {
    ingress: list(1, ingressLoadBalancerIngress, 'Each address with its ports.', {
      listType: 'atomic',
    }),
  },
);

export const ingressStatus = definition(
  'io.k8s.api.networking.v1.IngressStatus',
  'Where an Ingress can be reached.',
  {
    loadBalancer: ref(1, ingressLoadBalancerStatus, 'The addresses of the load balancer.'),
  },
);

export const ingress = definition(
  'io.k8s.api.networking.v1.Ingress',
  'Rules by which HTTP requests from outside reach Services.',
  {
    ...objectFields,
    spec: ref(2, ingressSpec, 'What is wanted.'),
    status: ref(3, ingressStatus, 'What is the case; written by controllers.'),
  },
);

/** Objects that Kubernetes always writes, though a client need not send them. */
function defaultIngress(draft: Ingress): void {
  fillZeroValues(ingress, draft);
  const partial = draft as Partial<Ingress>;
  const spec: IngressSpec = (partial.spec ??= {});
  const withPort = (backend: IngressBackend | undefined): void => {
    if (backend?.service !== undefined) backend.service.port ??= {};
  };
  withPort(spec.defaultBackend);
  for (const { http } of spec.rules ?? []) {
    for (const path of http?.paths ?? []) {
      withPort(((path as { backend?: IngressBackend }).backend ??= {}));
      // An absent type is refused, not empty: Kubernetes has a pointer here.
      if (path.pathType === '') Reflect.deleteProperty(path, 'pathType');
    }
  }
  (partial.status ??= {}).loadBalancer ??= {};
}

const shownHosts = 3;

/** The first hosts. Kubernetes counts rules, not hosts, once a rule follows the last that is shown. */
function hostsText({ spec }: Ingress): string {
  const rules = spec.rules ?? [];
  const named = [...rules.keys()].filter((at) => (rules[at]?.host ?? '') !== '');
  if (named.length === 0) return '*';
  const shown = named.slice(0, shownHosts);
  const listed = shown.map((at) => rules[at]?.host).join(',');
  const isCut = shown.length === shownHosts && (shown.at(-1) ?? 0) < rules.length - 1;
  return isCut ? `${listed} + ${String(rules.length - shownHosts)} more...` : listed;
}

function addressesText({ status }: Ingress): string {
  const entries = status.loadBalancer?.ingress ?? [];
  const texts = entries.map(({ ip = '', hostname = '' }) => (ip === '' ? hostname : ip));
  return [...new Set(texts.filter((text) => text !== ''))].sort().join(',');
}

const column = (
  name: string,
  description: string,
  cell: (object: Ingress) => string,
): TableColumn<Ingress> => ({ name, type: 'string', description, priority: 0, cell });

/** Ingresses: how HTTP requests from outside reach Services. */
export const ingresses = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  scope: 'Namespaced',
  shortNames: ['ing'],
  schema: ingress,
  status: true,
  defaults: defaultIngress,
  validate: validateIngress,
  validateCreate: validateNewIngress,
  validateStatusUpdate: validateIngressStatus,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = { loadBalancer: {} };
    },
    warnings: ({ metadata }, stored) =>
      stored === undefined && metadata.annotations?.[ingressClassAnnotation] !== undefined
        ? [
            `annotation ${JSON.stringify(ingressClassAnnotation)} is deprecated, please use 'spec.ingressClassName' instead`,
          ]
        : [],
  },
  columns: [
    nameColumn,
    column(
      'Class',
      'The IngressClass whose controller serves the Ingress.',
      ({ spec }) => spec.ingressClassName ?? '<none>',
    ),
    column('Hosts', 'The hosts whose requests the Ingress takes.', hostsText),
    column('Address', 'Where the load balancer can be reached.', addressesText),
    column('Ports', 'The ports the load balancer opens.', ({ spec }) =>
      (spec.tls ?? []).length > 0 ? '80, 443' : '80',
    ),
    ageColumn,
  ],
});
