import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { FieldError } from '../../validation/field-error.js';
import type { DeploymentSpec, ReplicaSetSpec, Deployment, ReplicaSet } from './types.js';
import { deployments } from './deployment.js';
import { replicaSets } from './replica-set.js';

const metadata = {
  name: 'web',
  uid: 'u',
  resourceVersion: '',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const selector = { matchLabels: { app: 'web' } };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      { name: 'c', image: 'app:1' },
      { name: 'd', image: 'app:2' },
    ],
  },
};

function deploymentFrom(spec: Partial<DeploymentSpec> | undefined): Deployment {
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: structuredClone(spec),
  };
  const deployment = draft as unknown as Deployment;
  deployments.defaults?.(deployment);
  return deployment;
}

function replicaSetFrom(spec: Partial<ReplicaSetSpec> | undefined): ReplicaSet {
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata,
    spec: structuredClone(spec),
  };
  const replicaSet = draft as unknown as ReplicaSet;
  replicaSets.defaults?.(replicaSet);
  return replicaSet;
}

const texts = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

test('deployments fill the fields that Kubernetes fills', () => {
  const { spec } = deploymentFrom({ selector, template });
  assert.equal(spec.replicas, 1);
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(spec.progressDeadlineSeconds, 600);
  assert.deepEqual(spec.strategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
  });
  assert.equal(spec.template.spec?.restartPolicy, 'Always');
  assert.equal(spec.template.spec.enableServiceLinks, undefined);
  assert.deepEqual(deployments.validate(deploymentFrom(spec)), []);
});

const refused: readonly (readonly [Partial<DeploymentSpec>, readonly string[]])[] = [
  [
    { selector: undefined as never },
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  ],
  [
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  [{ replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [
    { strategy: { type: 'Recreate', rollingUpdate: {} } },
    [
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
  ],
  [
    { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
    [
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ],
  ],
  [
    { strategy: { rollingUpdate: { maxUnavailable: '101%' } } },
    [
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ],
  ],
  [
    { minReadySeconds: 10, progressDeadlineSeconds: 10 },
    ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
  ],
];

test('deployments refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    const deployment = deploymentFrom({ selector, template, ...spec });
    assert.deepEqual(texts(deployments.validate(deployment)), expected);
  }
});

test('workloads without a spec are refused, not crashed on', () => {
  assert.equal(deployments.validate(deploymentFrom(undefined)).length, 3);
  assert.equal(replicaSets.validate(replicaSetFrom(undefined)).length, 3);
  const [empty] = replicaSets.validate(replicaSetFrom({ selector: {}, template }));
  assert.equal(empty?.message, 'Invalid value: {}: empty selector is invalid for deployment');
});

test('workloads keep their selector', () => {
  const stored = deploymentFrom({ selector, template });
  const moved = deploymentFrom({ selector: { matchLabels: { app: 'x' } }, template });
  assert.deepEqual(texts(deployments.validateUpdate?.(moved, stored) ?? []), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
  ]);
  assert.deepEqual(deployments.validateUpdate?.(stored, stored), []);
});

test('statuses of workloads have to add up', () => {
  const deployment = deploymentFrom({ selector, template });
  deployment.status = { replicas: 1, updatedReplicas: 2, collisionCount: 0 };
  const stored = structuredClone(deployment);
  stored.status = { collisionCount: 1 };
  assert.deepEqual(texts(deployments.validateStatusUpdate?.(deployment, stored) ?? []), [
    'status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
});

test('workloads scale and tell their selector', () => {
  const replicaSet = replicaSetFrom({ selector, template, replicas: 2 });
  const { scale } = replicaSets;
  assert.equal(scale?.replicas(replicaSet), 2);
  scale.setReplicas(replicaSet, 5);
  assert.equal(replicaSet.spec.replicas, 5);
  assert.equal(scale.selector(replicaSet), 'app=web');
});

test('workloads show the columns of kubectl get -o wide', () => {
  const now = Date.parse('2026-01-01T00:10:00Z');
  const deployment = deploymentFrom({ selector, template, replicas: 3 });
  deployment.status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 };
  assert.deepEqual(
    deployments.columns?.map(({ cell }) => cell(deployment, now)),
    ['web', '2/3', 3, 1, '10m', 'c,d', 'app:1,app:2', 'app=web'],
  );
  const replicaSet = replicaSetFrom({ selector, template, replicas: 3 });
  assert.deepEqual(
    replicaSets.columns?.map(({ cell }) => cell(replicaSet, now)),
    ['web', 3, 0, 0, '10m', 'c,d', 'app:1,app:2', 'app=web'],
  );
});

test('deployments count changes of annotations as generations', () => {
  const stored = deploymentFrom({ selector, template });
  stored.metadata = { ...stored.metadata, generation: 3 };
  const next = structuredClone(stored);
  deployments.strategy.prepareForUpdate?.(next, stored, 0);
  assert.equal(next.metadata.generation, 3);
  next.metadata.annotations = { 'kubernetes.io/change-cause': 'new image' };
  deployments.strategy.prepareForUpdate?.(next, stored, 0);
  assert.equal(next.metadata.generation, 4);
});
