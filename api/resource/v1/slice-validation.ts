/** What is allowed in a ResourceSlice, and what may change of it. Called by the `resourceSlices` resource. */
import { validateNodeSelector } from '../../core/v1/pod/validate-scheduling.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, required } from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import {
  hasListAttributes,
  validateCounters,
  validateDevice,
  validateNodeName,
} from './device-validation.js';
import { maxCounterSets, maxDevices } from './limits.js';
import { validateLabelText, validatePoolName, validateSet } from './resource-checks.js';
import type { Device, ResourceSlice, ResourceSliceSpec } from './types.js';
import { validateDriverName } from '../../validation/driver-name.js';

const trueOrUnset = 'must be either unset or set to true';
const oneReach =
  'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function validatePool({ pool }: ResourceSliceSpec): FieldError[] {
  const { name, generation, resourceSliceCount } = pool;
  const errors = validatePoolName(name, 'spec.pool.name');
  if (resourceSliceCount <= 0) {
    const path = 'spec.pool.resourceSliceCount';
    errors.push(invalid(path, resourceSliceCount, 'must be greater than zero'));
  }
  if (generation < 0) {
    const path = 'spec.pool.generation';
    errors.push(invalid(path, generation, 'must be greater than or equal to zero'));
  }
  return errors;
}

/** Checks that exactly one way says who can reach the devices. */
function validateReach(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector } = spec;
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName === '') {
    const detail = 'must be either unset or set to a non-empty string';
    errors.push(invalid('spec.nodeName', '', detail));
  } else if (nodeName !== undefined) {
    set.push('`nodeName`');
    errors.push(...validateNodeName(nodeName, 'spec.nodeName'));
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(nodeSelector, 'spec.nodeSelector'));
    const { nodeSelectorTerms: terms } = nodeSelector;
    if (terms.length !== 1) {
      const path = 'spec.nodeSelector.nodeSelectorTerms';
      errors.push(invalid(path, terms, 'must have exactly one node selector term'));
    }
  }
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[name] === true) set.push(`\`${name}\``);
    if (spec[name] === false) errors.push(invalid(child('spec', name), false, trueOrUnset));
  }
  if (set.length === 0) errors.push(required('spec', oneReach));
  if (set.length > 1) {
    const detail = `${oneReach}, but multiple fields are set`;
    errors.push(invalid('spec', `{${set.join(', ')}}`, detail));
  }
  return errors;
}

const isElaborate = (device: Device): boolean =>
  (device.taints ?? []).length > 0 ||
  (device.consumesCounters ?? []).length > 0 ||
  hasListAttributes(device);

function validateSpec(
  spec: ResourceSliceSpec,
  stored: ResourceSliceSpec | undefined,
): FieldError[] {
  const { devices, sharedCounters, perDeviceNodeSelection } = spec;
  const errors = [
    ...validateDriverName(spec.driver, 'spec.driver'),
    ...validatePool(spec),
    ...validateReach(spec),
  ];
  if (sharedCounters !== undefined && devices !== undefined) {
    const detail = 'only one of `sharedCounters` or `devices` is allowed';
    errors.push(invalid('spec', '', detail));
  }
  const limit = (devices ?? []).some(isElaborate) ? maxDevices.elaborate : maxDevices.plain;
  const before = new Map((stored?.devices ?? []).map((device) => [device.name, device]));
  return [
    ...errors,
    ...validateSet(devices, 'spec.devices', limit, {
      check: (device, path) =>
        validateDevice(device, path, {
          stored: before.get(device.name),
          perDevice: perDeviceNodeSelection === true,
        }),
      keyOf: ({ name }) => name,
    }),
    ...validateSet(sharedCounters, 'spec.sharedCounters', maxCounterSets, {
      check: ({ name, counters }, path) => [
        ...(name === ''
          ? [required(child(path, 'name'))]
          : validateLabelText(name, child(path, 'name'))),
        ...validateCounters(counters, child(path, 'counters')),
      ],
      keyOf: ({ name }) => name,
    }),
  ];
}

/** Checks a new slice. */
export const validateNewSlice = ({ spec }: ResourceSlice): FieldError[] =>
  validateSpec(spec, undefined);

/** Checks a changed slice: driver, pool and node stay. */
export const validateSliceUpdate = (
  { spec }: ResourceSlice,
  { spec: stored }: ResourceSlice,
): FieldError[] => [
  ...immutable('spec.pool.name', spec.pool.name, stored.pool.name),
  ...immutable('spec.driver', spec.driver, stored.driver),
  ...immutable('spec.nodeName', spec.nodeName, stored.nodeName),
  ...validateSpec(spec, stored),
];
