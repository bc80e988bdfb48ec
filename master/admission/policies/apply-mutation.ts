/** What one mutation of a policy makes of an object: a merge of what its expression gives, or a JSON patch. */
import { appliedProblems } from '../../../api/managed-fields/check-applied.js';
import type { Shape } from '../../../api/managed-fields/shape.js';
import { memberShape, objectShape, resolved } from '../../../api/managed-fields/shape.js';
import { mergeConfiguration } from '../../../api/managed-fields/merge.js';
import { jsonFromValue } from '../../../api/cel/json-values.js';
import { CelError, CelList, CelMap } from '../../../api/cel/values.js';
import type { Value } from '../../../api/cel/values.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { applyJsonPatch, FailedTest } from '../../../api/patch/json.js';
import { isJsonObject } from '../../../api/patch/json-value.js';
import type { JsonObject } from '../../../api/patch/json-value.js';
import { writtenFormOf, writtenObject } from '../../../api/schema/unset-fields.js';
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
  if (known.atomic && path !== '') yield path;
  if (known.type === 'list') {
    if (!Array.isArray(value)) return;
    for (const [at, item] of (value as unknown[]).entries()) {
      yield* atomicPaths(known.items, item, `${path}[${String(at)}]`);
    }
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
  const problems = appliedProblems(shape, configuration);
  if (problems !== undefined) {
    throw new MutationError(
      `error applying patch: failed to convert patch object to typed object: ${problems}`,
    );
  }
  const atomics = [...atomicPaths(shape, configuration, '')];
  if (atomics.length > 0) {
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  }
}

/** What objects are called that stand in places with another name, such as `Object.spec{selector: Object.spec.wrong{}}`. */
function* misplaced(value: Value, place: string): Generator<string> {
  if (value instanceof CelList) {
    for (const item of value) yield* misplaced(item, place);
    return;
  }
  if (!(value instanceof CelMap)) return;
  const isObject = isObjectName(value.typeName);
  if (isObject && value.typeName !== place) {
    yield `unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(place)}, which matches field name path from root Object type`;
  }
  for (const key of value.keys()) {
    const inner = value.get(key);
    if (inner === undefined) continue;
    yield* misplaced(inner, isObject && typeof key === 'string' ? `${place}.${key}` : place);
  }
}

const isObjectName = (name: string | undefined): name is string =>
  name === 'Object' || (name?.startsWith('Object.') ?? false);

function checkNames(value: Value): void {
  if (!(value instanceof CelMap) || !isObjectName(value.typeName)) return;
  const errors = [...misplaced(value, value.typeName)];
  if (errors.length > 0) throw new MutationError(`type mismatch: ${errors.join('\n')}`);
}

/** What patches put into an object. */
function* patchedValues(operations: Value): Generator<Value> {
  if (!(operations instanceof CelList)) return;
  for (const operation of operations) {
    const value = operation instanceof CelMap ? operation.get('value') : undefined;
    if (value !== undefined) yield value;
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
  checkNames(value);
  const configuration = jsonOf(value);
  if (!isJsonObject(configuration)) throw new MutationError('must evaluate to Object');
  checkConfiguration(resource, configuration);
  const live = object as unknown as JsonObject;
  const { apiVersion, kind } = object;
  const merged = mergeConfiguration(objectShape(resource.schema), live, configuration);
  return { ...merged, apiVersion, kind } as unknown as KubeObject;
}

/**
 * The object in the form it is written in, patched; undefined where a test of the patch says that it is not meant for this object.
 * Throws MutationError where the patch does not apply.
 */
export function patchValue(
  resource: ResourceDefinition,
  object: KubeObject,
  value: Value,
): KubeObject | undefined {
  for (const put of patchedValues(value)) checkNames(put);
  const operations = jsonOf(value);
  const before = writtenObject(object, resource) as unknown as JsonObject;
  try {
    const patched = applyJsonPatch(before, operations) as unknown as KubeObject;
    return writtenFormOf(resource.schema).read(patched);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof FailedTest) return undefined;
    throw new MutationError(`JSON Patch: ${errorText(cause)}`, { cause: error });
  }
}
