import { condition } from '../../meta/v1/condition.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { typeFields } from '../../meta/v1/type-meta.js';
import { defineResource } from '../../schema/resource.js';
import { definition, int32, int64, keyedBy, list, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateConditions } from '../../validation/conditions.js';
import { validateDriverName } from '../../validation/driver-name.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, index, invalid, required } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { validateNodeName } from '../v1/device-validation.js';
import { defaultPoolLimit, maxPoolLimit } from '../v1/limits.js';
import { validatePoolName } from '../v1/resource-checks.js';
import type { PoolStatus, ResourcePoolStatusRequest } from './types.js';

export const resourcePoolStatusRequestSpec = definition(
  'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec',
  'Which pools are asked about; never changes.',
  {
    driver: string(1, 'Name of the driver whose pools are meant.', { required: true }),
    limit: int32(3, 'How many pools the answer may have, from 1 to 1000.', {
      default: defaultPoolLimit,
    }),
    poolName: string(2, 'Name of the one pool that is meant; all of the driver where absent.'),
  },
);

export const poolStatus = definition(
  'io.k8s.api.resource.v1alpha3.PoolStatus',
  'How many devices of a pool there are, and how many are free.',
  {
    allocatedDevices: int32(5, 'Devices that claims have.'),
    availableDevices: int32(6, 'Devices that claims can get.'),
    driver: string(1, 'Name of the driver.', { required: true }),
    generation: int64(9, 'The generation of the pool that was counted.', { required: true }),
    nodeName: string(3, 'The node that has the pool, if one has.'),
    poolName: string(2, 'Name of the pool.', { required: true }),
    resourceSliceCount: int32(8, 'How many slices the pool is made of.'),
    totalDevices: int32(4, 'Devices in all slices.'),
    unavailableDevices: int32(7, 'Devices that are free but cannot be had, because of taints.'),
    validationError: string(10, 'Why the pool could not be counted.'),
  },
);

export const resourcePoolStatusRequestStatus = definition(
  'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestStatus',
  'The answer; never changes once it is there.',
  {
    conditions: list(3, condition, 'Complete or Failed.', keyedBy('type')),
    poolCount: int32(6, 'How many pools there are, those left out included.', { required: true }),
    pools: list(2, poolStatus, 'The pools by driver and name.', { listType: 'atomic' }),
  },
);

export const resourcePoolStatusRequest = definition(
  'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequest',
  'Asks once how full pools of devices are.',
  {
    ...typeFields,
    metadata: ref(1, objectMeta, 'Name, labels and what else every object has.', {
      required: true,
    }),
    spec: ref(2, resourcePoolStatusRequestSpec, 'What is asked.', { required: true }),
    status: ref(3, resourcePoolStatusRequestStatus, 'The answer; written by a controller.'),
  },
);

function validateRequest({ spec }: ResourcePoolStatusRequest): FieldError[] {
  const { driver, poolName, limit } = spec;
  const errors =
    driver === ''
      ? [required('spec.driver', 'driver name is required')]
      : validateDriverName(driver, 'spec.driver');
  if (poolName === '') {
    errors.push(invalid('spec.poolName', poolName, 'must not be empty when specified'));
  } else if (poolName !== undefined) errors.push(...validatePoolName(poolName, 'spec.poolName'));
  if (limit !== undefined && limit < 1) {
    errors.push(invalid('spec.limit', limit, 'must be at least 1'));
  }
  if (limit !== undefined && limit > maxPoolLimit) {
    errors.push(invalid('spec.limit', limit, `must not exceed ${String(maxPoolLimit)}`));
  }
  return errors;
}

const counts = [
  'totalDevices',
  'allocatedDevices',
  'availableDevices',
  'unavailableDevices',
  'resourceSliceCount',
  'generation',
] as const;

function validatePool(pool: PoolStatus, field: string): FieldError[] {
  return [
    ...validateDriverName(pool.driver, child(field, 'driver')),
    ...validatePoolName(pool.poolName, child(field, 'poolName')),
    ...(pool.nodeName === undefined
      ? []
      : validateNodeName(pool.nodeName, child(field, 'nodeName'))),
    ...counts.flatMap((name) => {
      const count = pool[name] ?? 0;
      return count < 0 ? [invalid(child(field, name), count, 'must be non-negative')] : [];
    }),
  ];
}

function validateAnswer(
  { status }: Partial<ResourcePoolStatusRequest>,
  stored: Partial<ResourcePoolStatusRequest>,
): FieldError[] {
  if (stored.status !== undefined) return immutable('status', status, stored.status);
  if (status === undefined) return [];
  return [
    ...(status.pools ?? []).flatMap((pool, at) => validatePool(pool, index('status.pools', at))),
    ...validateConditions(status.conditions, 'status.conditions'),
    ...(status.poolCount < 0
      ? [invalid('status.poolCount', status.poolCount, 'must be non-negative')]
      : []),
  ];
}

/** ResourcePoolStatusRequests: questions how full pools of devices are. */
export const resourcePoolStatusRequests = defineResource<ResourcePoolStatusRequest>({
  group: 'resource.k8s.io',
  version: 'v1alpha3',
  kind: 'ResourcePoolStatusRequest',
  plural: 'resourcepoolstatusrequests',
  scope: 'Cluster',
  shortNames: ['rpsr'],
  schema: resourcePoolStatusRequest,
  status: true,
  defaults: (draft) => {
    const partial = draft as { spec?: Partial<ResourcePoolStatusRequest['spec']> };
    const spec = (partial.spec ??= {});
    spec.limit ??= defaultPoolLimit;
    fillZeroValues(resourcePoolStatusRequest, draft);
  },
  validate: validateRequest,
  validateUpdate: ({ spec }, stored) => immutable('spec', spec, stored.spec),
  validateStatusUpdate: validateAnswer,
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      delete (draft as Partial<ResourcePoolStatusRequest>).status;
    },
  },
});
