import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condition, janePem, storedRequest } from '../../../api/certificates/fixtures.test.js';
import { reconcile } from './reconcile.js';

const createdMs = Date.parse('2026-01-01T00:00:00Z');
const hourMs = 3_600_000;

for (const [name, status, keptHours] of [
  ['pending', {}, 24],
  ['denied', { conditions: [condition('Denied')] }, 1],
  ['failed', { conditions: [condition('Approved'), condition('Failed')] }, 1],
  ['approved but never issued', { conditions: [condition('Approved')] }, 24],
  ['issued', { conditions: [condition('Approved')], certificate: 'AAAA' }, 1],
] as const) {
  test(`certificate cleaner keeps a request that is ${name} for ${String(keptHours)} h`, () => {
    const conditions = 'conditions' in status ? [...status.conditions] : [];
    const request = storedRequest(janePem, {}, { ...status, conditions });
    const atMs = createdMs + keptHours * hourMs;
    assert.deepEqual(reconcile({ request, nowMs: atMs - 1 }), { actions: [], requeueAfterMs: 1 });
    const [action] = reconcile({ request, nowMs: atMs }).actions;
    assert.equal(action?.type === 'delete' && action.uid, 'uid-r');
  });
}
