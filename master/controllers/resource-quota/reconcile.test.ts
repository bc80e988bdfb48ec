import assert from 'node:assert/strict';
import test from 'node:test';
import type { QuotaShape } from '../../../api/core/v1/quota/usage.js';
import { reconcile } from './reconcile.js';

const quota = (status?: QuotaShape['status']): QuotaShape =>
  ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'n', uid: 'u', resourceVersion: '1' },
    spec: { hard: { pods: '2', cpu: '1000m' } },
    ...(status === undefined ? {} : { status }),
  }) as unknown as QuotaShape;

test('a quota’s status says what is allowed and used', () => {
  const used = { pods: '1', cpu: '500m' };
  const [action, ...others] = reconcile({ quota: quota(), used }).actions;
  assert.deepEqual(others, []);
  assert.equal(action?.type, 'updateStatus');
  assert.deepEqual((action.object as QuotaShape).status, { hard: { pods: '2', cpu: '1' }, used });
});

test('a status that says so already is left alone, however it spells it', () => {
  const used = { pods: '1', cpu: '500m' };
  const status = { hard: { pods: '2', cpu: '1' }, used: { pods: '1', cpu: '0.5' } };
  assert.deepEqual(reconcile({ quota: quota(status), used }).actions, []);
  const fewer = reconcile({ quota: quota(status), used: { ...used, pods: '0' } });
  assert.equal(fewer.actions.length, 1);
});
