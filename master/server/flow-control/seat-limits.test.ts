import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
} from '../../../api/flowcontrol/v1/types.js';
import { mandatoryObjects } from '../../open-fairness.js';
import { seatLimits } from './seat-limits.js';

const [, sample] = mandatoryObjects().levels;

function level(
  name: string,
  limited: LimitedPriorityLevelConfiguration,
): PriorityLevelConfiguration {
  assert.ok(sample !== undefined);
  return { ...sample, metadata: { ...sample.metadata, name }, spec: { type: 'Limited', limited } };
}

const queuing = (handSize: number): LimitedPriorityLevelConfiguration => ({
  limitResponse: { type: 'Queue', queuing: { queues: 64, handSize, queueLengthLimit: 50 } },
});

test('seat limits keep one request to a small part of a level with queues', () => {
  const cases = [
    [5, 6, 1],
    [10, 6, 1],
    [15, 6, 2],
    [20, 6, 3],
    [35, 6, 5],
    [100, 6, 15],
    [200, 6, 30],
    [10, 1, 2],
    [100, 20, 5],
  ] as const;
  for (const [nominal, handSize, mostEach] of cases) {
    const limits = seatLimits([level('x', queuing(handSize))], nominal).get('x');
    assert.deepEqual([limits?.nominal, limits?.mostEach], [nominal, mostEach]);
  }
  const reject = { limitResponse: { type: 'Reject' } } as const;
  assert.equal(seatLimits([level('x', reject)], 40).get('x')?.mostEach, 40);
});

test('seat limits of a level without a share are none but those it may borrow', () => {
  const share = { ...queuing(1), nominalConcurrencyShares: 0 };
  const other = level('other', { ...queuing(1), nominalConcurrencyShares: 10 });
  const limitsOf = (limited: LimitedPriorityLevelConfiguration) =>
    seatLimits([level('x', limited), other], 100).get('x');
  assert.deepEqual(limitsOf(share), { nominal: 0, least: 0, most: 100, mostEach: 1 });
  const jail = { ...share, borrowingLimitPercent: 0 };
  assert.deepEqual(limitsOf(jail), { nominal: 0, least: 0, most: 0, mostEach: 1 });
});
