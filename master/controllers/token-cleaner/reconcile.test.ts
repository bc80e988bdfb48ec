import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../../api/core/v1/types.js';
import { reconcile } from './reconcile.js';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const secretWith = (expiration: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    namespace: 'kube-system',
    name: 'bootstrap-token-abcdef',
    uid: 'u',
    resourceVersion: '3',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  data: { expiration: Buffer.from(expiration).toString('base64') },
});

for (const [name, expiration, expected] of [
  ['keeps tokens that do not end', '', { actions: [] }],
  ['waits for the end', '2026-01-01T00:00:01Z', { actions: [], requeueAfterMs: 1000 }],
  ['deletes what has ended', '2026-01-01T00:00:00Z', 'delete'],
  ['deletes what can never be used', 'soon', 'delete'],
] as const) {
  test(`token cleaner ${name}`, () => {
    const result = reconcile({ secret: secretWith(expiration), nowMs });
    if (expected !== 'delete') assert.deepEqual(result, expected);
    else assert.equal(result.actions[0]?.type, 'delete');
  });
}
