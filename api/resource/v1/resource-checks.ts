/** Checks that several dynamic resource kinds share, with Kubernetes' texts. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  invalidBecause,
  index,
  invalid,
  key,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../validation/field-error.js';
import { validateLabelName } from '../../validation/labels.js';
import {
  byteLength,
  cIdentifierErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
} from '../../validation/names.js';
import { expressionErrors } from './device-expressions.js';
import {
  maxAttributeNameBytes,
  maxBindingConditions,
  maxClaimEntries,
  maxParametersBytes,
  maxPoolNameBytes,
  maxTolerations,
} from './limits.js';
import type { DeviceSelector, DeviceToleration, OpaqueDeviceConfiguration } from './types.js';
import { validateDriverName } from '../../validation/driver-name.js';

/** Checks one element; gets its path. */
export type Check<T> = (item: T, field: string) => readonly FieldError[];

/** The effects of taints, sorted as they are printed. */
export const taintEffects = ['NoExecute', 'NoSchedule', 'None'] as const;

/** Checks every element of a list that may have so many. */
export function validateList<T>(
  items: readonly T[] | undefined,
  field: string,
  max: number,
  check: Check<T>,
): FieldError[] {
  const given = items ?? [];
  if (given.length > max) return [tooMany(field, given.length, max)];
  return given.flatMap((item, at) => check(item, index(field, at)));
}

/** As `validateList`, of a list in which no two elements may have one key. */
export function validateSet<T>(
  items: readonly T[] | undefined,
  field: string,
  max: number,
  { check, keyOf }: { readonly check: Check<T>; readonly keyOf: (item: T) => unknown },
): FieldError[] {
  const given = items ?? [];
  const errors = validateList(given, field, max, check);
  if (given.length > max) return errors;
  const seen = new Set<string>();
  given.forEach((item, at) => {
    const identity = JSON.stringify(keyOf(item));
    if (seen.has(identity)) errors.push(duplicate(index(field, at), keyOf(item)));
    seen.add(identity);
  });
  return errors;
}

/** Checks every key and value of a map that may have so many. */
export function validateMap<T>(
  entries: Readonly<Record<string, T>> | undefined,
  field: string,
  max: number,
  checks: { readonly name: Check<string>; readonly value: Check<T> },
): FieldError[] {
  const given = Object.entries(entries ?? {});
  if (given.length > max) return [tooMany(field, given.length, max)];
  return given.flatMap(([name, value]) => [
    ...checks.name(name, field),
    ...checks.value(value, key(field, name)),
  ]);
}

/** Checks a DNS label, such as the name of a request or a device. */
export const validateLabelText: Check<string> = (name, field) =>
  invalidBecause(field, name, dns1123LabelErrors(name));

/** Checks the name of a pool: DNS names with slashes between them. */
export function validatePoolName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const errors: FieldError[] = [];
  if (byteLength(name) > maxPoolNameBytes) errors.push(tooLong(field, maxPoolNameBytes));
  return [
    ...errors,
    ...name.split('/').flatMap((part) => invalidBecause(field, part, dns1123SubdomainErrors(part))),
  ];
}

/** Checks the name of a class, which has to be there. */
export const validateClassName = (name: string, field: string): FieldError[] =>
  name === '' ? [required(field)] : invalidBecause(field, name, dns1123SubdomainErrors(name));

function validateIdentifier(name: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (byteLength(name) > maxAttributeNameBytes) errors.push(tooLong(field, maxAttributeNameBytes));
  return [...errors, ...invalidBecause(field, name, cIdentifierErrors(name))];
}

/** Checks the name of an attribute or capacity: an identifier, behind the domain of a driver or not. */
export function validateAttributeName(name: string, field: string): FieldError[] {
  const [domain = '', identifier, more] = name.split('/');
  if (more !== undefined) return [invalid(field, name, 'must not contain more than one slash')];
  if (identifier === undefined) return validateIdentifier(domain, field);
  return [
    ...(domain === ''
      ? [invalid(field, '', 'the domain must not be empty')]
      : validateDriverName(domain, field)),
    ...(identifier === ''
      ? [invalid(field, '', 'the name must not be empty')]
      : validateIdentifier(identifier, field)),
  ];
}

