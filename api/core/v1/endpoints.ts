import { definition, inline, int32, list, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { validateEndpoints } from './endpoints-validation.js';
import type { Endpoints } from './types.js';

export const endpointAddress = definition('io.k8s.api.core.v1.EndpointAddress', '', {
  hostname: string(3, ''),
  ip: string(1, '', { required: true }),
  nodeName: string(4, ''),
  targetRef: ref(2, objectReference, ''),
});

export const endpointPort = definition('io.k8s.api.core.v1.EndpointPort', '', {
  appProtocol: string(4, ''),
  name: string(1, ''),
  port: int32(2, '', { required: true }),
  protocol: string(3, '', { enum: ['TCP', 'UDP', 'SCTP'] }),
});

export const endpointSubset = definition('io.k8s.api.core.v1.EndpointSubset', '', {
  addresses: list(1, endpointAddress, '', { listType: 'atomic' }),
  notReadyAddresses: list(2, endpointAddress, '', { listType: 'atomic' }),
  ports: list(3, endpointPort, '', { listType: 'atomic' }),
});

export const endpointsSchema = definition('io.k8s.api.core.v1.Endpoints', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  subsets: list(2, endpointSubset, '', { listType: 'atomic' }),
});

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
  strategy: {
    allowCreateOnUpdate: true,
    warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  },
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
