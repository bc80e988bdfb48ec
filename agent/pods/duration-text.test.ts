import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText } from './duration-text.js';

test('duration text is as Go prints it', () => {
  const cases = [
    [0, '0s'],
    [345, '345ms'],
    [10_000, '10s'],
    [1_234, '1.234s'],
    [80_000, '1m20s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
  ] as const;
  for (const [ms, text] of cases) assert.equal(durationText(ms), text);
});
