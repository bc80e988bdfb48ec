/** What is allowed in a device of a slice. Called by the checks of slices. */
import { validateNodeSelector } from '../../core/v1/pod/validate-scheduling.js';
import { jsonEqual } from '../../patch/json-value.js';
import { quantitySign } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  index,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.js';
import { validateLabelName } from '../../validation/labels.js';
import { byteLength, dns1123SubdomainErrors, labelValueErrors } from '../../validation/names.js';
import { validateCapacity } from './capacity-validation.js';
import {
  maxAttributesAndCapacities,
  maxAttributeValueBytes,
  maxAttributeValues,
  maxConsumedSets,
  maxCounters,
  maxTolerations,
} from './limits.js';
import {
  taintEffects,
  validateAttributeName,
  validateBindingConditions,
  validateLabelText,
  validateList,
  validateMap,
  validateSet,
} from './resource-checks.js';
import { parseSemanticVersion } from '../../semantic-version.js';
import type {
  Counter,
  Device,
  DeviceAttribute,
  DeviceTaint,
  NodeAllocatableResourceMapping,
} from './types.js';

const unlimited = Number.POSITIVE_INFINITY;
/** The kinds of values an attribute may have several of. */
export const attributeListKinds = ['bools', 'ints', 'strings', 'versions'] as const;
const valueKinds = ['bool', 'int', 'string', 'version', ...attributeListKinds] as const;

const validateText = (value: string, field: string): FieldError[] =>
  byteLength(value) > maxAttributeValueBytes ? [tooLong(field, maxAttributeValueBytes)] : [];

const validateVersion = (value: string, field: string): FieldError[] => [
  ...(parseSemanticVersion(value) !== undefined
    ? []
    : [invalid(field, value, 'must be a string compatible with semver.org spec 2.0.0')]),
  ...validateText(value, field),
];

function validateAttribute(attribute: DeviceAttribute, field: string): FieldError[] {
  const { string: text, version, strings = [], versions = [] } = attribute;
  const errors = [
    ...(text === undefined ? [] : validateText(text, child(field, 'string'))),
    ...(version === undefined ? [] : validateVersion(version, child(field, 'version'))),
    ...strings.flatMap((item, at) => validateText(item, index(child(field, 'strings'), at))),
    ...versions.flatMap((item, at) => validateVersion(item, index(child(field, 'versions'), at))),
  ];
  for (const kind of attributeListKinds) {
    if (attribute[kind]?.length === 0) {
      errors.push(invalid(child(field, kind), [], 'must not be empty if specified'));
    }
  }
  const set = valueKinds.filter((kind) => attribute[kind] !== undefined).length;
  if (set !== 1) {
    const value = set === 0 ? '' : attribute;
    errors.push(invalid(field, value, 'exactly one value must be specified'));
  }
  return errors;
}

/** Whether any attribute of the device is a list. */
export const hasListAttributes = ({ attributes = {} }: Device): boolean =>
  Object.values(attributes).some((attribute) =>
    attributeListKinds.some((kind) => attribute[kind] !== undefined),
  );

const valuesOf = (attribute: DeviceAttribute): number =>
  Math.max(
    1,
    attributeListKinds.reduce((sum, kind) => sum + (attribute[kind]?.length ?? 0), 0),
  );

function validateSizes({ attributes = {}, capacity = {} }: Device, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const entries = Object.keys(attributes).length + Object.keys(capacity).length;
  if (entries > maxAttributesAndCapacities) {
    const detail = `the total number of attributes and capacities must not exceed ${String(maxAttributesAndCapacities)}`;
    errors.push(invalid(field, entries, detail));
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valuesOf(attribute), 0);
  if (values > maxAttributeValues) {
    const detail = `the total number of attribute values must not exceed ${String(maxAttributeValues)}`;
    errors.push(invalid(field, values, detail));
  }
  return errors;
}

/** Checks a taint. */
export function validateTaint(taint: DeviceTaint, field: string): FieldError[] {
  const { key, value = '', effect } = taint as { key: string; value?: string; effect: string };
  const path = child(field, 'effect');
  const errors = validateLabelName(key, child(field, 'key'));
  if (value !== '')
    errors.push(...invalidBecause(child(field, 'value'), value, labelValueErrors(value)));
  if (effect === '') errors.push(required(path));
  else if (!taintEffects.some((known) => known === effect)) {
    errors.push(notSupported(path, effect, taintEffects));
  }
  return errors;
}

