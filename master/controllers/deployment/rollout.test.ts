/**
 * Whole rollouts: Deployment and ReplicaSet controllers over the fake client, with a stand-in for the nodes that makes pods
 * ready, and the promise of a rolling update checked at every change.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { deployments } from '../../../api/apps/v1/deployment.js';
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type { Deployment } from '../../../api/apps/v1/types.js';
import { isPodActive, isPodReady } from '../../../api/core/v1/pod/conditions.js';
import { pods } from '../../../api/core/v1/pod/pod.js';
import type { Pod } from '../../../api/core/v1/types.js';
import type { NewObject } from '../../../api/meta/v1/types.js';
import { FakeClient } from '../../../machinery/client/fake-client.js';
import { systemClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { RecordBuffer, replay } from '../../../machinery/controller/replay.js';
import { runController } from '../../../machinery/controller/driver.js';
import { InformerFactory } from '../../../machinery/informer/informer.js';
import { silentLogger } from '../../../machinery/log/log.js';
import { Metrics } from '../../../machinery/metrics/metrics.js';
import { eventually } from '../../../testing/eventually.js';
import { replicaSetController } from '../replica-set/controller.js';
import { deploymentController } from './controller.js';

const key = { namespace: 'default', name: 'web' };

const makeDeployment = (type: 'RollingUpdate' | 'Recreate'): NewObject<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { ...key },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    strategy: { type },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'v1' }] },
    },
  },
});

/** Makes every new pod ready a moment later. */
function startNodes(client: FakeClient, signal: AbortSignal): Promise<void> {
  const start = async (): Promise<void> => {
    for await (const { type, object } of client.watch(pods, { resourceVersion: '0', signal })) {
      if (type !== 'ADDED') continue;
      const { namespace, name } = object.metadata;
      const at = new Date(systemClock.now()).toISOString();
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: at }];
      const body = { status: { phase: 'Running', conditions } };
      await client
        .patch(pods, { namespace, name }, { type: 'merge', body, subresource: 'status' })
        .catch(() => undefined);
    }
  };
  return start();
}

function open() {
  const client = new FakeClient(systemClock);
  const logger = silentLogger;
  const clock = systemClock;
  const informers = new InformerFactory({ client, clock, random: systemRandom, logger });
  const stop = new AbortController();
  const { signal } = stop;
  const buffer = new RecordBuffer();
  const metrics = new Metrics();
  const recorder = buffer.record;
  const dependencies = { client, informers, clock, logger, metrics, signal, recorder };
  const running = Promise.all([
    runController(deploymentController, dependencies),
    runController(replicaSetController, dependencies),
    startNodes(client, signal),
  ]);
  informers.start(signal);
  return { client, buffer, stop, running };
}

const isRolledOut = (client: FakeClient, image: string): void => {
  const [deployment] = client.all(deployments);
  const images = client.all(pods).map((pod) => pod.spec.containers[0]?.image);
  assert.deepEqual(images, [image, image, image, image]);
  const progressing = deployment?.status.conditions?.find(({ type }) => type === 'Progressing');
  assert.equal(progressing?.reason, 'NewReplicaSetAvailable');
  assert.equal(deployment?.status.updatedReplicas, 4);
  assert.equal(deployment.status.availableReplicas, 4);
};

const setImage = async (client: FakeClient, image: string): Promise<void> => {
  const body = { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } };
  await client.patch(deployments, key, { type: 'merge', body });
};

test('rolling update keeps enough pods available and never too many, forth and back', async () => {
  const { client, buffer, stop, running } = open();
  await client.create(deployments, makeDeployment('RollingUpdate'));
  await eventually(() => {
    isRolledOut(client, 'v1');
  });
  const counts: [number, number][] = [];
  const watching = (async () => {
    const resourceVersion = '0';
    for await (const _ of client.watch(pods, { resourceVersion, signal: stop.signal })) {
      const all: readonly Pod[] = client.all(pods).filter(isPodActive);
      counts.push([all.length, all.filter(isPodReady).length]);
    }
  })();
  for (const image of ['v2', 'v1']) {
    await setImage(client, image);
    await eventually(() => {
      isRolledOut(client, image);
    });
  }
  stop.abort();
  await Promise.all([running, watching]);
  assert.ok(Math.max(...counts.map(([total]) => total)) <= 5);
  assert.ok(Math.min(...counts.map(([, ready]) => ready)) >= 3);
  assert.equal(client.all(replicaSets).length, 2);
  const [deployment] = client.all(deployments);
  assert.equal(deployment?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  assert.deepEqual(replay(deploymentController, buffer.text()), []);
  assert.deepEqual(replay(replicaSetController, buffer.text()), []);
});

test('recreate never lets old and new pods run together', async () => {
  const { client, stop, running } = open();
  await client.create(deployments, makeDeployment('Recreate'));
  await eventually(() => {
    isRolledOut(client, 'v1');
  });
  const mixes: number[] = [];
  const watching = (async () => {
    for await (const _ of client.watch(pods, { resourceVersion: '0', signal: stop.signal })) {
      const images = client.all(pods).map((pod) => pod.spec.containers[0]?.image);
      mixes.push(new Set(images).size);
    }
  })();
  await setImage(client, 'v2');
  await eventually(() => {
    isRolledOut(client, 'v2');
  });
  stop.abort();
  await Promise.all([running, watching]);
  assert.ok(Math.max(...mixes) <= 1);
});

test('deployment that is scaled resizes its replica set without a new one', async () => {
  const { client, stop, running } = open();
  await client.create(deployments, makeDeployment('RollingUpdate'));
  await eventually(() => {
    isRolledOut(client, 'v1');
  });
  await client.patch(deployments, key, { type: 'merge', body: { spec: { replicas: 2 } } });
  await eventually(() => {
    assert.equal(client.all(pods).length, 2);
    assert.equal(client.all(deployments)[0]?.status.replicas, 2);
  });
  assert.equal(client.all(replicaSets).length, 1);
  stop.abort();
  await running;
});
