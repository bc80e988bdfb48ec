import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { controllerReference } from '../../../api/meta/controller-ref.js';
import type { Action } from '../../../machinery/controller/controller.js';
import { reconcile, replicaSetNameFor, type DeploymentSnapshot } from './reconcile.js';
import { templateHash } from './template-hash.js';

const nowMs = Date.UTC(2026, 0, 2);
const now = '2026-01-02T00:00:00Z';

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

const makeDeployment = (
  replicas: number,
  more: {
    readonly surge?: number | string;
    readonly unavailable?: number | string;
    readonly spec?: Partial<Deployment['spec']>;
    readonly status?: Deployment['status'];
    readonly annotations?: Record<string, string>;
  } = {},
): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    ...meta('web'),
    generation: 1,
    annotations: { 'deployment.kubernetes.io/revision': '2', ...more.annotations },
  },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: template('v2'),
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: {
        maxSurge: more.surge ?? '25%',
        maxUnavailable: more.unavailable ?? '25%',
      },
    },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    ...more.spec,
  },
  status: more.status ?? {},
});

interface SetFacts {
  readonly image: string;
  readonly replicas: number;
  readonly available?: number;
  readonly revision?: number;
  readonly desired?: number;
  readonly max?: number;
  readonly created?: string;
}

const makeReplicaSet = (name: string, facts: SetFacts): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    ...meta(name),
    creationTimestamp: facts.created ?? '2026-01-01T00:00:00Z',
    generation: 1,
    labels: { app: 'web' },
    annotations: {
      'deployment.kubernetes.io/revision': String(facts.revision ?? 1),
      ...(facts.desired === undefined
        ? {}
        : { 'deployment.kubernetes.io/desired-replicas': String(facts.desired) }),
      ...(facts.max === undefined
        ? {}
        : { 'deployment.kubernetes.io/max-replicas': String(facts.max) }),
    },
    ownerReferences: [controllerReference(makeDeployment(0))],
  },
  spec: {
    replicas: facts.replicas,
    selector: { matchLabels: { app: 'web' } },
    template: template(facts.image),
  },
  status: {
    replicas: facts.replicas,
    availableReplicas: facts.available ?? facts.replicas,
    readyReplicas: facts.available ?? facts.replicas,
    observedGeneration: 1,
  },
});

const snapshotOf = (
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  more: Partial<DeploymentSnapshot> = {},
): DeploymentSnapshot => ({ deployment, replicaSets, pods: [], failures: [], now, nowMs, ...more });

/** The new sizes decided: `name=replicas`. */
const sizes = (actions: readonly Action[]): readonly string[] =>
  actions.flatMap((action) => {
    if (action.type === 'create') {
      const { metadata, spec } = action.object as unknown as ReplicaSet;
      return [`+${metadata.name.slice(0, 3)}=${String(spec.replicas)}`];
    }
    if (action.type !== 'patch' || action.resource.plural !== 'replicasets') return [];
    const { spec } = action.body as { spec?: { replicas?: number } };
    return spec?.replicas === undefined ? [] : [`${action.name}=${String(spec.replicas)}`];
  });

const statusIn = (actions: readonly Action[]): Deployment['status'] | undefined =>
  (actions.find((action) => action.type === 'updateStatus')?.object as Deployment | undefined)
    ?.status;

const progressIn = (actions: readonly Action[]): readonly unknown[] => {
  const progressing = statusIn(actions)?.conditions?.find(({ type }) => type === 'Progressing');
  return [progressing?.status, progressing?.reason, progressing?.message];
};

const old = (facts: Partial<SetFacts> = {}): ReplicaSet =>
  makeReplicaSet('old', { image: 'v1', replicas: 4, revision: 1, ...facts });
const current = (facts: Partial<SetFacts> = {}): ReplicaSet =>
  makeReplicaSet('new', { image: 'v2', replicas: 0, revision: 2, ...facts });

const recreate = { strategy: { type: 'Recreate' } } as const;

