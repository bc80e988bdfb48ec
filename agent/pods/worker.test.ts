import { pods } from '../../api/core/v1/pod/pod.js';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.js';
import { eventually } from '../../testing/eventually.js';
import { container, TestNode } from './fixtures.test.js';
import { reconnectInitialMs } from './limits.js';

let node: TestNode;

beforeEach(async () => {
  node = new TestNode();
  node.runtime.images.set('web:1', {});
  await node.startAgent();
});

afterEach(async () => {
  await node.close();
});

const becomes = async (name: string, check: (pod: Pod) => void | Promise<void>): Promise<Pod> =>
  eventually(async () => {
    const pod = await node.pod(name);
    await check(pod);
    return pod;
  });

/** Waits for what comes only after a pause; each look at the pod moves the time on. */
const becomesLater = async (name: string, check: (pod: Pod) => void): Promise<Pod> =>
  becomes(name, async (pod) => {
    await node.clock.advance(reconnectInitialMs);
    check(pod);
  });

const isReady = ({ status }: Pod): void => {
  assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
};

const waitingReason = ({ status }: Pod): string | undefined =>
  status.containerStatuses?.[0]?.state?.waiting?.reason;

test('pod worker brings a pod to Ready with its address and events', async () => {
  await node.createPod('web');
  const pod = await becomes('web', isReady);
  assert.equal(pod.status.phase, 'Running');
  assert.equal(pod.status.podIP, '10.244.0.2');
  assert.equal(pod.status.hostIP, '192.168.0.1');
  assert.match(pod.status.containerStatuses?.[0]?.containerID ?? '', /^docker:\/\/fake/);
  assert.deepEqual(
    node.events.map(({ reason }) => reason),
    ['Pulled', 'Created', 'Started'],
  );
});

test('pod worker pulls an image that is missing and says why it cannot', async () => {
  node.runtime.registry.set('new:1', {});
  await node.createPod('good', { containers: [container('main', { image: 'new:1' })] });
  await becomes('good', isReady);
  const { message = '' } = node.events.find(({ reason }) => reason === 'Pulled') ?? {};
  assert.match(
    message,
    /^Successfully pulled image "new:1" in \d+m?s \(\d+m?s including waiting\)\. Image size: 1 bytes\.$/,
  );
  await node.createPod('bad', { containers: [container('main', { image: 'none:1' })] });
  const pod = await becomes('bad', (found) => {
    assert.equal(waitingReason(found), 'ErrImagePull');
  });
  assert.match(
    pod.status.containerStatuses?.[0]?.state?.waiting?.message ?? '',
    /pull access denied for none:1/,
  );
});

test('pod worker restarts a container at once the first time and backs off after that', async () => {
  await node.createPod('web');
  await becomes('web', isReady);
  const [first = ''] = await node.running('main');
  node.runtime.exit(first, 1);
  await becomes('web', (pod) => {
    assert.equal(pod.status.containerStatuses?.[0]?.restartCount, 1);
    isReady(pod);
  });
  const [second = ''] = await node.running('main');
  node.runtime.exit(second, 2);
  const pod = await becomes('web', (found) => {
    assert.equal(waitingReason(found), 'CrashLoopBackOff');
  });
  assert.equal(pod.status.phase, 'Running');
  assert.equal(pod.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 2);
  assert.equal(node.events.filter(({ reason }) => reason === 'Pulled').length, 2);
  const told = node.events.filter(({ reason }) => reason === 'BackOff');
  assert.deepEqual(
    told.map(({ message }) => message),
    [`Back-off restarting failed container main in pod web_default(${pod.metadata.uid})`],
  );
});

test('pod worker ends pods that run to completion as their containers ended', async () => {
  node.runtime.images.set('ok:1', { exitCode: 0 });
  node.runtime.images.set('bad:1', { exitCode: 7 });
  for (const [name, phase] of [
    ['ok', 'Succeeded'],
    ['bad', 'Failed'],
  ] as const) {
    const only = container('main', { image: `${name}:1` });
    await node.createPod(name, { restartPolicy: 'Never', containers: [only] });
    const pod = await becomes(name, (found) => {
      assert.equal(found.status.phase, phase);
    });
    const ended = pod.status.containerStatuses?.[0]?.state?.terminated;
    assert.equal(ended?.exitCode, name === 'ok' ? 0 : 7);
    assert.equal(ended.reason, name === 'ok' ? 'Completed' : 'Error');
  }
  await eventually(async () => {
    assert.deepEqual(await node.running('POD'), []);
  });
});

test('pod worker says what configuration is missing and goes on once it is there', async () => {
  const configMapKeyRef = { name: 'settings', key: 'colour' };
  const env = [{ name: 'COLOUR', valueFrom: { configMapKeyRef } }];
  await node.createPod('web', { containers: [container('main', { env })] });
  await becomes('web', (pod) => {
    assert.equal(waitingReason(pod), 'CreateContainerConfigError');
  });
  await node.client.create(
    { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { colour: 'red' },
    } as never,
  );
  await becomesLater('web', isReady);
});

test('pod worker reports a volume that cannot be mounted', async () => {
  node.volumes.failure = 'no such disk';
  await node.createPod('web');
  await eventually(() => {
    assert.ok(
      node.events.some(
        ({ reason, message }) => reason === 'FailedMount' && message === 'no such disk',
      ),
    );
  });
  node.volumes.failure = undefined;
  await becomesLater('web', isReady);
});

test('pod worker leaves nothing of a deleted pod', async () => {
  await node.createPod('web');
  await becomes('web', isReady);
  await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
  await eventually(async () => {
    assert.deepEqual(await node.runtime.list(), []);
  });
  assert.equal(node.network.wired.size, 0);
  await eventually(() => {
    assert.equal(node.volumes.mounted.size, 0);
  });
});

test('pod workers adopt running containers after a restart of the agent', async () => {
  await node.createPod('web');
  const before = await becomes('web', isReady);
  const running = await node.running('main');
  node.stopAgent();
  const operations = node.runtime.operations.length;
  const requests = node.client.requests.length;
  await node.startAgent();
  await node.createPod('other');
  await becomes('other', isReady);
  assert.equal((await node.running('main')).includes(running[0] ?? ''), true);
  const about = node.runtime.operations.slice(operations).filter((text) => text.includes('_web_'));
  assert.deepEqual(about, []);
  const patches = node.client.requests.slice(requests).filter(({ name }) => name === 'web');
  assert.deepEqual(patches, []);
  assert.deepEqual((await node.pod('web')).status, before.status);
});

test('pod workers clear away pods that were deleted while the agent was down', async () => {
  await node.createPod('web');
  await becomes('web', isReady);
  node.stopAgent();
  await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
  await node.startAgent();
  await eventually(async () => {
    assert.deepEqual(await node.runtime.list(), []);
    assert.equal(node.volumes.mounted.size, 0);
  });
});

test('pod workers bring pods back after the engine has died', async () => {
  await node.createPod('web');
  await becomes('web', isReady);
  node.runtime.crash();
  node.runtime.recover();
  const pod = await becomesLater('web', (found) => {
    assert.equal(found.status.containerStatuses?.[0]?.restartCount, 1);
    isReady(found);
  });
  assert.equal(pod.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 255);
  assert.equal((await node.running('main')).length, 1);
  assert.equal((await node.running('POD')).length, 1);
});
