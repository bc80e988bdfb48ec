import { boolean, definition, int32, list, map, ref, string } from '../../schema/schema.js';
import { objectReference } from '../../core/v1/references.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { immutable } from '../../validation/object-meta.js';
import { jsonEqual } from '../../patch/json-value.js';
import { ipWarnings } from '../../validation/addresses.js';
import { child, index } from '../../validation/field-error.js';
import { validateEndpointSlice } from './endpoint-slice-validation.js';
import { managedByLabel, mirroringController, sliceController } from './labels.js';
import type { EndpointSlice } from './types.js';

export const endpointConditions = definition(
  'io.k8s.api.discovery.v1.EndpointConditions',
  'The state of an endpoint.',
  {
    ready: boolean(1, 'Whether the endpoint takes new traffic; absent counts as true.'),
    serving: boolean(
      2,
      'As ready, but also true for an endpoint that still answers while it terminates.',
    ),
    terminating: boolean(3, 'Whether the endpoint is on its way out.'),
  },
);

export const forNode = definition('io.k8s.api.discovery.v1.ForNode', 'Names a node.', {
  name: string(1, 'The name of the node.', { required: true }),
});

export const forZone = definition('io.k8s.api.discovery.v1.ForZone', 'Names a zone.', {
  name: string(1, 'The name of the zone.', { required: true }),
});

export const endpointHints = definition(
  'io.k8s.api.discovery.v1.EndpointHints',
  'Who should use an endpoint.',
  {
    forNodes: list(2, forNode, 'The nodes whose traffic the endpoint should get.', {
      listType: 'atomic',
    }),
    forZones: list(1, forZone, 'The zones whose traffic the endpoint should get.', {
      listType: 'atomic',
    }),
  },
);

export const endpoint = definition(
  'io.k8s.api.discovery.v1.Endpoint',
  'One target behind a Service.',
  {
    addresses: list(
      1,
      'string',
      'The addresses of the endpoint, all of the type of the slice; only the first is used.',
      { required: true, listType: 'set' },
    ),
    conditions: ref(2, endpointConditions, 'Whether the endpoint is ready, serving, terminating.'),
    deprecatedTopology: map(5, 'string', 'No longer used; labels of the topology of the endpoint.'),
    hints: ref(8, endpointHints, 'Who should use the endpoint.'),
    hostname: string(3, 'The name the endpoint gets in DNS below the Service.'),
    nodeName: string(6, 'The node the endpoint is on.'),
    targetRef: ref(
      4,
      objectReference,
      'The object that stands behind the endpoint, such as a pod.',
    ),
    zone: string(7, 'The zone the endpoint is in.'),
  },
);

export const endpointPort = definition(
  'io.k8s.api.discovery.v1.EndpointPort',
  'A port that every endpoint of a slice serves.',
  {
    appProtocol: string(4, 'The protocol spoken on the port, such as http or kubernetes.io/h2c.'),
    name: string(1, "The name of the port; equals that of the Service's port."),
    port: int32(3, 'The number of the port.'),
    protocol: string(2, 'TCP, UDP or SCTP.'),
  },
  { mapType: 'atomic' },
);

export const endpointSlice = definition(
  'io.k8s.api.discovery.v1.EndpointSlice',
  'Some of the endpoints behind a Service.',
  {
    addressType: string(
      4,
      'The kind of address the endpoints have: IPv4, IPv6 or FQDN; never changes.',
      { required: true },
    ),
    ...objectFields,
    endpoints: list(2, endpoint, 'The endpoints; at most 1000.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
    ports: list(3, endpointPort, 'The ports that every endpoint serves.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);

const shownInTable = 3;

function firstFew(texts: readonly string[], none: string): string {
  const rest = texts.length - shownInTable;
  const listed = texts.slice(0, shownInTable).join(',');
  if (rest > 0) return `${listed} + ${String(rest)} more...`;
  return listed === '' ? none : listed;
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

/** The topology of endpoints could be written in an older version only; where nodes and zones are has its own fields now. */
function dropTopology(draft: EndpointSlice): void {
  for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** What to tell who writes a slice, unless it is a controller, whose addresses are in their usual form. */
function warningsOf(draft: EndpointSlice, stored: EndpointSlice | undefined): string[] {
  const { addressType, endpoints = [] } = draft;
  const deprecated =
    stored === undefined && addressType === 'FQDN'
      ? ['spec.addressType: FQDN endpoints are deprecated']
      : [];
  const keeper = draft.metadata.labels?.[managedByLabel] ?? '';
  if (keeper === sliceController || keeper === mirroringController) return deprecated;
  return [
    ...deprecated,
    ...endpoints.flatMap(({ addresses }, at) => {
      const path = child(index('endpoints', at), 'addresses');
      return addresses.flatMap((address, nth) => ipWarnings(address, index(path, nth)));
    }),
  ];
}

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
  strategy: {
    tracksGeneration: true,
    prepareForCreate: dropTopology,
    prepareForUpdate: (draft, stored) => {
      dropTopology(draft);
      const { generation = 0, labels } = stored.metadata;
      if (!jsonEqual(draft.metadata.labels ?? {}, labels ?? {})) {
        draft.metadata.generation = generation + 1;
      }
    },
    warnings: warningsOf,
  },
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
