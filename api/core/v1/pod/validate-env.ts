/** Checks of environment variables and of references to fields of the pod. Called for containers and volumes. */
import { compareQuantities } from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  invalid,
  notSupported,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import {
  configMapKeyErrors,
  envVarNameErrors,
  qualifiedNameErrors,
} from '../../../validation/names.js';
import type {
  Container,
  EnvFromSource,
  EnvVar,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../types.js';
import {
  eachOf,
  optionalName,
  requiredName,
  requiredText,
  unreservedPath,
} from './validate-values.js';

const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields a downward API volume can hold; sorted for messages. */
export const volumeFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** Fields Kubernetes can name at all; others are errors of conversion. */
const knownFields = new Set([
  ...envFields,
  ...volumeFields,
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
]);
const subscripted = /^(.*)\['([^']*)'\]$/;

function validateSubscript(path: string, subscript: string, field: string): FieldError[] {
  switch (path) {
    case 'metadata.annotations':
      return invalidBecause(field, subscript, qualifiedNameErrors(subscript.toLowerCase()));
    case 'metadata.labels':
      return invalidBecause(field, subscript, qualifiedNameErrors(subscript));
    default:
      return [invalid(field, path, 'does not support subscript')];
  }
}

/** Checks a reference to a field of the pod; `allowed` are the fields that make sense where it stands. */
export function validateFieldRef(
  { apiVersion, fieldPath }: Partial<ObjectFieldSelector>,
  allowed: readonly string[],
  field: string,
): FieldError[] {
  if (apiVersion === undefined || apiVersion === '') return [required(child(field, 'apiVersion'))];
  const pathField = child(field, 'fieldPath');
  if (fieldPath === undefined || fieldPath === '') return [required(pathField)];
  const [, base, subscript] = subscripted.exec(fieldPath) ?? [];
  if (base !== undefined && subscript !== undefined) {
    return validateSubscript(base, subscript, field);
  }
  if (!knownFields.has(fieldPath)) {
    const detail = `error converting fieldPath: field label not supported: ${fieldPath}`;
    return [invalid(pathField, fieldPath, detail)];
  }
  return allowed.includes(fieldPath) ? [] : [notSupported(pathField, fieldPath, allowed)];
}

const resourceFields = ['limits', 'requests'].flatMap((side) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${side}.${name}`),
);
const isHugePagesField = (name: string): boolean => /^(limits|requests)\.hugepages-./.test(name);
const byteDivisors = [
  '1',
  '1k',
  '1M',
  '1G',
  '1T',
  '1P',
  '1E',
  '1Ki',
  '1Mi',
  '1Gi',
  '1Ti',
  '1Pi',
  '1Ei',
];

function validateDivisor(resource: string, divisor: string, field: string): FieldError[] {
  if (compareQuantities(divisor, 0) === 0) return [];
  const name = resource.split('.').slice(1).join('.');
  const allowed = name === 'cpu' ? ['1m', '1'] : byteDivisors;
  if (allowed.some((text) => compareQuantities(text, divisor) === 0)) return [];
  const spelled = name === 'cpu' ? 'values 1m and 1 are' : `values ${byteDivisors.join(', ')} are`;
  const detail = `only divisor's ${spelled} supported with the ${name.replace(/-.*$/, (rest) => (rest === '-storage' ? rest : ''))} resource`;
  return [invalid(child(field, 'divisor'), resource, detail)];
}

/** Checks a reference to a container's resources; in a volume it has to name the container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor = '0' }: Partial<ResourceFieldSelector>,
  isVolume: boolean,
  field: string,
): FieldError[] {
  if (isVolume && (containerName ?? '') === '') return [required(child(field, 'containerName'))];
  if (resource === undefined || resource === '') return [required(child(field, 'resource'))];
  const errors: FieldError[] = [];
  if (!resourceFields.includes(resource) && !isHugePagesField(resource)) {
    errors.push(notSupported(child(field, 'resource'), resource, resourceFields));
  }
  return [...errors, ...validateDivisor(resource, divisor, field)];
}

const keyRef = (ref: { name?: string | undefined; key?: string }, field: string): FieldError[] => [
  ...requiredText(child(field, 'name'), ref.name),
  ...requiredName(child(field, 'key'), ref.key, configMapKeyErrors),
];

function validateValueFrom(variable: EnvVar, field: string): FieldError[] {
  const { valueFrom } = variable;
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const errors: FieldError[] = [];
  if (fieldRef !== undefined) {
    errors.push(...validateFieldRef(fieldRef, envFields, child(field, 'fieldRef')));
  }
  if (resourceFieldRef !== undefined) {
    const path = child(field, 'resourceFieldRef');
    errors.push(...validateResourceFieldRef(resourceFieldRef, false, path));
  }
  if (configMapKeyRef !== undefined) {
    errors.push(...keyRef(configMapKeyRef, child(field, 'configMapKeyRef')));
  }
  if (secretKeyRef !== undefined) {
    errors.push(...keyRef(secretKeyRef, child(field, 'secretKeyRef')));
  }
  if (fileKeyRef !== undefined) {
    const path = child(field, 'fileKeyRef');
    errors.push(
      ...requiredName(child(path, 'key'), fileKeyRef.key, envVarNameErrors),
      ...requiredText(child(path, 'volumeName'), fileKeyRef.volumeName),
      ...requiredName(child(path, 'path'), fileKeyRef.path, (text) =>
        unreservedPath('', text).map(({ message }) => message),
      ),
    );
  }
  const sources = Object.values(valueFrom).filter((source) => source !== undefined).length;
  if ((variable.value ?? '') !== '') {
    if (sources > 0) {
      errors.push(invalid(field, '', 'may not be specified when `value` is not empty'));
    }
  } else if (sources === 0) {
    const detail =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(field, '', detail));
  }
  if (sources > 1) {
    errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function validateEnvFrom(source: EnvFromSource, field: string): FieldError[] {
  const errors = optionalName(child(field, 'prefix'), source.prefix, envVarNameErrors);
  const { configMapRef, secretRef } = source;
  if (configMapRef !== undefined) {
    errors.push(...requiredText(child(field, 'configMapRef', 'name'), configMapRef.name));
  }
  if (secretRef !== undefined) {
    errors.push(...requiredText(child(field, 'secretRef', 'name'), secretRef.name));
  }
  if (configMapRef === undefined && secretRef === undefined) {
    errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
  } else if (configMapRef !== undefined && secretRef !== undefined) {
    errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

/** Checks a container's environment. */
export const validateEnv = (
  container: Pick<Container, 'env' | 'envFrom'>,
  field: string,
): FieldError[] => [
  ...eachOf(child(field, 'env'), container.env, (variable, path) => [
    ...requiredName(child(path, 'name'), variable.name, envVarNameErrors),
    ...validateValueFrom(variable, child(path, 'valueFrom')),
  ]),
  ...eachOf(child(field, 'envFrom'), container.envFrom, validateEnvFrom),
];