/** Checks counters, of which there has to be one. */
export function validateCounters(
  counters: Readonly<Record<string, Counter>> | undefined,
  field: string,
): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(field)];
  return validateMap(counters, field, maxCounters, { name: validateLabelText, value: () => [] });
}

/** Checks the name of a node. */
export const validateNodeName = (name: string, field: string): FieldError[] =>
  invalidBecause(field, name, dns1123SubdomainErrors(name));

function validateReach(device: Device, field: string, perDevice: boolean): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!perDevice) {
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    const given = nodeName ?? nodeSelector ?? allNodes;
    return given === undefined ? [] : [invalid(field, undefined, detail)];
  }
  const errors: FieldError[] = [];
  const set: string[] = [];
  if (nodeName === '') {
    errors.push(invalid(child(field, 'nodeName'), '', 'must not be empty'));
  } else if (nodeName !== undefined) {
    set.push('`nodeName`');
    errors.push(...validateNodeName(nodeName, child(field, 'nodeName')));
  }
  if (nodeSelector !== undefined) {
    set.push('`nodeSelector`');
    errors.push(...validateNodeSelector(nodeSelector, child(field, 'nodeSelector')));
  }
  if (allNodes === true) set.push('`allNodes`');
  if (allNodes === false) {
    errors.push(invalid(child(field, 'allNodes'), false, 'must be either unset or set to true'));
  }
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (set.length === 0) errors.push(required(field, detail));
  if (set.length > 1) errors.push(invalid(field, `{${set.join(', ')}}`, detail));
  return errors;
}

const nodeResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

function validateMapping(
  { capacityKey, allocationMultiplier }: NodeAllocatableResourceMapping,
  field: string,
  { capacity = {} }: Device,
): FieldError[] {
  const errors: FieldError[] = [];
  const [keyPath, factorPath] = [child(field, 'capacityKey'), child(field, 'allocationMultiplier')];
  if (capacityKey !== undefined && !Object.hasOwn(capacity, capacityKey)) {
    errors.push(notFound(keyPath, capacityKey));
  }
  if (allocationMultiplier !== undefined && quantitySign(allocationMultiplier) <= 0) {
    errors.push(invalid(factorPath, allocationMultiplier, 'must be positive'));
  }
  return errors;
}

/** Checks one device; what did not change since it was stored is not checked again where Kubernetes does not. */
export function validateDevice(
  device: Device,
  field: string,
  { stored, perDevice }: { readonly stored: Device | undefined; readonly perDevice: boolean },
): FieldError[] {
  const shared = device.allowMultipleAllocations === true;
  const isOld = (part: 'capacity' | 'taints'): boolean =>
    stored !== undefined && jsonEqual(device[part] ?? null, stored[part] ?? null);
  return [
    ...validateLabelText(device.name, child(field, 'name')),
    ...validateSizes(device, field),
    ...validateMap(device.attributes, child(field, 'attributes'), unlimited, {
      name: validateAttributeName,
      value: validateAttribute,
    }),
    ...(isOld('capacity')
      ? []
      : validateMap(device.capacity, child(field, 'capacity'), unlimited, {
          name: validateAttributeName,
          value: (capacity, path) => validateCapacity(capacity, path, shared),
        })),
    ...(isOld('taints')
      ? []
      : validateList(device.taints, child(field, 'taints'), maxTolerations, validateTaint)),
    ...validateSet(device.consumesCounters, child(field, 'consumesCounters'), maxConsumedSets, {
      check: ({ counterSet, counters }, path) => [
        ...(counterSet === ''
          ? [required(child(path, 'counterSet'))]
          : validateLabelText(counterSet, child(path, 'counterSet'))),
        ...validateCounters(counters, child(path, 'counters')),
      ],
      keyOf: ({ counterSet }) => counterSet,
    }),
    ...validateReach(device, field, perDevice),
    ...validateBindingConditions(device, field),
    ...validateMap(
      device.nodeAllocatableResourceMappings,
      child(field, 'nodeAllocatableResourceMappings'),
      unlimited,
      {
        name: (name, path) =>
          nodeResources.has(name) || name.startsWith('hugepages-')
            ? []
            : [invalid(`${path}[${name}]`, name, 'must be a node allocatable resource name')],
        value: (mapping, path) => validateMapping(mapping, path, device),
      },
    ),
  ];
}
