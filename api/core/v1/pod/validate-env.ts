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
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  envVarNameErrors,
  objectNameErrors,
  qualifiedNameErrors,
} from '../../../validation/names.js';
import type {
  Container,
  EnvFromSource,
  EnvVar,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../types.js';
import {
  eachOf,
  noBacksteps,
  optionalName,
  requiredName,
  requiredText,
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
/** Fields Kubernetes can name at all, with what it makes of them; others are errors of conversion. */
const knownFields = new Map(
  [...envFields, ...volumeFields, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'].map(
    (name) => [name, name],
  ),
).set('spec.host', 'spec.nodeName');

/** The parts of `path['subscript']`; undefined for a path without one. */
function subscripted(
  text: string,
): { readonly path: string; readonly subscript: string } | undefined {
  const start = text.indexOf("['");
  return start > 0 && start + 2 <= text.length - 2 && text.endsWith("']")
    ? { path: text.slice(0, start), subscript: text.slice(start + 2, -2) }
    : undefined;
}

/** Keys of annotations are compared in lower case. */
const keyFrom: Readonly<Record<string, (subscript: string) => string>> = {
  'metadata.annotations': (subscript) => subscript.toLowerCase(),
  'metadata.labels': (subscript) => subscript,
};

/** Checks a reference to a field of the pod; `allowed` are the fields that make sense where it stands. */
export function validateFieldRef(
  { apiVersion, fieldPath }: Partial<ObjectFieldSelector>,
  allowed: readonly string[],
  field: string,
): FieldError[] {
  if (apiVersion === undefined || apiVersion === '') return [required(child(field, 'apiVersion'))];
  const pathField = child(field, 'fieldPath');
  if (fieldPath === undefined || fieldPath === '') return [required(pathField)];
  const unconvertible = (why: string): FieldError[] => [
    invalid(pathField, fieldPath, `error converting fieldPath: ${why}`),
  ];
  if (apiVersion !== 'v1') return unconvertible(`unsupported pod version: ${apiVersion}`);
  const parts = subscripted(fieldPath);
  if (parts !== undefined) {
    const name = keyFrom[parts.path]?.(parts.subscript);
    return name === undefined
      ? unconvertible(`field label does not support subscript: ${fieldPath}`)
      : invalidBecause(field, name, qualifiedNameErrors(name));
  }
  const known = knownFields.get(fieldPath);
  if (known === undefined) return unconvertible(`field label not supported: ${fieldPath}`);
  return allowed.includes(known) ? [] : [notSupported(pathField, known, allowed)];
}

const resourceFields = ['limits', 'requests'].flatMap((side) =>
  ['cpu', 'ephemeral-storage', 'memory'].map((name) => `${side}.${name}`),
);
const isHugePagesField = (name: string): boolean => /^(limits|requests)\.hugepages-/.test(name);
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

/** What a resource is called in the refusal of a divisor. */
function divisible(resource: string): string | undefined {
  if (isHugePagesField(resource)) return 'hugepages';
  if (!resourceFields.includes(resource)) return undefined;
  const name = resource.slice(resource.indexOf('.') + 1);
  return name === 'ephemeral-storage' ? 'local ephemeral storage' : name;
}

function validateDivisor(resource: string, divisor: string, field: string): FieldError[] {
  const subject = divisible(resource);
  if (subject === undefined || compareQuantities(divisor, 0) === 0) return [];
  const isCpu = subject === 'cpu';
  const allowed = isCpu ? ['1m', '1'] : byteDivisors;
  if (allowed.some((text) => compareQuantities(text, divisor) === 0)) return [];
  const spelled = allowed.join(isCpu ? ' and ' : ', ');
  const detail = `only divisor's values ${spelled} are supported with the ${subject} resource`;
  return [invalid(child(field, 'divisor'), resource, detail)];
}

/** Checks a reference to a container's resources; in a volume it has to name the container. */
export function validateResourceFieldRef(
  { containerName, resource = '', divisor = '0' }: Partial<ResourceFieldSelector>,
  isVolume: boolean,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (isVolume && (containerName ?? '') === '') {
    errors.push(required(child(field, 'containerName')));
  } else if (resource === '') {
    errors.push(required(child(field, 'resource')));
  } else if (!resourceFields.includes(resource) && !isHugePagesField(resource)) {
    errors.push(notSupported(child(field, 'resource'), resource, resourceFields));
  }
  return [...errors, ...validateDivisor(resource, divisor, field)];
}

const keyRef = (
  { name = '', key }: { name?: string | undefined; key?: string },
  field: string,
): FieldError[] => [
  ...invalidBecause(child(field, 'name'), name, dns1123SubdomainErrors(name)),
  ...requiredName(child(field, 'key'), key, configMapKeyErrors),
];

function validateFileKey(ref: FileKeySelector, field: string): FieldError[] {
  const { key, volumeName, path } = ref;
  return [
    ...requiredName(child(field, 'key'), key, envVarNameErrors),
    ...requiredName(child(field, 'volumeName'), volumeName, dns1123LabelErrors),
    ...requiredText(child(field, 'path'), path),
    ...noBacksteps(child(field, 'path'), path),
  ];
}

/** A variable has a value or one place to have it from. */
function validateSourceCount(sources: number, value: string, field: string): FieldError[] {
  const detail =
    sources === 0
      ? 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
      : value !== ''
        ? 'may not be specified when `value` is not empty'
        : sources > 1
          ? 'may not have more than one field specified at a time'
          : undefined;
  return detail === undefined ? [] : [invalid(field, '', detail)];
}

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
    errors.push(...validateFileKey(fileKeyRef, child(field, 'fileKeyRef')));
  }
  const sources = Object.values(valueFrom).filter((source) => source !== undefined).length;
  return [...errors, ...validateSourceCount(sources, variable.value ?? '', field)];
}

/** What may be the beginning of an object's name, as Kubernetes asks of the objects whose entries become variables. */
const namePrefixErrors = (name: string): string[] => objectNameErrors(name, 'subdomain', true);

/** Too few or too many sources are reported at the list, as in Kubernetes. */
function validateEnvFrom(source: EnvFromSource, field: string, list: string): FieldError[] {
  const errors = optionalName(child(field, 'prefix'), source.prefix, envVarNameErrors);
  const { configMapRef, secretRef } = source;
  for (const [name, ref] of [
    ['configMapRef', configMapRef],
    ['secretRef', secretRef],
  ] as const) {
    if (ref === undefined) continue;
    errors.push(...requiredName(child(field, name, 'name'), ref.name, namePrefixErrors));
  }
  if (configMapRef === undefined && secretRef === undefined) {
    errors.push(invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`'));
  } else if (configMapRef !== undefined && secretRef !== undefined) {
    errors.push(invalid(list, '', 'may not have more than one field specified at a time'));
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
  ...eachOf(child(field, 'envFrom'), container.envFrom, (source, path) =>
    validateEnvFrom(source, path, child(field, 'envFrom')),
  ),
];
