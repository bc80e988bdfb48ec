/** Remembers what was found out about tokens, without keeping the tokens: by digest, in bounded space. */
import { createHash } from 'node:crypto';
import { maxRememberedTokens } from './limits.js';

/** What stands for a token where it must not be kept. */
export const digestOf = (token: string): string =>
  createHash('sha256').update(token).digest('base64');

export class BoundedMemory<V> {
  /** In the order of last use. */
  private readonly entries = new Map<string, V>();
  private readonly max: number;

  constructor(max = maxRememberedTokens) {
    this.max = max;
  }

  get(digest: string): V | undefined {
    const value = this.entries.get(digest);
    if (value === undefined) return undefined;
    this.entries.delete(digest);
    this.entries.set(digest, value);
    return value;
  }

  set(digest: string, value: V): void {
    this.entries.delete(digest);
    this.entries.set(digest, value);
    if (this.entries.size <= this.max) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  delete(digest: string): void {
    this.entries.delete(digest);
  }

  get size(): number {
    return this.entries.size;
  }
}
