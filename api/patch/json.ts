/**
 * JSON patch after RFC 6902, with the two liberties Kubernetes takes: `replace` of an absent member adds it, and
 * `test` for null holds where the member is absent. Negative positions count from a list's end, as there.
 */
import { badRequest, failure, isStatusError } from '../meta/status-error.js';
import {
  insertAt,
  isWithin,
  lookUp,
  placeOf,
  PointerError,
  removeAt,
  replaceAt,
} from './json-pointer.js';
import type { Place } from './json-pointer.js';
import type { JsonObject } from './json-value.js';
import { isJsonObject, jsonEqual } from './json-value.js';
import { maxJsonPatchCopiedBytes, maxJsonPatchOperations } from './limits.js';

/** Kubernetes says no more than this of a patch that does not apply; our `cause` has the reason. */
const rejectedFor = (cause: Error): Error =>
  failure({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
    cause,
  });

const rejected = (why: string): Error => rejectedFor(new Error(why));

/** The `cause` of a patch that does not apply because what it tests for is not so. */
export class FailedTest extends Error {
  constructor(path: string) {
    super(`testing value ${path} failed: test failed`);
    this.name = 'FailedTest';
  }
}

const tooLarge = (why: string): Error =>
  failure({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: ${why}`,
  });

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value?: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;

const isOperation = (value: unknown): value is Operation =>
  isJsonObject(value) &&
  operations.some((name) => name === value.op) &&
  typeof value.path === 'string' &&
  ((value.op !== 'move' && value.op !== 'copy') || typeof value.from === 'string');

/** How much text a `copy` adds to the document. */
function copiedBytes(document: JsonObject, operation: Operation): number {
  if (operation.op !== 'copy') return 0;
  const value = lookUp(document, operation.from);
  return value === undefined ? 0 : JSON.stringify(value).length;
}

/** RFC 6902 section 4.6: structures are compared without regard to the order of members; null is what is absent. */
function test(document: JsonObject, path: string, expected: unknown): void {
  if (jsonEqual(lookUp(document, path) ?? null, expected)) return;
  // What is to hold it has to be there at least.
  if (path !== '') placeOf(document, path);
  throw rejectedFor(new FailedTest(path));
}

/** Says of what fails what Kubernetes' patch library says, which people look for. */
function saying<T>(act: () => T, message: (why: string) => string): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof PointerError ? new PointerError(message(error.message)) : error;
  }
}

/** Where an operation is to act. */
const placeFor = (document: JsonObject, op: Operation['op'], path: string, which = ''): Place =>
  saying(
    () => placeOf(document, path),
    () => {
      const shown = op === 'add' || op === 'remove' ? JSON.stringify(path) : path;
      return `${op} operation does not apply: doc is missing ${which}path: ${shown}: missing value`;
    },
  );

const acting = <T>(op: Operation['op'], path: string, act: () => T): T =>
  // Of a replacement it says so, too.
  saying(act, (why) => `error in ${op === 'replace' ? 'remove' : op} for path: '${path}': ${why}`);

function transfer(
  document: JsonObject,
  { op, from, path }: Extract<Operation, { op: 'move' | 'copy' }>,
): void {
  if (op === 'move') {
    if (isWithin(from, path)) throw new PointerError(`${from} cannot move into itself`);
    const source = placeFor(document, op, from, 'from ');
    const value = acting(op, source.token, () => removeAt(source));
    const target = placeFor(document, op, path, 'destination ');
    acting(op, path, () => {
      insertAt(target, value);
    });
    return;
  }
  const value = lookUp(document, from);
  if (value === undefined) throw new PointerError(`there is no ${from}`);
  const target = placeFor(document, op, path, 'destination ');
  acting(op, path, () => {
    insertAt(target, structuredClone(value));
  });
}

function applyOne(document: JsonObject, operation: Operation): void {
  const { op, path } = operation;
  if (path === '' && op !== 'test') throw rejected(`operation ${op} on the whole document`);
  switch (op) {
    case 'test':
      test(document, path, operation.value ?? null);
      return;
    case 'add':
    case 'replace': {
      const place = placeFor(document, op, path);
      const put = op === 'add' ? insertAt : replaceAt;
      acting(op, path, () => {
        put(place, copyOf(operation.value));
      });
      return;
    }
    case 'remove': {
      const place = placeFor(document, op, path);
      acting(op, path, () => removeAt(place));
      return;
    }
    case 'move':
    case 'copy':
      transfer(document, operation);
  }
}

/** The patch may be applied again, to another version, and must not change; what it leaves out is null. */
const copyOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? structuredClone(value) : (value ?? null);

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
      if (isStatusError(error) || !(error instanceof PointerError)) throw error;
      throw rejected(error.message);
    }
  }
  return document;
}
