import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-buckets.js';

const limits = { burst: 2, perSecond: 0.5, kept: 2 };

test('token buckets let a burst through, and then one as each token comes', () => {
  const buckets = new TokenBuckets(limits);
  const taken = [0, 0, 0, 1000, 1999, 2000, 2001].map((atMs) => buckets.take('a', atMs));
  assert.deepEqual(taken, [true, true, false, false, false, true, false]);
});

test('token buckets hold each key to itself, and forget those unused for longest', () => {
  const buckets = new TokenBuckets(limits);
  const keys = ['a', 'a', 'b', 'a', 'c', 'a', 'b'];
  assert.deepEqual(
    keys.map((key) => buckets.take(key, 0)),
    [true, true, true, false, true, false, true],
  );
});

test('token buckets do not mind a clock that is set back', () => {
  const buckets = new TokenBuckets({ ...limits, burst: 1 });
  assert.deepEqual(
    [5000, 0, 2000].map((atMs) => buckets.take('a', atMs)),
    [true, false, true],
  );
});
