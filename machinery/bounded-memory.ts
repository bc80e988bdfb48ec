/** Remembers a bounded number of things: what was unused for longest makes room. */
export class BoundedMemory<V> {
  /** In the order of last use. */
  private readonly entries = new Map<string, V>();
  private readonly max: number;
  private readonly dropped: (value: V) => void;

  /** `dropped` is given what made room. */
  constructor(max: number, dropped: (value: V) => void = () => undefined) {
    this.max = max;
    this.dropped = dropped;
  }

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size <= this.max) return;
    for (const [oldest, unused] of this.entries) {
      this.entries.delete(oldest);
      this.dropped(unused);
      return;
    }
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }

  clear(): void {
    this.entries.clear();
  }

  get size(): number {
    return this.entries.size;
  }
}
