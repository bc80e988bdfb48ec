import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ReplicaSet } from '../../../api/apps/v1/types.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { controllerReference } from '../../../api/meta/controller-ref.js';
import { deletionOrder } from './deletion-order.js';
import { reconcile, type ReplicaSetSnapshot } from './reconcile.js';

const nowMs = Date.UTC(2026, 0, 2);
const now = '2026-01-02T00:00:00Z';
const labels = { app: 'web' };

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const makeReplicaSet = (replicas: number, more: Partial<ReplicaSet['spec']> = {}): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { ...meta('web'), generation: 2 },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...more,
  },
  status: { replicas: 0 },
});

interface PodFacts {
  readonly labels?: Record<string, string>;
  readonly orphan?: boolean;
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly phase?: 'Pending' | 'Running' | 'Failed';
  readonly node?: string;
  readonly terminating?: boolean;
  readonly cost?: string;
  readonly restarts?: number;
}

const makePod = (name: string, facts: PodFacts = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name),
    labels: facts.labels ?? labels,
    ...(facts.orphan === true ? {} : { ownerReferences: [controllerReference(makeReplicaSet(0))] }),
    ...(facts.terminating === true ? { deletionTimestamp: now } : {}),
    ...(facts.cost === undefined
      ? {}
      : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': facts.cost } }),
  },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeName: facts.node ?? 'n1' },
  status: {
    phase: facts.phase ?? 'Running',
    conditions: [
      {
        type: 'Ready',
        status: facts.ready === false ? 'False' : 'True',
        lastTransitionTime: facts.readySince ?? '2026-01-01T12:00:00Z',
      },
    ],
    containerStatuses: [
      {
        name: 'c',
        image: 'i',
        imageID: '',
        ready: facts.ready !== false,
        restartCount: facts.restarts ?? 0,
      },
    ],
  },
});

const snapshotOf = (
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  more: Partial<ReplicaSetSnapshot> = {},
): ReplicaSetSnapshot => ({
  replicaSet,
  pods,
  relatedPods: pods,
  failures: [],
  now,
  nowMs,
  ...more,
});

const summary = (snapshot: ReplicaSetSnapshot): readonly string[] =>
  reconcile(snapshot).actions.map((action) =>
    'name' in action ? `${action.type} ${action.name}` : action.type,
  );

const statusAfter = (snapshot: ReplicaSetSnapshot): ReplicaSet['status'] => {
  const update = reconcile(snapshot).actions.find((action) => action.type === 'updateStatus');
  return (update?.object as ReplicaSet).status;
};

const cases: readonly { name: string; snapshot: ReplicaSetSnapshot; expected: string[] }[] = [
  {
    name: 'creates what is missing',
    snapshot: snapshotOf(makeReplicaSet(2), [makePod('a', { phase: 'Failed' })]),
    expected: ['create', 'create', 'updateStatus'],
  },
  {
    name: 'adopts orphans that match before it creates',
    snapshot: snapshotOf(makeReplicaSet(2), [makePod('a', { orphan: true })]),
    expected: ['patch a', 'create', 'updateStatus'],
  },
  {
    name: 'releases pods that no longer match and replaces them',
    snapshot: snapshotOf(makeReplicaSet(1), [makePod('a', { labels: { app: 'other' } })]),
    expected: ['patch a', 'create', 'updateStatus'],
  },
  {
    name: 'leaves orphans alone that do not match or are going',
    snapshot: snapshotOf(makeReplicaSet(0), [
      makePod('a', { orphan: true, labels: {} }),
      makePod('b', { orphan: true, terminating: true }),
    ]),
    expected: ['updateStatus'],
  },
  {
    name: 'deletes the pod that is not ready first',
    snapshot: snapshotOf(makeReplicaSet(1), [makePod('a'), makePod('b', { ready: false })]),
    expected: ['delete b', 'updateStatus'],
  },
  {
    name: 'does not count pods that are going away',
    snapshot: snapshotOf(makeReplicaSet(1), [makePod('a', { terminating: true })]),
    expected: ['create', 'updateStatus'],
  },
];

