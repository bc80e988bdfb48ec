import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Pod } from '../types.js';
import { isPodActive, isPodReady, isPodTerminal, msUntilPodAvailable } from './conditions.js';

const now = Date.parse('2026-01-01T00:01:00Z');

const podWith = (status: Partial<Pod['status']>, deletionTimestamp?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'a',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  },
  spec: { initContainers: [{ name: 'i' }], containers: [{ name: 'c' }] },
  status,
});

const readySince = (lastTransitionTime: string): Pod =>
  podWith({ conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] });

test('isPodReady reads the Ready condition', () => {
  assert.equal(isPodReady(readySince('2026-01-01T00:00:30Z')), true);
  assert.equal(isPodReady(podWith({ conditions: [{ type: 'Ready', status: 'False' }] })), false);
  assert.equal(isPodReady(podWith({})), false);
});

test('msUntilPodAvailable waits for minReadySeconds after the pod became ready', () => {
  const pod = readySince('2026-01-01T00:00:30Z');
  assert.equal(msUntilPodAvailable(pod, 0, now), 0);
  assert.equal(msUntilPodAvailable(pod, 30, now), 0);
  assert.equal(msUntilPodAvailable(pod, 31, now), 1000);
  assert.equal(msUntilPodAvailable(podWith({}), 0, now), undefined);
});

test('isPodActive leaves out finished and terminating pods', () => {
  assert.equal(isPodActive(podWith({ phase: 'Running' })), true);
  assert.equal(isPodActive(podWith({ phase: 'Failed' })), false);
  assert.equal(isPodTerminal(podWith({ phase: 'Succeeded' })), true);
  assert.equal(isPodActive(podWith({ phase: 'Running' }, '2026-01-01T00:00:00Z')), false);
});
