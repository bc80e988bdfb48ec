/**
 * Patches of the fake client: JSON patch `add`, `replace`, `remove` and `test`, and merge patch. A strategic patch goes
 * by the kind's schema where the resource has one; otherwise lists of objects merge by `name`, `type` or `uid`.
 */
import { badRequest, failure } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { applyStrategicMergePatch } from '../../api/patch/strategic.js';
import type { ResourceDefinition, ResourceRef } from '../../api/schema/resource.js';
import type { PatchOptions } from './client.js';
import { isJsonObject } from '../../api/patch/json-value.js';

type Tree = Record<string, unknown>;

/** The object a patch makes of a draft; the draft may be changed. */
export function applyPatch(
  resource: ResourceRef,
  draft: KubeObject,
  options: PatchOptions,
): unknown {
  if (options.type === 'json') return applyJsonPatch(resource, draft, options.body);
  const { schema } = resource as Partial<ResourceDefinition>;
  if (options.type === 'strategic' && schema !== undefined) {
    const original = draft as unknown as Parameters<typeof applyStrategicMergePatch>[0];
    return applyStrategicMergePatch(original, options.body, schema);
  }
  return merge(draft, options.body, options.type === 'strategic');
}

function merge(target: unknown, patch: unknown, strategic: boolean): unknown {
  if (strategic && Array.isArray(patch) && Array.isArray(target)) return mergeLists(target, patch);
  if (!isJsonObject(patch)) return patch;
  const result: Tree = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merge(result[key], value, strategic);
  }
  return result;
}

const mergeKeys = ['uid', 'name', 'type'] as const;

function mergeLists(target: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const result = [...target];
  for (const item of patch) {
    const key = isJsonObject(item) ? mergeKeys.find((name) => name in item) : undefined;
    if (!isJsonObject(item) || key === undefined) {
      if (!result.includes(item)) result.push(item);
      continue;
    }
    const at = result.findIndex((other) => isJsonObject(other) && other[key] === item[key]);
    if (item.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) result.push(item);
    else result[at] = merge(result[at], item, true);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function applyJsonPatch(resource: ResourceRef, draft: KubeObject, body: unknown): unknown {
  if (!Array.isArray(body)) throw badRequest('a JSON patch is a list of operations');
  for (const operation of body as readonly Operation[]) applyOperation(resource, draft, operation);
  return draft;
}

function applyOperation(resource: ResourceRef, draft: KubeObject, operation: Operation): void {
  const unescape = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
  const parts = operation.path.split('/').slice(1).map(unescape);
  const last = parts.pop() ?? '';
  const parent = parts.reduce<unknown>((at, part) => (at as Tree | undefined)?.[part], draft) as
    Tree | unknown[] | undefined;
  const current = (parent as Tree | undefined)?.[last];
  const impossible =
    parent === undefined ||
    (operation.op !== 'add' && operation.op !== 'test' && current === undefined);
  const failedTest =
    operation.op === 'test' && JSON.stringify(current) !== JSON.stringify(operation.value);
  if (impossible || failedTest) {
    throw failure({
      code: 422,
      reason: 'Invalid',
      message: `the ${operation.op} operation at ${operation.path} does not apply`,
      details: { name: draft.metadata.name, kind: resource.plural },
    });
  }
  if (operation.op === 'test') return;
  if (Array.isArray(parent)) {
    const at = last === '-' ? parent.length : Number(last);
    if (operation.op === 'add') parent.splice(at, 0, operation.value);
    else if (operation.op === 'remove') parent.splice(at, 1);
    else parent[at] = operation.value;
  } else if (operation.op === 'remove') Reflect.deleteProperty(parent, last);
  else parent[last] = operation.value;
}