for (const { name, snapshot, expected } of cases) {
  test(`replica set ${name}`, () => {
    assert.deepEqual(summary(snapshot), expected);
  });
}

test('replica set that is going away makes and takes no pods', () => {
  const replicaSet = makeReplicaSet(3);
  const going = { ...replicaSet, metadata: { ...replicaSet.metadata, deletionTimestamp: now } };
  assert.deepEqual(summary(snapshotOf(going, [makePod('a', { orphan: true })])), ['updateStatus']);
});

test('replica set makes pods from its template, owned by itself', () => {
  const [create] = reconcile(snapshotOf(makeReplicaSet(1), [])).actions;
  assert.ok(create?.type === 'create');
  assert.equal(create.object.metadata.generateName, 'web-');
  assert.deepEqual(create.object.metadata.labels, labels);
  assert.equal(create.object.metadata.ownerReferences?.[0]?.controller, true);
});

test('replica set status counts ready, available, labelled and terminating pods', () => {
  const pods = [
    makePod('a'),
    makePod('b', { ready: false }),
    makePod('c', { readySince: '2026-01-01T23:59:55Z' }),
    makePod('d', { terminating: true }),
  ];
  const snapshot = snapshotOf(makeReplicaSet(3, { minReadySeconds: 30 }), pods);
  assert.deepEqual(statusAfter(snapshot), {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 1,
    observedGeneration: 2,
  });
  assert.equal(reconcile(snapshot).requeueAfterMs, 25_000);
});

test('replica set that is as wanted and says so needs nothing', () => {
  const pods = [makePod('a')];
  const replicaSet = makeReplicaSet(1);
  const status = statusAfter(snapshotOf(replicaSet, pods));
  assert.deepEqual(summary(snapshotOf({ ...replicaSet, status }, pods)), []);
});

test('replica set shows why pods cannot be created until they can', () => {
  const failures = [
    { type: 'create', plural: 'pods', reason: 'Forbidden', message: 'exceeded quota' },
  ] as const;
  const replicaSet = makeReplicaSet(1);
  const status = statusAfter(snapshotOf(replicaSet, [], { failures }));
  assert.deepEqual(status.conditions, [
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'exceeded quota',
      lastTransitionTime: now,
    },
  ]);
  const healed = statusAfter(snapshotOf({ ...replicaSet, status }, []));
  assert.equal(healed.conditions, undefined);
});

test('replica set leaves the conditions that others report as they are', () => {
  const conditions = [{ type: 'Checked', status: 'True', reason: 'Tool', message: 'fine' }];
  const replicaSet = { ...makeReplicaSet(0), status: { replicas: 0, conditions } };
  assert.deepEqual(statusAfter(snapshotOf(replicaSet, [])).conditions, conditions);
});

test('pods are deleted in the order that costs least', () => {
  const order: readonly (readonly [string, PodFacts])[] = [
    ['unplaced', { node: '' }],
    ['pending', { phase: 'Pending' }],
    ['unready', { ready: false }],
    ['cheap', { cost: '-5' }],
    ['crowded', { node: 'n2' }],
    ['fresh', { node: 'n3', readySince: '2026-01-01T23:59:00Z' }],
    ['restarted', { node: 'n3', restarts: 3 }],
    ['settled', { node: 'n3' }],
    ['dear', { cost: '10' }],
  ];
  const pods = order.map(([name, facts]) => makePod(name, facts));
  const related = [...pods, ...['x', 'y', 'z', 'w'].map((name) => makePod(name, { node: 'n2' }))];
  const found = deletionOrder([...pods].reverse(), related, nowMs);
  assert.deepEqual(
    found.map((pod) => pod.metadata.name),
    order.map(([name]) => name),
  );
});
