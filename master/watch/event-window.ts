/** The recent changes of one resource, so that a watch that resumes soon need not read the store's history. */
import { watchLimits } from './limits.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Change } from './watch-event.js';

export class EventWindow<T extends KubeObject> {
  private changes: Change<T>[] = [];
  /** Where the oldest change held is in `changes`; those before it have been dropped. */
  private start = 0;
  private sizeBytes = 0;
  private droppedRevision: number;

  /** Knows every change after `revision`. */
  constructor(revision: number) {
    this.droppedRevision = revision;
  }

  /** A watch can be served from here if it resumes at or after this revision. */
  get completeAfter(): number {
    return this.droppedRevision;
  }

  /** The revision of the newest change held, or where the window starts. */
  get newest(): number {
    return this.changes.at(-1)?.revision ?? this.droppedRevision;
  }

  add(change: Change<T>): void {
    this.changes.push(change);
    this.sizeBytes += change.sizeBytes;
    while (
      this.changes.length - this.start > watchLimits.windowEvents ||
      this.sizeBytes > watchLimits.windowBytes
    ) {
      const dropped = this.changes[this.start];
      if (dropped === undefined) break;
      this.start += 1;
      this.sizeBytes -= dropped.sizeBytes;
      this.droppedRevision = dropped.revision;
    }
    if (this.start > 64 && this.start * 2 > this.changes.length) {
      this.changes = this.changes.slice(this.start);
      this.start = 0;
    }
  }

  /** The changes after a revision, which must not lie before `completeAfter`. */
  after(revision: number): readonly Change<T>[] {
    let low = this.start;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.changes[middle]?.revision ?? Infinity) > revision) high = middle;
      else low = middle + 1;
    }
    return this.changes.slice(low);
  }
}
