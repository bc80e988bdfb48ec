import assert from 'node:assert/strict';
import test from 'node:test';
import { RetryAdvice } from './retry-advice.js';

/** The advice given last in each second, of so many refusals each. */
function adviceFor(refusals: readonly number[]): readonly number[] {
  const advice = new RetryAdvice();
  return refusals.map((count, second) => {
    let said = 0;
    for (let at = 0; at < count; at += 1) said = advice.refused(second * 1000 + at);
    return said;
  });
}

test('retry advice doubles while a level goes on refusing, at most once in the time it gave', () => {
  assert.deepEqual(adviceFor([10, 10, 10, 10, 10, 10, 10]), [1, 2, 2, 4, 4, 4, 4]);
  const long = adviceFor(Array.from({ length: 200 }, () => 200));
  assert.equal(long.at(-1), 32);
});

test('retry advice comes down second by second once little is refused', () => {
  const calm = [0, 0, 0, 0, 1, 1, 1];
  assert.deepEqual(adviceFor([10, 10, 10, 10, ...calm]), [1, 2, 2, 4, 0, 0, 0, 0, 3, 2, 2]);
  assert.deepEqual(adviceFor([1, 1, 1]), [1, 1, 1]);
});
