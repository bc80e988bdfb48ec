/** What a resource was before its recent changes, so that a list at a revision just past need not be read from the store. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { StoredObject } from './stored-object.js';
import type { Change } from './watch-event.js';

/** The objects as they were before the changes, in the order of keys; `matches` says which keys are looked for. */
export function objectsBefore<T extends KubeObject>(
  changes: readonly Change<T>[],
  current: readonly StoredObject<T>[],
  matches: (key: string) => boolean,
): readonly StoredObject<T>[] {
  const before = new Map<string, StoredObject<T> | undefined>();
  for (const { current: made, previous } of changes) {
    const key = (made ?? previous)?.key ?? '';
    if (matches(key) && !before.has(key)) before.set(key, previous);
  }
  const unchanged = current.filter(({ key }) => !before.has(key));
  const changed = [...before.values()].filter((stored) => stored !== undefined);
  if (changed.length === 0) return unchanged;
  return [...unchanged, ...changed].sort((a, b) => (a.key < b.key ? -1 : 1));
}
