/**
 * The events of a watch whose selector asks for what only converted objects show. The cache below decides by what is stored, so it
 * gives every event, and what this watch showed of each object decides what it shows next.
 *
 * Called by `webhook-store.ts` with converted objects, in the order of their revisions.
 */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import type { StoredObject } from '../../watch/stored-object.js';
import { type WatchEvent, objectEvent } from '../../watch/watch-event.js';
import { shownAs } from '../converted-objects.js';

export class SelectedEvents {
  private readonly predicate: (object: KubeObject) => boolean;
  private readonly resource: ResourceDefinition;
  /** What the watch showed last of each object that is still selected, by key. */
  private readonly shown = new Map<string, StoredObject>();

  constructor(resource: ResourceDefinition, predicate: (object: KubeObject) => boolean) {
    this.resource = resource;
    this.predicate = predicate;
  }

  /** What was selected where the watch begins. */
  begin(selected: readonly StoredObject[]): void {
    for (const view of selected) this.shown.set(view.key, view);
  }

  /** The event as this watch shows it; undefined where it shows nothing of it. */
  select(event: WatchEvent): WatchEvent | undefined {
    const { stored: view, type } = event;
    if (view === undefined) return event;
    const before = this.shown.get(view.key);
    if (type !== 'DELETED' && this.predicate(view.object)) {
      this.shown.set(view.key, view);
      const shownType = before === undefined ? 'ADDED' : 'MODIFIED';
      return shownType === type ? event : objectEvent(shownType, view);
    }
    this.shown.delete(view.key);
    if (before === undefined) return undefined;
    return type === 'DELETED' ? event : objectEvent('DELETED', this.last(before, view));
  }

  /** The last state that was selected, under the revision at which it was no more. */
  private last({ object }: StoredObject, end: StoredObject): StoredObject {
    const metadata = { ...object.metadata, resourceVersion: end.object.metadata.resourceVersion };
    return shownAs(end, { ...object, metadata }, this.resource);
  }
}