const sizeCases: readonly {
  readonly name: string;
  readonly snapshot: DeploymentSnapshot;
  readonly expected: readonly string[];
}[] = [
  {
    name: 'makes the first replica set at full size',
    snapshot: snapshotOf(makeDeployment(3), []),
    expected: ['+web=3'],
  },
  {
    name: 'makes the next replica set no larger than the surge and drops what may be unavailable',
    snapshot: snapshotOf(makeDeployment(4), [old()]),
    expected: ['old=3', '+web=1'],
  },
  {
    name: 'scales the new one up before the old ones down',
    snapshot: snapshotOf(makeDeployment(4), [old({ replicas: 3 }), current({ replicas: 1 })]),
    expected: ['new=2'],
  },
  {
    name: 'takes old pods down while enough are available',
    snapshot: snapshotOf(makeDeployment(4), [old({ replicas: 3 }), current({ replicas: 2 })]),
    expected: ['old=1'],
  },
  {
    name: 'keeps old pods while new ones are not available',
    snapshot: snapshotOf(makeDeployment(4), [
      old({ replicas: 3 }),
      current({ replicas: 2, available: 0 }),
    ]),
    expected: [],
  },
  {
    name: 'drops unavailable old pods first and at no cost',
    snapshot: snapshotOf(makeDeployment(4, { surge: 0, unavailable: 1 }), [
      old({ replicas: 4, available: 2 }),
      current(),
    ]),
    expected: ['old=3'],
  },
  {
    name: 'with neither surge nor unavailability takes one down at a time',
    snapshot: snapshotOf(makeDeployment(4, { surge: 0, unavailable: '0%' }), [old(), current()]),
    expected: ['old=3'],
  },
  {
    name: 'that is scaled keeps the proportions of a rollout',
    snapshot: snapshotOf(makeDeployment(15, { surge: 3, unavailable: 2 }), [
      old({ replicas: 8, desired: 10, max: 13 }),
      current({ replicas: 5, available: 0, desired: 10, max: 13 }),
    ]),
    expected: ['old=11', 'new=7'],
  },
  {
    name: 'that is scaled down to nothing scales everything to nothing',
    snapshot: snapshotOf(makeDeployment(0), [
      old({ replicas: 3, desired: 4 }),
      current({ replicas: 2, desired: 4 }),
    ]),
    expected: ['old=0', 'new=0'],
  },
  {
    name: 'that is paused follows its size only',
    snapshot: snapshotOf(makeDeployment(6, { spec: { paused: true } }), [old({ desired: 4 })]),
    expected: ['old=6'],
  },
  {
    name: 'of the Recreate strategy empties the old ones first',
    snapshot: snapshotOf(makeDeployment(4, { spec: recreate }), [old()]),
    expected: ['old=0'],
  },
  {
    name: 'of the Recreate strategy makes the new one when the old pods are gone',
    snapshot: snapshotOf(makeDeployment(4, { spec: recreate }), [old({ replicas: 0 })]),
    expected: ['+web=4'],
  },
];

for (const { name, snapshot, expected } of sizeCases) {
  test(`deployment ${name}`, () => {
    assert.deepEqual(sizes(reconcile(snapshot).actions), expected);
  });
}

test('deployment of the Recreate strategy waits while an old pod still runs', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta('p'), ownerReferences: [controllerReference(old())] },
    spec: { containers: [] },
    status: { phase: 'Running' },
  };
  const deployment = makeDeployment(4, { spec: recreate });
  const pods = [pod];
  const waiting = snapshotOf(deployment, [old({ replicas: 0 })], { pods });
  assert.deepEqual(sizes(reconcile(waiting).actions), []);
});

test('deployment names its replica set by a hash that a collision changes', () => {
  const deployment = makeDeployment(1);
  assert.match(replicaSetNameFor(deployment), /^web-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/);
  assert.notEqual(templateHash(template('v1'), undefined), templateHash(template('v2'), undefined));
  const nameTakenBy = makeReplicaSet(replicaSetNameFor(deployment), { image: 'x', replicas: 0 });
  const { actions } = reconcile(snapshotOf(deployment, [], { nameTakenBy }));
  assert.deepEqual(sizes(actions), []);
  const status = statusIn(actions);
  assert.equal(status?.collisionCount, 1);
  assert.notEqual(replicaSetNameFor({ ...deployment, status }), replicaSetNameFor(deployment));
});

test('deployment gives each rollout a revision and keeps the former ones in mind', () => {
  const back = makeReplicaSet('new', { image: 'v2', replicas: 0, revision: 1 });
  const { actions } = reconcile(
    snapshotOf(makeDeployment(4, { annotations: { note: 'x' } }), [old({ revision: 2 }), back]),
  );
  const patches = actions.filter((action) => action.type === 'patch');
  const bodies = patches.map(({ name, body }) => [
    name,
    (body as { metadata: { annotations?: Record<string, string> } }).metadata.annotations,
  ]);
  const byName = Object.fromEntries(bodies) as Record<string, Record<string, string>>;
  assert.equal(byName.new?.['deployment.kubernetes.io/revision'], '3');
  assert.equal(byName.new['deployment.kubernetes.io/revision-history'], '1');
  assert.equal(byName.new.note, 'x');
  assert.equal(byName.web?.['deployment.kubernetes.io/revision'], '3');
});

