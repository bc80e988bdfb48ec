import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ageText, humanDuration } from './age.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const durations: readonly (readonly [number, string])[] = [
  [-3 * second, '<invalid>'],
  [-1500, '0s'],
  [0, '0s'],
  [999, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 5 * second, '2m5s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 30 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 4 * minute, '3h4m'],
  [8 * hour + 4 * minute, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [2 * day + 3 * hour, '2d3h'],
  [8 * day + 3 * hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [731 * day, '2y1d'],
  [2921 * day, '8y'],
];

test('humanDuration prints at most two units, as kubectl does', () => {
  for (const [ms, text] of durations) assert.equal(humanDuration(ms), text);
});

test('ageText measures from a timestamp and says when there is none', () => {
  const now = Date.parse('2026-01-01T00:01:00Z');
  assert.equal(ageText('2026-01-01T00:00:00Z', now), '60s');
  assert.equal(ageText(undefined, now), '<unknown>');
  assert.equal(ageText('', now), '<unknown>');
  assert.equal(ageText('yesterday', now), '<unknown>');
});
