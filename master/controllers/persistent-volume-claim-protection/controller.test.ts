import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.js';
import { pods } from '../../../api/core/v1/pod/pod.js';
import type { FakeClient } from '../../../machinery/client/fake-client.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { claimProtection } from './controller.js';
import { claimGuard, reconcile } from './reconcile.js';

function start(t: TestContext): FakeClient {
  const { client, run } = fakeCluster(t);
  run(claimProtection({ client }));
  return client;
}

const claimKey = { namespace: 'team', name: 'data' };

const addClaim = (client: FakeClient): void => {
  client.seed(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: claimKey,
    spec: {},
    status: {},
  });
};

const addPod = (client: FakeClient, nodeName: string): void => {
  client.seed(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'team', name: `on-${nodeName}` },
    spec: {
      containers: [],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      nodeName,
    },
    status: { phase: 'Running' },
  });
};

const isGuarded = (client: FakeClient) => () => {
  const [claim] = client.all(persistentVolumeClaims);
  assert.deepEqual(claim?.metadata.finalizers, [claimGuard.finalizer]);
};

test('claim protection holds a deleted claim until the last pod on a node is gone', async (t) => {
  const client = start(t);
  addClaim(client);
  addPod(client, 'n1');
  addPod(client, '');
  await eventually(isGuarded(client));
  await client.delete(persistentVolumeClaims, claimKey);
  isGuarded(client)();
  await client.delete(pods, { namespace: 'team', name: 'on-n1' }, { gracePeriodSeconds: 0 });
  await eventually(() => {
    assert.equal(client.all(persistentVolumeClaims).length, 0);
  });
});

test('claim protection asks the server before a claim goes, unless a pod is known to use it', () => {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...claimKey,
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '2026-01-01T00:00:01Z',
      finalizers: [claimGuard.finalizer],
    },
    spec: {},
    status: {},
  };
  const decided = (user: string | undefined) =>
    reconcile({ claim, user }).actions.map(({ type }) => type);
  assert.deepEqual([decided('p'), decided(undefined)], [[], ['effect']]);
});