test('deployment tells its progress in the conditions kubectl waits on', () => {
  const created = reconcile(snapshotOf(makeDeployment(2), []));
  const name = replicaSetNameFor(makeDeployment(2));
  assert.deepEqual(progressIn(created.actions), [
    'True',
    'NewReplicaSetCreated',
    `Created new replica set "${name}"`,
  ]);
  const status = statusIn(created.actions) ?? {};
  const stuckLater = { nowMs: nowMs + 601_000, now: '2026-01-02T00:10:01Z' };
  const waiting = current({ replicas: 2, available: 0, desired: 2 });
  const half = current({ replicas: 2, available: 1, desired: 2 });
  const done = current({ replicas: 2, desired: 2 });
  const at = (replicaSet: ReplicaSet, more: Partial<DeploymentSnapshot> = {}) =>
    reconcile(snapshotOf(makeDeployment(2, { status }), [replicaSet], more)).actions;
  assert.deepEqual(progressIn(at(half)), [
    'True',
    'ReplicaSetUpdated',
    'ReplicaSet "new" is progressing.',
  ]);
  assert.deepEqual(progressIn(at(done)), [
    'True',
    'NewReplicaSetAvailable',
    'ReplicaSet "new" has successfully progressed.',
  ]);
  const known = statusIn(at(waiting)) ?? {};
  const late = snapshotOf(makeDeployment(2, { status: known }), [waiting], stuckLater);
  assert.deepEqual(progressIn(reconcile(late).actions), [
    'False',
    'ProgressDeadlineExceeded',
    'ReplicaSet "new" has timed out progressing.',
  ]);
  const early = snapshotOf(makeDeployment(2, { status: known }), [waiting]);
  assert.equal(reconcile(early).requeueAfterMs, 601_000);
});

test('deployment counts its pods and says whether enough are available', () => {
  const { actions } = reconcile(
    snapshotOf(makeDeployment(4), [old({ replicas: 3 }), current({ replicas: 2, available: 0 })]),
  );
  const { conditions, ...counts } = statusIn(actions) ?? {};
  assert.deepEqual(counts, {
    observedGeneration: 1,
    replicas: 5,
    updatedReplicas: 2,
    readyReplicas: 3,
    availableReplicas: 3,
    unavailableReplicas: 2,
    terminatingReplicas: 0,
  });
  const available = conditions?.find(({ type }) => type === 'Available');
  assert.equal(available?.reason, 'MinimumReplicasAvailable');
});

test('deployment that is complete deletes empty replica sets beyond its history limit', () => {
  const status = {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    readyReplicas: 2,
  };
  const history = [1, 2, 3].map((revision) =>
    makeReplicaSet(`old-${String(revision)}`, {
      image: `v0.${String(revision)}`,
      replicas: 0,
      revision,
    }),
  );
  const deployment = makeDeployment(2, { status, spec: { revisionHistoryLimit: 1 } });
  const { actions } = reconcile(
    snapshotOf(deployment, [...history, current({ replicas: 2, revision: 4, desired: 2 })]),
  );
  const deleted = actions.flatMap((action) => (action.type === 'delete' ? [action.name] : []));
  assert.deepEqual(deleted, ['old-1', 'old-2']);
});

test('deployment shows why its replica set or its pods cannot be made', () => {
  const failures = [
    { type: 'create', plural: 'replicasets', reason: 'Forbidden', message: 'exceeded quota' },
  ] as const;
  const refused = reconcile(snapshotOf(makeDeployment(2), [], { failures }));
  const [status, reason, message] = progressIn(refused.actions);
  assert.deepEqual([status, reason], ['False', 'ReplicaSetCreateError']);
  assert.match(String(message), /^Failed to create new replica set "web-.*": exceeded quota$/);
  const replicaSet = current({ replicas: 2, available: 0, desired: 2 });
  const failing: ReplicaSet = {
    ...replicaSet,
    status: {
      ...replicaSet.status,
      conditions: [
        { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' },
      ],
    },
  };
  const conditions = statusIn(
    reconcile(snapshotOf(makeDeployment(2), [failing])).actions,
  )?.conditions;
  const failure = conditions?.find(({ type }) => type === 'ReplicaFailure');
  assert.deepEqual([failure?.reason, failure?.message], ['FailedCreate', 'quota']);
});

test('deployment refuses to select everything', () => {
  const deployment = makeDeployment(2, { spec: { selector: {} } });
  const [event, update] = reconcile(snapshotOf(deployment, [])).actions;
  assert.ok(event?.type === 'event' && event.eventReason === 'SelectingAll');
  assert.equal(update?.type, 'updateStatus');
});

test('deployment adopts an orphan of its labels before anything else', () => {
  const orphan = current();
  delete orphan.metadata.ownerReferences;
  const { actions } = reconcile(snapshotOf(makeDeployment(2), [orphan]));
  assert.deepEqual(
    actions.map((action) => action.type),
    ['patch'],
  );
});
