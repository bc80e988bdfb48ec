/** Gathers pages of history within their bounds; used by the stores that keep their own. */
import type { HistoryPage, HistoryRequest, StoreEvent } from './store.js';

/** The key an event is about. */
export const keyOf = (event: StoreEvent): string =>
  event.type === 'put' ? event.entry.key : event.key;

const sizeOf = (event: StoreEvent): number =>
  (event.type === 'put' ? event.entry.value.length : 0) + (event.previous?.value.length ?? 0);

export class HistoryCollector {
  private readonly request: HistoryRequest;
  private readonly events: StoreEvent[] = [];
  private sizeBytes = 0;
  private throughRevision: number;

  constructor(request: HistoryRequest) {
    this.request = request;
    this.throughRevision = request.afterRevision;
  }

  /** Takes what one transaction did; says whether the page is full. */
  add(events: readonly StoreEvent[], revision: number): boolean {
    this.throughRevision = revision;
    for (const event of events) {
      if (!keyOf(event).startsWith(this.request.prefix)) continue;
      this.events.push(event);
      this.sizeBytes += sizeOf(event);
    }
    return this.isFull;
  }

  get isFull(): boolean {
    const { limit, limitBytes } = this.request;
    return this.events.length >= limit || this.sizeBytes >= limitBytes;
  }

  get result(): HistoryPage {
    return { events: this.events, throughRevision: this.throughRevision };
  }
}
