/** From a stored object and a patch to the typed object the client wants. */
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { applyJsonPatch } from '../../api/patch/json.js';
import { applyMergePatch } from '../../api/patch/merge.js';
import { applyStrategicMergePatch } from '../../api/patch/strategic.js';
import { writtenFormOf } from '../../api/schema/unset-fields.js';
import { DecodeError } from './codec.js';
import { decodeExpected, decodeValue, invalidPatchResult } from './decode.js';
import type { DecodedObject, ExpectedKind, FieldValidation } from './decode.js';
import { nothingRepeated, problemsOf } from './strict-problems.js';

export type PatchType = 'json' | 'merge' | 'strategic';

const patchTypes: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
]);

/** Undefined for a media type that is no patch this server applies. */
export const patchTypeOf = (mediaType: string): PatchType | undefined => patchTypes.get(mediaType);

type JsonObject = Record<string, unknown>;

function applyPatch(
  stored: KubeObject,
  patch: unknown,
  type: PatchType,
  expected: ExpectedKind,
): JsonObject {
  // Clients see null where a field is not set, and may test or replace it.
  const original = writtenFormOf(expected.schema).written(stored) as unknown as JsonObject;
  switch (type) {
    case 'json':
      return applyJsonPatch(original, patch);
    case 'merge':
      return applyMergePatch(original, patch);
    case 'strategic':
      return applyStrategicMergePatch(original, patch, expected.schema);
  }
}

/** Applies a patch and decodes the result. 422 where the result is not of the kind. */
export function patchedObject(
  stored: KubeObject,
  patch: unknown,
  type: PatchType,
  options: {
    readonly expected: ExpectedKind;
    readonly fieldValidation: FieldValidation;
    /** What is wrong with the patch itself. */
    readonly problems: readonly string[];
  },
): DecodedObject {
  const { expected, fieldValidation, problems } = options;
  const patched = applyPatch(stored, patch, type, expected);
  if (fieldValidation === 'Strict') {
    const unknown = problemsOf(unknownFieldsOf(patched, expected), nothingRepeated);
    const all = [...problems, ...(unknown?.warnings ?? [])];
    if (all.length > 0) {
      throw invalidPatchResult(patched, `strict decoding error: ${all.join(', ')}`);
    }
  }
  try {
    const { object, warnings } = decodeValue(patched, expected, { fieldValidation });
    return { object, warnings: [...problems, ...warnings] };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const [whole, why] = error.message.split(` cannot be handled as a ${expected.kind}: `);
    const isOther = patched.kind !== stored.kind || patched.apiVersion !== stored.apiVersion;
    if (why === undefined && !isOther) throw error;
    throw invalidPatchResult(patched, why ?? whole ?? '');
  }
}

function unknownFieldsOf(value: unknown, expected: ExpectedKind): readonly string[] {
  try {
    return decodeExpected(expected, value).unknownFields;
  } catch (error) {
    // The decoding proper says what is wrong.
    if (error instanceof DecodeError) return [];
    throw error;
  }
}
