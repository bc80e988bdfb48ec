/** The store's own log, by resource: what every watch must have delivered, in this order and no other. */
import type { StoreTail } from '../../master/store/tail.js';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface WitnessedEvent {
  readonly revision: number;
  /** `namespace/name`. */
  readonly key: string;
  readonly type: EventType;
}

/** What happened to one resource. */
class ResourceLog {
  readonly events: WitnessedEvent[] = [];
  private readonly existing = new Set<string>();

  add(revision: number, key: string, isPut: boolean): void {
    const known = this.existing.has(key);
    if (isPut) this.existing.add(key);
    else this.existing.delete(key);
    this.events.push({ revision, key, type: isPut ? (known ? 'MODIFIED' : 'ADDED') : 'DELETED' });
  }

  /** Where the first event after a revision stands. */
  positionAfter(revision: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Every object there was at a revision, with the revision of its last change. */
  stateAt(revision: number): ReadonlyMap<string, number> {
    const state = new Map<string, number>();
    for (const event of this.events) {
      if (event.revision > revision) break;
      if (event.type === 'DELETED') state.delete(event.key);
      else state.set(event.key, event.revision);
    }
    return state;
  }
}

export class Witness {
  private readonly tail: StoreTail;
  private readonly logs = new Map<string, ResourceLog>();
  /** The newest revision of the store that was read. */
  revision = 0;

  constructor(tail: StoreTail) {
    this.tail = tail;
  }

  /** Reads on in the store's history. */
  read(): void {
    for (const { revision, key, type } of this.tail.next()) {
      this.revision = revision;
      const [, , group = '', plural = '', ...rest] = key.split('/');
      const [namespace = ''] = rest;
      this.of(`${group}/${plural}/${namespace}`).add(revision, rest.join('/'), type === 'put');
    }
  }

  /** The log of a resource in a namespace, by the key's parts in the store: `core/configmaps/default`. */
  of(resource: string): ResourceLog {
    const known = this.logs.get(resource) ?? new ResourceLog();
    this.logs.set(resource, known);
    return known;
  }
}
