import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../../api/core/v1/types.js';
import { reconcile } from './reconcile.js';

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const makePod = (name: string, { node = 'n1', terminating = false, ended = false } = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name),
    ...(terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
  status: { phase: ended ? 'Succeeded' : 'Running' },
});

const outOfService: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: meta('n1'),
  spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
  status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
};

interface Case {
  readonly name: string;
  readonly pod: Pod;
  readonly node?: Node;
  readonly nodeMissingMs?: number;
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'leaves a pod of a node that exists alone', pod: makePod('p'), expected: [] },
  {
    name: 'waits for a node that has just gone',
    pod: makePod('p'),
    nodeMissingMs: 1000,
    expected: [],
  },
  {
    name: 'fails and deletes a pod of a node that is gone',
    pod: makePod('p'),
    nodeMissingMs: 40_000,
    expected: ['patch', 'delete'],
  },
  {
    name: 'deletes an ended pod of a node that is gone',
    pod: makePod('p', { ended: true }),
    nodeMissingMs: 40_000,
    expected: ['delete'],
  },
  {
    name: 'deletes a terminating pod that was never placed',
    pod: makePod('p', { node: '', terminating: true }),
    expected: ['delete'],
  },
  {
    name: 'leaves a terminating pod to its node',
    pod: makePod('p', { terminating: true }),
    expected: [],
  },
  {
    name: 'deletes a terminating pod of a node out of service',
    pod: makePod('p', { terminating: true }),
    node: outOfService,
    expected: ['patch', 'delete'],
  },
];
for (const { name, pod, node, nodeMissingMs, expected } of cases) {
  test(`pod garbage collector ${name}`, () => {
    const { actions } = reconcile({ type: 'pod', pod, node, nodeMissingMs, nowMs: 0 });
    assert.deepEqual(
      actions.map(({ type }) => type),
      expected,
    );
    for (const action of actions) {
      if (action.type === 'delete')
        assert.deepEqual([action.uid, action.gracePeriodSeconds], ['uid-p', 0]);
    }
  });
}

test('pod garbage collector deletes the oldest ended pods beyond the threshold', () => {
  const pods = Array.from({ length: 12_502 }, (_, index) => {
    const pod = makePod(`p${index}`, { ended: true });
    const creationTimestamp =
      index === 77 || index === 99 ? '2020-01-01T00:00:00Z' : pod.metadata.creationTimestamp;
    return { ...pod, metadata: { ...pod.metadata, creationTimestamp } };
  });
  const { actions } = reconcile({ type: 'terminated', pods });
  assert.deepEqual(
    actions.map((action) => ('name' in action ? action.name : '')),
    ['p77', 'p99'],
  );
});
