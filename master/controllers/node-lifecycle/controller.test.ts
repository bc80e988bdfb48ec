import { leases as leasesRef } from '../../../api/coordination/v1/lease.js';
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Node, NodeCondition, Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { FakeClient } from '../../../machinery/client/fake-client.js';
import { microTimestamp } from '../../../api/meta/timestamp.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import type { ControllerDefinition } from '../../../machinery/controller/controller.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { podGarbageCollector } from '../pod-garbage-collector/controller.js';
import { nodeLifecycleController } from './controller.js';

interface Rig {
  readonly client: FakeClient;
  readonly clock: FakeClock;
  /** Lets time pass in steps of a second, the named nodes renewing their leases, and everything due happen. */
  readonly pass: (seconds: number, ...alive: string[]) => Promise<void>;
}

function start<P extends KubeObject, S>(
  t: TestContext,
  definition: ControllerDefinition<P, S>,
): Rig {
  const clock = new FakeClock();
  const { client, run } = fakeCluster(t, clock);
  run(definition);
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await clock.advance(0);
  };
  const renew = async (name: string): Promise<void> => {
    await client.patch(
      leasesRef,
      { namespace: 'kube-node-lease', name },
      { type: 'merge', body: { spec: { renewTime: microTimestamp(clock.now()) } } },
    );
  };
  const pass = async (seconds: number, ...alive: string[]): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(1000);
      if (second % 10 === 0) await Promise.all(alive.map(renew));
      await settle();
    }
  };
  return { client, clock, pass };
}

const ready: NodeCondition = { type: 'Ready', status: 'True', reason: 'KubeletReady' };

function addNode(client: FakeClient, name: string): void {
  client.seed(nodesRef, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: {},
    status: { conditions: [ready] },
  });
  client.seed(leasesRef, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: {},
  });
}

const addPod = (client: FakeClient, name: string, node: string, tolerationSeconds?: number): Pod =>
  client.seed(podsRef, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: node,
      containers: [],
      tolerations: [
        {
          key: 'node.kubernetes.io/unreachable',
          operator: 'Exists',
          effect: 'NoExecute',
          ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
        },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });

const nodeNamed = (client: FakeClient, name: string): Node | undefined =>
  client.all(nodesRef).find(({ metadata }) => metadata.name === name);

const readyOf = (node: Node | undefined): string | undefined =>
  node?.status.conditions?.find(({ type }) => type === 'Ready')?.status;

const podNames = (client: FakeClient): string[] =>
  client
    .all(podsRef)
    .map(({ metadata }) => metadata.name)
    .sort();

test('node lifecycle moves pods off a node that falls silent, in its time, and off no other', async (t) => {
  const { client, pass } = start(t, nodeLifecycleController({ detection: 'standard' }));
  addNode(client, 'n1');
  addNode(client, 'n2');
  addPod(client, 'patient', 'n1', 30);
  addPod(client, 'faithful', 'n1');
  addPod(client, 'elsewhere', 'n2', 0);
  await pass(30, 'n1', 'n2');
  assert.equal(readyOf(nodeNamed(client, 'n1')), 'True');
  await pass(45, 'n2');
  const silent = nodeNamed(client, 'n1');
  assert.equal(readyOf(silent), 'Unknown');
  assert.deepEqual(
    silent?.spec.taints?.map(({ key, effect }) => [key, effect]),
    [
      ['node.kubernetes.io/unreachable', 'NoSchedule'],
      ['node.kubernetes.io/unreachable', 'NoExecute'],
    ],
  );
  assert.deepEqual(podNames(client), ['elsewhere', 'faithful', 'patient']);
  const patient = client.all(podsRef).find(({ metadata }) => metadata.name === 'patient');
  assert.equal(patient?.status.conditions?.[0]?.status, 'False');
  await pass(31, 'n2');
  assert.deepEqual(podNames(client), ['elsewhere', 'faithful']);
  assert.equal(readyOf(nodeNamed(client, 'n2')), 'True');
});

test('node lifecycle evicts nothing while no node at all is heard of', async (t) => {
  const { client, pass } = start(t, nodeLifecycleController({ detection: 'fast' }));
  addNode(client, 'n1');
  addPod(client, 'p', 'n1', 0);
  await pass(20);
  assert.equal(readyOf(nodeNamed(client, 'n1')), 'Unknown');
  assert.deepEqual(
    nodeNamed(client, 'n1')?.spec.taints?.map(({ effect }) => effect),
    ['NoSchedule'],
  );
  assert.deepEqual(podNames(client), ['p']);
});

test('node lifecycle takes its taints off a node that is back', async (t) => {
  const { client, pass } = start(t, nodeLifecycleController({ detection: 'fast' }));
  addNode(client, 'n1');
  addNode(client, 'n2');
  await pass(20, 'n2');
  assert.equal(nodeNamed(client, 'n1')?.spec.taints?.length, 2);
  await client.patch(
    nodesRef,
    { name: 'n1' },
    { type: 'merge', subresource: 'status', body: { status: { conditions: [ready] } } },
  );
  await pass(2, 'n1', 'n2');
  assert.deepEqual(nodeNamed(client, 'n1')?.spec.taints, []);
});

test('pod garbage collector removes the pods of a node that stays away', async (t) => {
  const { client, pass } = start(t, podGarbageCollector());
  addNode(client, 'n1');
  addPod(client, 'p', 'n1');
  addPod(client, 'stray', 'gone');
  await pass(30);
  await client.delete(nodesRef, { name: 'n1' });
  await pass(15);
  assert.deepEqual(podNames(client), ['p']);
  await pass(30);
  assert.deepEqual(podNames(client), []);
});
