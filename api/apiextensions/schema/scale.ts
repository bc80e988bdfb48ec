/** The scale of a custom resource: numbers found by the paths its version names. */
import type { KubeObject } from '../../meta/v1/types.js';
import type { ScaleSubresource } from '../../schema/resource.js';
import type { CustomResourceSubresourceScale } from '../v1/types.js';
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
  setReplicas: (draft, replicas) => {
    write(draft, paths.specReplicasPath, replicas);
  },
  statusReplicas: (object) => numberAt(object, paths.statusReplicasPath),
  selector: (object) => {
    const value = read(object, paths.labelSelectorPath ?? '');
    return typeof value === 'string' ? value : '';
  },
});
