/** The scale of a custom resource: numbers found by the paths its version names. */
import type { KubeObject } from '../../meta/v1/types.js';
import type { ScaleSubresource } from '../../schema/resource.js';
import type { CustomResourceSubresourceScale } from '../v1/types.js';
import { goText } from '../../managed-fields/go-text.js';
import { invalid } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { isJsonObject } from './json-schema.js';

const namesIn = (path: string): readonly string[] => path.split('.').filter((name) => name !== '');

function read(object: unknown, path: string): unknown {
  let value = object;
  for (const name of namesIn(path)) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function write(object: unknown, path: string, content: number): void {
  const names = namesIn(path);
  let value = object;
  for (const name of names.slice(0, -1)) {
    if (!isJsonObject(value)) return;
    if (!isJsonObject(value[name])) value[name] = {};
    value = value[name];
  }
  const last = names.at(-1);
  if (isJsonObject(value) && last !== undefined) value[last] = content;
}

const numberAt = (object: unknown, path: string): number => {
  const value = read(object, path);
  return typeof value === 'number' ? value : 0;
};

/** Declares the scale subresource that those paths make. */
export const scaleOf = (paths: CustomResourceSubresourceScale): ScaleSubresource<KubeObject> => ({
  replicas: (object) => numberAt(object, paths.specReplicasPath),
  unreadable: (object) =>
    read(object, paths.specReplicasPath) === undefined
      ? `the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`
      : undefined,
  setReplicas: (draft, replicas) => {
    write(draft, paths.specReplicasPath, replicas);
  },
  statusReplicas: (object) => numberAt(object, paths.statusReplicasPath),
  selector: (object) => {
    const value = read(object, paths.labelSelectorPath ?? '');
    return typeof value === 'string' ? value : '';
  },
});

const maxReplicas = 2 ** 31 - 1;

/** Kubernetes' words for a value that is not of the type a path must lead to. */
const accessError = (path: string, value: unknown, wanted: string): string =>
  `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`;

function goTypeOf(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

function replicasErrors(object: unknown, path: string): FieldError[] {
  const value = read(object, path) ?? 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalid(path, 0, accessError(path, value, 'int64'))];
  }
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > maxReplicas
    ? [invalid(path, value, `should be less than or equal to ${String(maxReplicas)}`)]
    : [];
}

/** What is wrong with the number of replicas that is wanted. */
export const specScaleErrors = (
  object: unknown,
  { specReplicasPath }: CustomResourceSubresourceScale,
): FieldError[] => replicasErrors(object, specReplicasPath);

/** What is wrong with the replicas there are, and with the selector that finds them. */
export function statusScaleErrors(
  object: unknown,
  { statusReplicasPath, labelSelectorPath = '' }: CustomResourceSubresourceScale,
): FieldError[] {
  const errors = replicasErrors(object, statusReplicasPath);
  const selector = labelSelectorPath === '' ? '' : (read(object, labelSelectorPath) ?? '');
  if (typeof selector === 'string') return errors;
  const why = accessError(labelSelectorPath, selector, 'string');
  return [...errors, invalid(labelSelectorPath, '', why)];
}
