/** What one mutation of a policy makes of an object: a merge of what its expression gives, or a JSON patch. */
import type { Shape } from '../../../api/managed-fields/shape.js';
import { memberShape, objectShape, resolved } from '../../../api/managed-fields/shape.js';
import { mergeConfiguration } from '../../../api/managed-fields/merge.js';
import { jsonFromValue } from '../../../api/cel/json-values.js';
import { CelError } from '../../../api/cel/values.js';
import type { Value } from '../../../api/cel/values.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { applyJsonPatch } from '../../../api/patch/json.js';
import { isJsonObject } from '../../../api/patch/json-value.js';
import type { JsonObject } from '../../../api/patch/json-value.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { errorText } from '../../../machinery/error-text.js';

/** The change cannot be made: the policy's failure policy decides. */
export class MutationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MutationError';
  }
}

/** What an apply would replace as a whole, and so might lose something of. */
function* atomicPaths(shape: Shape, value: unknown, path: string): Generator<string> {
  const known = resolved(shape, value);
  if (known.type === 'leaf') return;
  if (known.atomic && path !== '') {
    yield path;
    return;
  }
  if (known.type === 'list') {
    if (!Array.isArray(value)) return;
    for (const item of value as unknown[]) yield* atomicPaths(known.items, item, `${path}[]`);
    return;
  }
  if (!isJsonObject(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    const below = memberShape(known, name);
    if (below !== undefined) yield* atomicPaths(below, inner, `${path}.${name}`);
  }
}

const identity = ['name', 'namespace', 'generateName', 'uid', 'resourceVersion', 'managedFields'];

function checkConfiguration(resource: ResourceDefinition, configuration: JsonObject): void {
  const { metadata } = configuration;
  const named = identity.filter((field) => isJsonObject(metadata) && metadata[field] !== undefined);
  const [first] = named;
  if (first !== undefined) throw new MutationError(`may not set metadata.${first}`);
  const shape = objectShape(resource.schema);
  const [atomic] = atomicPaths(shape, configuration, '');
  if (atomic !== undefined) {
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic}`,
    );
  }
}

function jsonOf(value: Value): unknown {
  try {
    return jsonFromValue(value);
  } catch (error) {
    if (error instanceof CelError) throw new MutationError(error.message, { cause: error });
    throw error;
  }
}

/** Merges as server-side apply does, but nobody comes to own anything. Throws MutationError. */
export function applyValue(
  resource: ResourceDefinition,
  object: KubeObject,
  value: Value,
): KubeObject {
  const configuration = jsonOf(value);
  if (!isJsonObject(configuration)) throw new MutationError('must evaluate to Object');
  checkConfiguration(resource, configuration);
  const live = object as unknown as JsonObject;
  const { apiVersion, kind } = object;
  const merged = mergeConfiguration(objectShape(resource.schema), live, configuration);
  return { ...merged, apiVersion, kind } as unknown as KubeObject;
}

/** Throws MutationError where the patch does not apply. */
export function patchValue(object: KubeObject, value: Value): KubeObject {
  const operations = jsonOf(value);
  try {
    const patched = applyJsonPatch(object as unknown as JsonObject, operations);
    return patched as unknown as KubeObject;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = errorText(cause);
    throw new MutationError(`JSON Patch: ${why}`, { cause: error });
  }
}
