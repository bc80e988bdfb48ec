import { timestamp } from '../../meta/timestamp.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { attributeListKinds, hasListAttributes } from './device-validation.js';
import { validateNewSlice, validateSliceUpdate } from './slice-validation.js';
import type { Device, ResourceSlice } from './types.js';
import { boolean, definition, int64, list, ref, string } from '../../schema/schema.js';
import { nodeSelector } from '../../core/v1/pod/scheduling.js';
import { counterSet, device } from './device.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const resourcePool = definition(
  'io.k8s.api.resource.v1.ResourcePool',
  'A pool of devices that may take several slices.',
  {
    generation: int64(2, 'Counts the versions of the pool; only slices with the highest count.', {
      required: true,
    }),
    name: string(1, 'The name of the pool.', { required: true }),
    resourceSliceCount: int64(3, 'How many slices the pool has.', { required: true }),
  },
);

export const resourceSliceSpec = definition(
  'io.k8s.api.resource.v1.ResourceSliceSpec',
  'The devices and who can reach them.',
  {
    allNodes: boolean(5, 'Whether all nodes can reach the devices.'),
    devices: list(6, device, 'The devices; not together with shared counters.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
    driver: string(1, 'The driver that offers the devices; never changes.', { required: true }),
    nodeName: string(3, 'The node that has the devices; never changes.'),
    nodeSelector: ref(4, nodeSelector, 'The nodes that can reach the devices.'),
    perDeviceNodeSelection: boolean(7, 'Whether each device says by itself who can reach it.'),
    pool: ref(2, resourcePool, 'The pool the slice is a part of.', { required: true }),
    sharedCounters: list(
      8,
      counterSet,
      'Counters the devices of the pool share; not together with devices.',
      { listType: 'atomic' },
    ),
  },
);

export const resourceSlice = definition(
  'io.k8s.api.resource.v1.ResourceSlice',
  'Some of the devices a driver offers.',
  {
    ...objectFields,
    spec: ref(2, resourceSliceSpec, 'What is wanted.', { required: true }),
  },
);

/** Lists among the attributes are switched off in Kubernetes 1.36: they are dropped unless the stored slice has some. */
function dropAttributeLists({ spec }: ResourceSlice, stored?: ResourceSlice): void {
  if (stored?.spec.devices?.some(hasListAttributes) === true) return;
  for (const { attributes = {} } of spec.devices ?? []) {
    for (const attribute of Object.values(attributes)) {
      for (const kind of attributeListKinds) Reflect.deleteProperty(attribute, kind);
    }
  }
}

/** What devices stand for of their node is switched off as well. */
function dropNodeMappings({ spec }: ResourceSlice, stored?: ResourceSlice): void {
  const maps = (device: Device): boolean => device.nodeAllocatableResourceMappings !== undefined;
  if (stored?.spec.devices?.some(maps) === true) return;
  for (const device of spec.devices ?? []) delete device.nodeAllocatableResourceMappings;
}

function dropDisabled(draft: ResourceSlice, stored?: ResourceSlice): void {
  dropAttributeLists(draft, stored);
  dropNodeMappings(draft, stored);
}

/** Taints know since when they are there. */
function stampTaints({ spec }: ResourceSlice, nowMs: number): void {
  const now = timestamp(nowMs);
  for (const { taints } of spec.devices ?? []) {
    for (const taint of taints ?? []) taint.timeAdded ??= now;
  }
}

/** ResourceSlices: the devices that drivers offer. */
export const resourceSlices = defineResource<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  schema: resourceSlice,
  defaults: (draft) => {
    const partial = draft as { spec?: Partial<ResourceSlice['spec']> };
    const spec = (partial.spec ??= {});
    (spec as { pool?: Partial<ResourceSlice['spec']['pool']> }).pool ??= {};
    fillZeroValues(resourceSlice, draft);
  },
  validate: () => [],
  validateCreate: validateNewSlice,
  validateUpdate: validateSliceUpdate,
  strategy: {
    tracksGeneration: true,
    prepareForCreate: (draft, now) => {
      dropDisabled(draft);
      stampTaints(draft, now);
    },
    prepareForUpdate: (draft, stored, now) => {
      dropDisabled(draft, stored);
      stampTaints(draft, now);
    },
  },
  selectableFields: {
    'spec.driver': ({ spec }) => spec.driver,
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  },
  columns: [
    nameColumn,
    {
      name: 'Node',
      type: 'string',
      description: 'The node that has the devices.',
      priority: 0,
      cell: ({ spec }) => spec.nodeName ?? '',
    },
    {
      name: 'Driver',
      type: 'string',
      description: 'The driver that offers the devices.',
      priority: 0,
      cell: ({ spec }) => spec.driver,
    },
    {
      name: 'Pool',
      type: 'string',
      description: 'The pool the devices belong to.',
      priority: 0,
      cell: ({ spec }) => spec.pool.name,
    },
    ageColumn,
  ],
});
