/**
 * A range of numbers of which each is held by one owner at a time: service addresses and node ports. Pure bookkeeping; the
 * holders are the stored objects, from which it is rebuilt on start.
 */
import type { Random } from '../../machinery/clock/random.js';
import { HeldNumbers } from './held-numbers.js';
import { allocationProbes } from './limits.js';

export class NumberPool {
  /** Who holds what. Pools whose ranges overlap share it. */
  readonly held: HeldNumbers;
  private readonly first: number;
  private readonly last: number;
  private readonly random: Random;
  /** Chosen numbers avoid this lower part of the range while there are others, so that people can ask for those. */
  private readonly reserved: number;

  constructor(options: {
    readonly first: number;
    readonly last: number;
    readonly reserved: number;
    readonly random: Random;
    readonly held?: HeldNumbers;
  }) {
    this.first = options.first;
    this.last = options.last;
    this.reserved = options.reserved;
    this.random = options.random;
    this.held = options.held ?? new HeldNumbers();
  }

  contains(number: number): boolean {
    return number >= this.first && number <= this.last;
  }

  /** Takes any free number; undefined when there is none. */
  takeAny(owner: string): number | undefined {
    const from = this.first + this.reserved;
    const found = this.probe(from) ?? this.search(from) ?? this.search(this.first);
    if (found !== undefined) this.held.take(found, owner);
    return found;
  }

  private probe(from: number): number | undefined {
    for (let attempt = 0; attempt < allocationProbes; attempt += 1) {
      const number = from + Math.floor(this.random.fraction() * (this.last - from + 1));
      if (!this.held.isHeld(number)) return number;
    }
    return undefined;
  }

  private search(from: number): number | undefined {
    for (let number = from; number <= this.last; number += 1) {
      if (!this.held.isHeld(number)) return number;
    }
    return undefined;
  }
}
