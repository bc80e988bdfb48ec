import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { statefulSets } from './stateful-set.js';
import type { StatefulSet } from './types.js';

const selector = { matchLabels: { app: 'db' } };
const template = {
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'main', image: 'db:1' }] },
};
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const made = (spec: object) =>
  created(statefulSets, { spec: { selector, template, serviceName: 'db', ...spec } });

const podsWith = (spec: object) => ({ template: { ...template, spec } });

test('stateful sets fill the fields that Kubernetes fills', () => {
  const { spec, status } = made({ volumeClaimTemplates: [claim] });
  const { replicas, podManagementPolicy, updateStrategy, revisionHistoryLimit } = spec;
  assert.deepEqual(
    { replicas, podManagementPolicy, updateStrategy, revisionHistoryLimit },
    {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
    },
  );
  assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, {
    whenDeleted: 'Retain',
    whenScaled: 'Retain',
  });
  assert.deepEqual(spec.volumeClaimTemplates, [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { ...claim.spec, volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    },
  ]);
  assert.deepEqual(status, { replicas: 0, availableReplicas: 0 });
});

const refused: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [
    { podManagementPolicy: 'Any' },
    ["spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'"],
  ],
  [
    { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
    [
      "spec.updateStrategy.rollingUpdate: Invalid value: {…}: only allowed for updateStrategy 'RollingUpdate'",
    ],
  ],
  [
    { updateStrategy: { type: 'Never' } },
    ["spec.updateStrategy: Invalid value: {…}: must be 'RollingUpdate' or 'OnDelete'"],
  ],
  [
    { updateStrategy: { rollingUpdate: { partition: -1 } } },
    [
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Burn' } },
    [
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Burn": supported values: "Retain", "Delete"',
    ],
  ],
  [
    { ordinals: { start: -1 } },
    ['spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [{ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] }, []],
  [{ revisionHistoryLimit: -1 }, []],
  [
    podsWith({ containers: [{ name: 'main', volumeMounts: [{ name: 'data', mountPath: '/d' }] }] }),
    [],
  ],
  [
    {
      template: {
        ...template,
        metadata: {
          ...template.metadata,
          annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'high' },
        },
      },
    },
    [
      'spec.template.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "high": must be a 32bit integer',
    ],
  ],
  [
    podsWith({ activeDeadlineSeconds: 5 }),
    [
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported',
    ],
  ],
  [
    { selector: { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
    [
      'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
      'spec.selector: Invalid value: {…}',
    ],
  ],
  [
    { selector: {} },
    ['spec.selector: Invalid value: {…}: empty selector is invalid for statefulset'],
  ],
];

test('stateful sets refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(statefulSets.validate(made(spec))), expected, JSON.stringify(spec));
  }
});

test('stateful sets drop how many pods may be unavailable unless it was there', () => {
  const rolling = { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } };
  const object = made(rolling);
  assert.deepEqual(object.spec.updateStrategy?.rollingUpdate, { partition: 0 });
  const stored = storedAs(object);
  const next = changed(stored, rolling);
  statefulSets.strategy.prepareForUpdate?.(next, stored, 0);
  assert.equal(next.spec.updateStrategy?.rollingUpdate?.maxUnavailable, undefined);
  const older = changed(stored, {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } },
  });
  const kept = structuredClone(older);
  statefulSets.strategy.prepareForUpdate?.(kept, older, 0);
  assert.deepEqual(refusals(statefulSets.validate(kept)), [
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
  ]);
});

test('stateful sets warn of what their claims and histories are better without', () => {
  const half = { spec: { resources: { requests: { storage: '500m' } } } };
  const object = made({ revisionHistoryLimit: -1, volumeClaimTemplates: [half] });
  const detail = 'fractional byte value "500m" is invalid, must be an integer';
  const path = (spec: string) => `spec.volumeClaimTemplates[0]${spec}.resources.requests[storage]`;
  const limit =
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';
  const warnings = (stored?: StatefulSet) => statefulSets.strategy.warnings?.(object, stored);
  assert.deepEqual(warnings(), [`${path('')}: ${detail}`, limit]);
  assert.deepEqual(warnings(object), [`${path('.Spec')}: ${detail}`, limit]);
});

test('only a new stateful set has to name its service well', () => {
  const object = made({ serviceName: 'Not_A_Label' });
  assert.match(refusals(statefulSets.validate(object)).join(), /^spec\.serviceName: Invalid value/);
  assert.deepEqual(refusals(statefulSets.validate(storedAs(object))), []);
});

test('stateful sets change only in what Kubernetes lets change', () => {
  const stored = storedAs(made({}));
  const update = (spec: object) =>
    refusals(statefulSets.validateUpdate?.(changed(stored, spec), stored));
  assert.deepEqual(
    update({ replicas: 3, ordinals: { start: 1 }, minReadySeconds: 1, revisionHistoryLimit: 1 }),
    [],
  );
  for (const spec of [{ serviceName: 'x' }, { podManagementPolicy: 'Parallel' }]) {
    assert.deepEqual(update(spec), [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  }
});

test('statuses of stateful sets have to add up', () => {
  const stored = storedAs(made({}));
  stored.status.collisionCount = 1;
  const draft = structuredClone(stored);
  draft.status = { replicas: 1, readyReplicas: 1, availableReplicas: 2, updatedReplicas: 2 };
  assert.deepEqual(refusals(statefulSets.validateStatusUpdate?.(draft, stored)), [
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
});

test('stateful sets show how many of their pods are ready, and scale', () => {
  const object = made({ replicas: 3 });
  object.status = { replicas: 2, readyReplicas: 1 };
  assert.deepEqual(row(statefulSets, object), {
    Name: 'a',
    Ready: '1/3',
    Age: '10m',
    Containers: 'main',
    Images: 'db:1',
  });
  statefulSets.scale?.setReplicas(object, 5);
  assert.equal(statefulSets.scale?.replicas(object), 5);
  assert.equal(statefulSets.scale.statusReplicas(object), 2);
  assert.equal(statefulSets.scale.selector(object), 'app=db');
});
