import { definition, int32, list, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { validateEndpoints } from './endpoints-validation.js';
import type { Endpoints } from './types.js';

export const endpointAddress = definition(
  'io.k8s.api.core.v1.EndpointAddress',
  'One address behind a Service.',
  {
    hostname: string(3, 'The name the address gets in DNS below the Service.'),
    ip: string(1, 'The IP address; not loopback or link-local.', { required: true }),
    nodeName: string(4, 'The node the address is on.'),
    targetRef: ref(2, objectReference, 'The object that has the address, such as a pod.'),
  },
  { mapType: 'atomic' },
);

export const endpointPort = definition(
  'io.k8s.api.core.v1.EndpointPort',
  'A port that the addresses of a subset serve.',
  {
    appProtocol: string(4, 'The protocol spoken on the port, such as http or kubernetes.io/h2c.'),
    name: string(1, "The name of the port; equals that of the Service's port."),
    port: int32(2, 'The number of the port.', { required: true }),
    protocol: string(3, 'TCP, UDP or SCTP.', { enum: ['TCP', 'UDP', 'SCTP'] }),
  },
  { mapType: 'atomic' },
);

export const endpointSubset = definition(
  'io.k8s.api.core.v1.EndpointSubset',
  'Addresses that all serve the same ports.',
  {
    addresses: list(1, endpointAddress, 'The addresses that are ready.', { listType: 'atomic' }),
    notReadyAddresses: list(
      2,
      endpointAddress,
      'The addresses that are not ready yet, or not any more.',
      { listType: 'atomic' },
    ),
    ports: list(3, endpointPort, 'The ports of every address.', { listType: 'atomic' }),
  },
);

export const endpointsSchema = definition(
  'io.k8s.api.core.v1.Endpoints',
  'The addresses behind a Service, in one object; EndpointSlices have replaced it.',
  {
    ...objectFields,
    subsets: list(2, endpointSubset, 'The addresses in groups of equal ports.', {
      listType: 'atomic',
    }),
  },
);

/** The first addresses with their port, as `kubectl get endpoints` shows them. */
function endpointsText(object: Endpoints): string {
  const shown = 3;
  const texts = (object.subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  );
  if (texts.length === 0) return '<none>';
  const rest = texts.length - shown;
  const listed = texts.slice(0, shown).join(',');
  return rest > 0 ? `${listed} + ${String(rest)} more...` : listed;
}

const hostPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${String(port)}` : `${ip}:${String(port)}`;

/** Endpoints: the addresses behind a Service, in the form that came before EndpointSlices. */
export const endpoints = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  scope: 'Namespaced',
  shortNames: ['ep'],
  schema: endpointsSchema,
  defaults: (draft) => {
    for (const { ports } of draft.subsets ?? []) {
      for (const port of ports ?? []) port.protocol ??= 'TCP';
    }
  },
  validate: validateEndpoints,
  strategy: { allowCreateOnUpdate: true },
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'The first addresses and ports that are ready.',
      priority: 0,
      cell: endpointsText,
    },
    ageColumn,
  ],
});
