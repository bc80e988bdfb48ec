/** A binary heap whose items can also be removed from the middle. */
export class Heap<T> {
  private readonly items: T[] = [];
  private readonly positions = new Map<T, number>();
  private readonly isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.isBefore = isBefore;
  }

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  /** The item must not be in the heap, nor change its order while it is. */
  push(item: T): void {
    this.items.push(item);
    this.rise(this.items.length - 1);
  }

  pop(): T | undefined {
    const first = this.items[0];
    if (first !== undefined) this.delete(first);
    return first;
  }

  /** Whether the item was there. */
  delete(item: T): boolean {
    const position = this.positions.get(item);
    if (position === undefined) return false;
    this.positions.delete(item);
    const last = this.items.pop();
    if (last !== undefined && last !== item) {
      this.items[position] = last;
      this.positions.set(last, position);
      this.rise(this.sink(position));
    }
    return true;
  }

  private rise(from: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.comesBefore(position, parent)) break;
      this.swap(position, parent);
      position = parent;
    }
    const item = this.items[position];
    if (item !== undefined) this.positions.set(item, position);
  }

  private sink(from: number): number {
    let position = from;
    for (;;) {
      const left = 2 * position + 1;
      const smaller = this.comesBefore(left + 1, left) ? left + 1 : left;
      if (!this.comesBefore(smaller, position)) return position;
      this.swap(smaller, position);
      position = smaller;
    }
  }

  private comesBefore(a: number, b: number): boolean {
    const first = this.items[a];
    const second = this.items[b];
    return first !== undefined && second !== undefined && this.isBefore(first, second);
  }

  private swap(a: number, b: number): void {
    const first = this.items[a];
    const second = this.items[b];
    if (first === undefined || second === undefined) return;
    this.items[a] = second;
    this.items[b] = first;
    this.positions.set(second, a);
    this.positions.set(first, b);
  }
}
