/** JSON merge patch after RFC 7386: objects merge, null removes, everything else replaces. */
import { badRequest, invalidObject } from '../meta/status-error.js';
import { invalid } from '../validation/field-error.js';
import type { JsonObject } from './json-value.js';
import { isJsonObject, setOwn } from './json-value.js';

/** The result of merging `patch` into `original`. Neither is changed; unchanged parts are shared with `original`. */
function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = isJsonObject(original) ? { ...original } : {};
  for (const name in patch) {
    const value = patch[name];
    if (value === null) Reflect.deleteProperty(result, name);
    else {
      const before = Object.hasOwn(result, name) ? result[name] : undefined;
      setOwn(result, name, mergePatch(before, value));
    }
  }
  return result;
}

/** What decoding would say of a list where an object is due, in the place where Kubernetes finds it. */
const notAnObject = (value: unknown): Error =>
  invalidObject({ group: '', kind: '' }, '', [
    invalid(
      'patch',
      JSON.stringify(value),
      'couldn\'t get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    ),
  ]);

/** Merges a patch into an API object. Throws Invalid where the patch is a list, BadRequest where it is a scalar. */
export function applyMergePatch(original: JsonObject, patch: unknown): JsonObject {
  if (Array.isArray(patch)) throw notAnObject(patch);
  if (!isJsonObject(patch)) throw badRequest('Invalid JSON Patch');
  return mergePatch(original, patch) as JsonObject;
}
