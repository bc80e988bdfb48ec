/**
 * JSON patch after RFC 6902, with the two liberties Kubernetes takes: `replace` of an absent member adds it, and
 * `test` for null holds where the member is absent.
 */
import type { Operation } from 'rfc6902';
import { applyPatch, Pointer } from 'rfc6902';
import { badRequest, failure } from '../meta/status-error.js';
import type { JsonObject } from './json-value.js';
import { isJsonObject, jsonEqual } from './json-value.js';
import { maxJsonPatchCopiedBytes, maxJsonPatchOperations } from './limits.js';

/** Kubernetes says no more than this of a patch that does not apply; our `cause` has the reason. */
const rejected = (cause: string): Error =>
  failure({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
    cause: new Error(cause),
  });

const tooLarge = (why: string): Error =>
  failure({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: ${why}`,
  });

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;

const isOperation = (value: unknown): value is Operation =>
  isJsonObject(value) &&
  operations.some((name) => name === value.op) &&
  typeof value.path === 'string' &&
  ((value.op !== 'move' && value.op !== 'copy') || typeof value.from === 'string');

interface Endpoint {
  readonly parent: unknown;
  readonly value: unknown;
}

function endpointOf(document: JsonObject, path: string): Endpoint {
  const found: Endpoint = Pointer.fromJSON(path).evaluate(document);
  return found;
}

/** What Kubernetes' JSON patch library makes of operations that the RFC would refuse. */
function tolerant(document: JsonObject, operation: Operation): Operation | undefined {
  const { parent, value } = endpointOf(document, operation.path);
  if (operation.op === 'replace' && value === undefined && isJsonObject(parent)) {
    const added: unknown = operation.value;
    return { op: 'add', path: operation.path, value: added };
  }
  if (operation.op === 'test' && value === undefined && operation.value === null) return undefined;
  return operation;
}

function copiedBytes(document: JsonObject, operation: Operation): number {
  if (operation.op !== 'copy') return 0;
  const { value } = endpointOf(document, operation.from);
  return value === undefined ? 0 : JSON.stringify(value).length;
}

function applyOne(document: JsonObject, operation: Operation): void {
  if (operation.path === '' && operation.op !== 'test') {
    throw rejected(`operation ${operation.op} on the whole document`);
  }
  const effective = tolerant(document, operation);
  if (effective === undefined) return;
  if (effective.op === 'test') {
    // RFC 6902 section 4.6 compares structures without regard to the order of members.
    if (jsonEqual(endpointOf(document, effective.path).value, effective.value)) return;
    throw rejected(`test of ${effective.path} failed`);
  }
  const [error] = applyPatch(document, [effective]);
  if (error !== null && error !== undefined) throw rejected(error.message);
}

/** Applies a JSON patch to a copy of `original`. Throws BadRequest, Invalid or RequestEntityTooLarge. */
export function applyJsonPatch(original: JsonObject, patch: unknown): JsonObject {
  if (!Array.isArray(patch)) {
    const kind = isJsonObject(patch) ? 'object' : typeof patch;
    throw badRequest(`json: cannot unmarshal ${kind} into Go value of type jsonpatch.Patch`);
  }
  if (patch.length > maxJsonPatchOperations) {
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${String(maxJsonPatchOperations)}, got ${String(patch.length)}`,
    );
  }
  const document = structuredClone(original);
  let copied = 0;
  for (const operation of patch as unknown[]) {
    if (!isOperation(operation)) throw rejected('unknown or incomplete operation');
    try {
      copied += copiedBytes(document, operation);
      if (copied > maxJsonPatchCopiedBytes) {
        throw tooLarge(
          `Unable to complete the copy, the accumulated size increase of copy is ${String(copied)}, exceeding the limit ${String(maxJsonPatchCopiedBytes)}`,
        );
      }
      applyOne(document, operation);
    } catch (error) {
      // The pointer parser throws plain errors for malformed paths.
      if (error instanceof Error && error.name === 'StatusError') throw error;
      throw rejected(error instanceof Error ? error.message : String(error));
    }
  }
  return document;
}
