/** JSON merge patch after RFC 7386: objects merge, null removes, everything else replaces. */
import { badRequest } from '../meta/status-error.js';
import type { JsonObject } from './json-value.js';
import { isJsonObject, setOwn } from './json-value.js';

/** The result of merging `patch` into `original`. Neither is changed; unchanged parts are shared with `original`. */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = isJsonObject(original) ? { ...original } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else {
      const before = Object.hasOwn(result, name) ? result[name] : undefined;
      setOwn(result, name, mergePatch(before, value));
    }
  }
  return result;
}

/** Merges a patch into an API object. Throws BadRequest where the patch is not an object. */
export function applyMergePatch(original: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) {
    const kind = Array.isArray(patch) ? 'array' : typeof patch;
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    );
  }
  return mergePatch(original, patch) as JsonObject;
}
