import { BoundedMemory } from './bounded-memory.js';

interface Bucket {
  tokens: number;
  filledMs: number;
}

export interface TokenBucketLimits {
  /** What a key may take at once after a rest. */
  readonly burst: number;
  readonly perSecond: number;
  /** Keys remembered; those unused for longest are forgotten, and begin with a full bucket again. */
  readonly kept: number;
}

/** A bucket of tokens for each key, filled with time. Being refused costs nothing. */
export class TokenBuckets {
  private readonly limits: TokenBucketLimits;
  private readonly buckets: BoundedMemory<Bucket>;

  constructor(limits: TokenBucketLimits) {
    this.limits = limits;
    this.buckets = new BoundedMemory(limits.kept);
  }

  /** Takes one token of the key's bucket; false when there is none. */
  take(key: string, nowMs: number): boolean {
    const { burst, perSecond } = this.limits;
    const bucket = this.bucketOf(key, nowMs);
    const passedMs = Math.max(0, nowMs - bucket.filledMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1000) * perSecond);
    bucket.filledMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  private bucketOf(key: string, nowMs: number): Bucket {
    const known = this.buckets.get(key);
    if (known !== undefined) return known;
    const full = { tokens: this.limits.burst, filledMs: nowMs };
    this.buckets.set(key, full);
    return full;
  }
}