/** As `validateAttributeName`, where the domain must be there. */
export const validateQualifiedAttributeName = (name: string, field: string): FieldError[] => [
  ...validateAttributeName(name, field),
  ...(name.includes('/')
    ? []
    : [
        invalid(
          field,
          name,
          'a fully qualified name must be a domain and a name separated by a slash',
        ),
      ]),
];

const shareIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Checks what tells the shares of a device apart. */
export const validateShareId = (id: string | undefined, field: string): FieldError[] =>
  id === undefined || shareIdPattern.test(id)
    ? []
    : [
        invalid(
          field,
          id,
          'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters',
        ),
      ];

/** Checks an object whose insides only a driver understands. */
export function validateFreeObject(value: unknown, field: string): FieldError[] {
  if (value === undefined || value === null) return [required(field)];
  if (typeof value !== 'object' || Array.isArray(value)) {
    return [invalid(field, '<value omitted>', 'must be a valid JSON object')];
  }
  return byteLength(JSON.stringify(value)) > maxParametersBytes
    ? [tooLong(field, maxParametersBytes)]
    : [];
}

/** Checks settings for a driver, which have to be there. */
export function validateConfiguration(
  opaque: OpaqueDeviceConfiguration | undefined,
  field: string,
): FieldError[] {
  const path = child(field, 'opaque');
  if (opaque === undefined) return [required(path)];
  return [
    ...validateDriverName(opaque.driver, child(path, 'driver')),
    ...validateFreeObject(opaque.parameters, child(path, 'parameters')),
  ];
}

/** Checks conditions on devices. */
export const validateSelectors = (
  selectors: readonly DeviceSelector[] | undefined,
  field: string,
): FieldError[] =>
  validateList(selectors, field, maxClaimEntries, ({ cel }, path) => {
    if (cel === undefined) return [required(child(path, 'cel'))];
    const expressionPath = child(path, 'cel', 'expression');
    if (cel.expression === '') return [required(expressionPath)];
    // What is too long is not even compiled.
    if (byteLength(cel.expression) > maxParametersBytes) {
      return [tooLong(expressionPath, maxParametersBytes)];
    }
    return expressionErrors(cel.expression, expressionPath);
  });

function validateToleration(toleration: DeviceToleration, field: string): FieldError[] {
  const { key: name = '', value = '', effect = '' } = toleration;
  const operator: string = toleration.operator ?? '';
  const errors = name === '' ? [] : validateLabelName(name, child(field, 'key'));
  const valuePath = child(field, 'value');
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(valuePath, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal')
    errors.push(...invalidBecause(valuePath, value, labelValueErrors(value)));
  else if (operator === '') errors.push(required(child(field, 'operator')));
  else errors.push(notSupported(child(field, 'operator'), operator, ['Equal', 'Exists']));
  if (effect !== '' && !taintEffects.some((known) => known === effect)) {
    errors.push(notSupported(child(field, 'effect'), effect, taintEffects));
  }
  return errors;
}

/** Checks tolerations. */
export const validateTolerations = (
  tolerations: readonly DeviceToleration[] | undefined,
  field: string,
): FieldError[] => validateList(tolerations, field, maxTolerations, validateToleration);

/** Checks the two lists of conditions around binding, which come together and share nothing. */
export function validateBindingConditions(
  given: {
    readonly bindingConditions?: string[] | undefined;
    readonly bindingFailureConditions?: string[] | undefined;
  },
  field: string,
): FieldError[] {
  const { bindingConditions: wanted = [], bindingFailureConditions: failures = [] } = given;
  const [path, failurePath] = [
    child(field, 'bindingConditions'),
    child(field, 'bindingFailureConditions'),
  ];
  const sets = { check: validateLabelName, keyOf: (name: string) => name };
  const errors = [
    ...validateSet(wanted, path, maxBindingConditions, sets),
    ...validateSet(failures, failurePath, maxBindingConditions, sets),
  ];
  failures.forEach((name, at) => {
    if (wanted.includes(name)) {
      const detail = 'bindingFailureConditions must not overlap with bindingConditions';
      errors.push(invalid(index(failurePath, at), name, detail));
    }
  });
  if (wanted.length === 0 && failures.length > 0) {
    const detail = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(invalid(path, wanted, detail));
  }
  if (failures.length === 0 && wanted.length > 0) {
    const detail = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(invalid(failurePath, failures, detail));
  }
  return errors;
}
