import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  atLeast,
  atLeastTimesFloor,
  atMost,
  atMostTimesFloor,
  floorOnly,
  quantile,
} from './statistics.js';

const measured = { name: 'n', value: 10, unit: 'ms' };
const withFloor = { ...measured, floor: 8 };

for (const [figure, target, isMet, ratio] of [
  [atMost(10, measured), '≤ 10', true, undefined],
  [atMost(9, withFloor), '≤ 9', false, 1.25],
  [atMostTimesFloor(1.25, withFloor), '≤ 1.25 × floor', true, 1.25],
  [atMostTimesFloor(1.2, withFloor), '≤ 1.2 × floor', false, 1.25],
  [atLeast(10, measured), '≥ 10', true, undefined],
  [atLeast(11, withFloor), '≥ 11', false, 1.25],
  [atLeastTimesFloor(0.9, withFloor), '≥ 0.9 × floor', true, 1.25],
  [floorOnly(measured), 'a floor', true, undefined],
] as const) {
  test(`a figure of 10 with the target ${target} is ${isMet ? 'met' : 'missed'}`, () => {
    assert.deepEqual([figure.target, figure.isMet, figure.ratio], [target, isMet, ratio]);
  });
}

test('quantiles are those of the sorted samples', () => {
  assert.deepEqual(
    [0, 0.5, 0.99].map((fraction) => quantile([3, 1, 2], fraction)),
    [1, 2, 3],
  );
});
