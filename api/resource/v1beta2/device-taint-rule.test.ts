import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, draftTime, refusals, storedAs } from '../../schema/drafts.test.js';
import { deviceTaintRules } from './device-taint-rule.js';

const taint = { key: 'example.com/broken', effect: 'NoSchedule' as const };
const made = (spec: object) => created(deviceTaintRules, { spec });
const refused = (spec: object): string[] => refusals(deviceTaintRules.validate(made(spec)));

test('a taint rule has a taint and names devices rightly', () => {
  assert.deepEqual(refused({ taint }), []);
  const deviceSelector = { driver: 'd.example.com', pool: 'a/b', device: 'gpu-0' };
  assert.deepEqual(refused({ taint, deviceSelector }), []);
  for (const [spec, field] of [
    [{}, 'spec.taint.key'],
    [{ taint: { ...taint, effect: 'Never' } }, 'spec.taint.effect'],
    [{ taint, deviceSelector: { driver: '' } }, 'spec.deviceSelector.driver'],
    [{ taint, deviceSelector: { pool: 'A' } }, 'spec.deviceSelector.pool'],
    [{ taint, deviceSelector: { device: 'a.b' } }, 'spec.deviceSelector.device'],
  ] as const) {
    assert.equal(refused(spec)[0]?.split(':')[0], field);
  }
});

test('the taint of a rule knows since when it has its effect', () => {
  const stored = storedAs(made({ taint }));
  assert.equal(stored.spec.taint.timeAdded, '2026-01-02T03:04:05Z');
  const later = draftTime + 60_000;
  for (const [next, timeAdded] of [
    [{ ...stored.spec.taint, effect: 'NoExecute' }, '2026-01-02T03:05:05Z'],
    [{ ...stored.spec.taint, value: 'x' }, '2026-01-02T03:04:05Z'],
    [{ ...taint, effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' }, '2026-01-01T00:00:00Z'],
  ] as const) {
    const draft = changed(stored, { taint: next });
    deviceTaintRules.strategy.prepareForUpdate?.(draft, stored, later);
    assert.equal(draft.spec.taint.timeAdded, timeAdded);
  }
});

test('the status of a taint rule has at most eight conditions', () => {
  const rule = made({ taint });
  rule.status.conditions = Array.from({ length: 9 }, (_, at) => ({
    type: `T${String(at)}`,
    status: 'True',
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-02T03:04:05Z',
  }));
  assert.deepEqual(refusals(deviceTaintRules.validateStatusUpdate?.(rule, rule)), [
    'status.conditions: Too many: 9: must have at most 8 items',
  ]);
});
