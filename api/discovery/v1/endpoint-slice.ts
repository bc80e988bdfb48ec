import { boolean, definition, inline, int32, list, map, ref, string } from '../../schema/schema.js';
import { objectReference } from '../../core/v1/references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { immutable } from '../../validation/object-meta.js';
import { validateEndpointSlice } from './endpoint-slice-validation.js';
import type { EndpointSlice } from './types.js';

export const endpointConditions = definition('io.k8s.api.discovery.v1.EndpointConditions', '', {
  ready: boolean(1, ''),
  serving: boolean(2, ''),
  terminating: boolean(3, ''),
});

export const forNode = definition('io.k8s.api.discovery.v1.ForNode', '', {
  name: string(1, '', { required: true }),
});

export const forZone = definition('io.k8s.api.discovery.v1.ForZone', '', {
  name: string(1, '', { required: true }),
});

export const endpointHints = definition('io.k8s.api.discovery.v1.EndpointHints', '', {
  forNodes: list(2, forNode, '', { listType: 'atomic' }),
  forZones: list(1, forZone, '', { listType: 'atomic' }),
});

export const endpoint = definition('io.k8s.api.discovery.v1.Endpoint', '', {
  addresses: list(1, 'string', '', { required: true, listType: 'set' }),
  conditions: ref(2, endpointConditions, ''),
  deprecatedTopology: map(5, 'string', ''),
  hints: ref(8, endpointHints, ''),
  hostname: string(3, ''),
  nodeName: string(6, ''),
  targetRef: ref(4, objectReference, ''),
  zone: string(7, ''),
});

export const endpointPort = definition('io.k8s.api.discovery.v1.EndpointPort', '', {
  appProtocol: string(4, ''),
  name: string(1, ''),
  port: int32(3, ''),
  protocol: string(2, ''),
});

export const endpointSlice = definition('io.k8s.api.discovery.v1.EndpointSlice', '', {
  addressType: string(4, '', { required: true }),
  apiVersion: string(inline, ''),
  endpoints: list(2, endpoint, '', { listType: 'atomic' }),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  ports: list(3, endpointPort, '', { listType: 'atomic' }),
});

const shownInTable = 3;

function firstFew(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  const rest = texts.length - shownInTable;
  const listed = texts.slice(0, shownInTable).join(',');
  return rest > 0 ? `${listed} + ${String(rest)} more...` : listed;
}

const portsText = (object: EndpointSlice): string =>
  firstFew(
    (object.ports ?? []).map(({ port, name }) =>
      port === undefined ? (name ?? '') : String(port),
    ),
    '<unset>',
  );

const addressesText = (object: EndpointSlice): string =>
  firstFew(
    (object.endpoints ?? []).flatMap(({ addresses }) => addresses),
    '<unset>',
  );

/** EndpointSlices: the addresses behind a Service, in pieces small enough to watch. */
export const endpointSlices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  schema: endpointSlice,
  defaults: (draft) => {
    for (const port of draft.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  validate: validateEndpointSlice,
  validateUpdate: (object, stored) =>
    immutable('addressType', object.addressType, stored.addressType),
  strategy: { tracksGeneration: true, allowCreateOnUpdate: true },
  columns: [
    nameColumn,
    {
      name: 'AddressType',
      type: 'string',
      description: 'The kind of address all endpoints of the slice have.',
      priority: 0,
      cell: ({ addressType }) => addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'The ports that every endpoint of the slice serves.',
      priority: 0,
      cell: portsText,
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'The first addresses in the slice.',
      priority: 0,
      cell: addressesText,
    },
    ageColumn,
  ],
});
