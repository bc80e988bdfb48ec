/** What is allowed in the capacity of a device and in how it may be asked for. Called by the checks of devices. */
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantitySign,
} from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, index, invalid, required } from '../../validation/field-error.js';
import { maxCapacityOptions } from './limits.js';
import { validateSet } from './resource-checks.js';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from './types.js';

const exceeds = (amount: string, bound: string): boolean => compareQuantities(amount, bound) > 0;

function validateOptions(
  { value }: DeviceCapacity,
  { default: usual = '', validValues = [] }: CapacityRequestPolicy,
  field: string,
): FieldError[] {
  const path = child(field, 'validValues');
  const errors: FieldError[] = [];
  validValues.forEach((option, at) => {
    const before = validValues[at - 1];
    if (before !== undefined && exceeds(before, option)) {
      errors.push(invalid(index(path, at), option, 'values must be sorted in ascending order'));
    }
  });
  errors.push(
    ...validateSet(validValues, path, maxCapacityOptions, {
      check: (option, at) =>
        exceeds(option, value)
          ? [invalid(at, option, `option is larger than capacity value: ${value}`)]
          : [],
      keyOf: (option) => String(parseQuantity(option).nanos),
    }),
  );
  if (!validValues.some((option) => compareQuantities(option, usual) === 0)) {
    const detail = 'default value is not valid according to the requestPolicy';
    errors.push(invalid(path, usual, detail));
  }
  return errors;
}

/** Whether an amount can be reached from the smallest one in steps. */
function stepErrors(amount: string, min: string, step: string, field: string): FieldError[] {
  const distance = parseQuantity(amount).nanos - parseQuantity(min).nanos;
  return distance % parseQuantity(step).nanos === 0n
    ? []
    : [invalid(field, amount, `value is not a multiple of a given step (${step}) from (${min})`)];
}

function validateStep(
  range: CapacityRequestPolicyRange,
  usual: string,
  capacity: string,
  field: string,
): FieldError[] {
  const { min, max, step } = range;
  if (step === undefined) return [];
  const path = child(field, 'step');
  if (quantitySign(step) <= 0) return [invalid(path, step, 'must be greater than zero')];
  const first = formatQuantity(addQuantities(min, step));
  return [
    ...(exceeds(first, capacity)
      ? [invalid(path, step, `one step ${first} is larger than capacity value: ${capacity}`)]
      : []),
    ...stepErrors(usual, min, step, path),
    ...(max === undefined ? [] : stepErrors(max, min, step, path)),
  ];
}

function validateRange(
  { value }: DeviceCapacity,
  range: CapacityRequestPolicyRange,
  usual: string,
  field: string,
): FieldError[] {
  const { max } = range;
  const { min } = range as Partial<CapacityRequestPolicyRange>;
  const [minPath, maxPath, usualPath] = [
    child(field, 'min'),
    child(field, 'max'),
    child(field, 'default'),
  ];
  if (min === undefined) return [required(minPath, 'required when validRange is defined')];
  const errors: FieldError[] = [];
  if (exceeds(min, value)) {
    errors.push(invalid(minPath, min, `min is larger than capacity value: ${value}`));
  }
  if (exceeds(min, usual)) {
    errors.push(invalid(usualPath, usual, `default is less than min: ${min}`));
  }
  if (max !== undefined) {
    if (exceeds(min, max)) errors.push(invalid(maxPath, min, `min is larger than max: ${max}`));
    if (exceeds(max, value)) {
      errors.push(invalid(maxPath, max, `max is larger than capacity value: ${value}`));
    }
    if (exceeds(usual, max)) {
      errors.push(invalid(usualPath, usual, `default is more than max: ${max}`));
    }
  }
  return [...errors, ...validateStep(range, usual, value, field)];
}

/** Checks one capacity; only a device that can be shared may say how much of it may be asked for. */
export function validateCapacity(
  capacity: DeviceCapacity,
  field: string,
  shared: boolean,
): FieldError[] {
  const { requestPolicy: policy } = capacity;
  if (policy === undefined) return [];
  const path = child(field, 'requestPolicy');
  if (!shared) return [forbidden(path, 'allowMultipleAllocations must be true')];
  const { validValues = [], validRange, default: usual } = policy;
  if (validValues.length > 0 && validRange !== undefined) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(path, detail)];
  }
  if (validValues.length > 0) {
    return usual === undefined
      ? [required(child(path, 'default'), 'required when validValues is defined')]
      : validateOptions(capacity, policy, path);
  }
  if (validRange === undefined) return [];
  return usual === undefined
    ? [required(child(path, 'default'), 'required when validRange is defined')]
    : validateRange(capacity, validRange, usual, child(path, 'validRange'));
}
