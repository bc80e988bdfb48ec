/** Pages of lists out of objects in order. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ListOptions, ListResult } from './resource-store.js';
import type { StoredObject } from './stored-object.js';
import { selects } from './watcher.js';
import type { Selection } from './watcher.js';

/** A page of candidates that are in order. */
export function pageOf<T extends KubeObject>(
  candidates: readonly StoredObject<T>[],
  options: ListOptions<T>,
  revision: number,
): ListResult<T> {
  const items: StoredObject<T>[] = [];
  const { limit = Infinity, continueAfter } = options;
  for (const [index, stored] of candidates.entries()) {
    if (!selects(options, stored)) continue;
    if (items.length < limit) {
      items.push(stored);
      continue;
    }
    const remaining = isFiltered(options) ? undefined : candidates.length - index;
    return { items, revision, continueAfter: items.at(-1)?.key ?? continueAfter, remaining };
  }
  return { items, revision, continueAfter: undefined, remaining: undefined };
}

/** Whether a list shows some objects only, so that nobody knows how many follow. */
export const isFiltered = (selection: Selection<never>): boolean =>
  selection.predicate !== undefined || selection.name !== undefined;
