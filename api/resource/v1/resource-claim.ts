import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { immutable } from '../../validation/object-meta.js';
import { validateClaimStatus } from './claim-status-validation.js';
import { validateDeviceClaim } from './claim-validation.js';
import { defaultClaimSpec } from './claim-defaults.js';
import type { ResourceClaim } from './types.js';
import { definition, list, rawExtension, ref, string, keyedBy } from '../../schema/schema.js';
import { allocationResult } from './allocation.js';
import { deviceClaim } from './device-claim.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const resourceClaimSpec = definition(
  'io.k8s.api.resource.v1.ResourceClaimSpec',
  'The wish of a claim; never changes.',
  {
    devices: ref(1, deviceClaim, 'Which devices are wanted.'),
  },
);

export const networkDeviceData = definition(
  'io.k8s.api.resource.v1.NetworkDeviceData',
  'What is known of a network device.',
  {
    hardwareAddress: string(3, 'The hardware address of the device.'),
    interfaceName: string(1, 'The name of the interface in the pod.'),
    ips: list(2, 'string', 'The addresses of the interface with the lengths of their networks.', {
      listType: 'atomic',
    }),
  },
);

export const allocatedDeviceStatus = definition(
  'io.k8s.api.resource.v1.AllocatedDeviceStatus',
  'What a driver reports about a device in use.',
  {
    conditions: list(4, condition, 'The state of the device.', {
      listType: 'map',
      listMapKeys: ['type'],
      nullWhenUnset: true,
    }),
    data: rawExtension(5, 'More, in the words of the driver; at most 10 KiB.'),
    device: string(3, 'The name of the device in its pool.', { required: true }),
    driver: string(1, 'The driver of the device.', { required: true }),
    networkData: ref(6, networkDeviceData, 'What is known of a network device.'),
    pool: string(2, 'The pool of the device.', { required: true }),
    shareID: string(7, 'Tells apart the shares of a device that is given several times.'),
  },
);

export const resourceClaimConsumerReference = definition(
  'io.k8s.api.resource.v1.ResourceClaimConsumerReference',
  'Names who uses a claim.',
  {
    apiGroup: string(1, 'The API group of the object; the core group when empty.'),
    name: string(4, 'The name of the object.', { required: true }),
    resource: string(3, 'The resource of the object, such as pods.', { required: true }),
    uid: string(5, 'The uid of the object.', { required: true }),
  },
);

export const resourceClaimStatus = definition(
  'io.k8s.api.resource.v1.ResourceClaimStatus',
  'What came of a claim.',
  {
    allocation: ref(1, allocationResult, 'What the claim got; absent until then.'),
    devices: list(4, allocatedDeviceStatus, 'What the drivers report about each device.', {
      listType: 'map',
      listMapKeys: ['driver', 'device', 'pool', 'shareID'],
    }),
    reservedFor: list(
      2,
      resourceClaimConsumerReference,
      'Who may use what the claim got, usually a pod.',
      keyedBy('uid'),
    ),
  },
);

export const resourceClaim = definition(
  'io.k8s.api.resource.v1.ResourceClaim',
  'A wish for devices and what came of it.',
  {
    ...objectFields,
    spec: ref(2, resourceClaimSpec, 'What is wanted.', { required: true }),
    status: ref(3, resourceClaimStatus, 'What is the case; written by controllers.'),
  },
);

/** What has become of a claim, in a few words. */
function stateText({ metadata, status }: ResourceClaim): string {
  const words: string[] = [];
  if (metadata.deletionTimestamp !== undefined) words.push('deleted');
  if (status.allocation === undefined) {
    if (words.length === 0) words.push('pending');
  } else {
    words.push('allocated');
    if ((status.reservedFor ?? []).length > 0) words.push('reserved');
  }
  return words.join(',');
}

/** ResourceClaims: wishes for devices and what came of them. */
export const resourceClaims = defineResource<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  schema: resourceClaim,
  status: true,
  defaults: (draft) => {
    const partial = draft as Partial<ResourceClaim>;
    partial.spec ??= {};
    fillZeroValues(resourceClaim, draft);
    defaultClaimSpec(draft.spec);
    partial.status ??= {};
  },
  validate: () => [],
  validateCreate: ({ spec }) => validateDeviceClaim(spec.devices ?? {}, 'spec.devices'),
  // What is stored never changes, so it is not checked again.
  validateUpdate: (object, stored) => immutable('spec', object.spec, stored.spec),
  validateStatusUpdate: validateClaimStatus,
  strategy: {
    statusKeeps: 'metadata',
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'State',
      type: 'string',
      description: 'What has become of the claim: pending, allocated, reserved, deleted.',
      priority: 0,
      cell: stateText,
    },
    ageColumn,
  ],
});
