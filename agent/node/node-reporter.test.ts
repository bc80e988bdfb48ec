import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { leases } from '../../api/coordination/v1/lease.js';
import { nodes } from '../../api/core/v1/node.js';
import { FakeClient } from '../../machinery/client/fake-client.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { eventually } from '../../testing/eventually.js';
import { NodeReporter } from './node-reporter.js';
import type { NodeFacts, NodeHealth } from './node-status.js';

const facts: NodeFacts = {
  nodeIp: '10.0.0.1',
  cpus: 2,
  memoryBytes: 8 * 1024 ** 3,
  storageBytes: 100 * 1024 ** 3,
  kernelVersion: '6.1.0',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  machineId: 'machine',
  bootId: 'boot',
  systemUuid: 'system',
  processor: 'x64',
  engineVersion: '20.10.24',
  agentVersion: 'v1.36.0+pintle.0.1.0',
  agentPort: 10_250,
};
const healthy: NodeHealth = {
  problems: [],
  availableMemoryBytes: 4 * 1024 ** 3,
  availableStorageBytes: 50 * 1024 ** 3,
  availablePids: 30_000,
  images: [],
};

let clock: FakeClock;
let client: FakeClient;
let health: NodeHealth;
let reporter: NodeReporter;
let over: AbortController;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  client = new FakeClient(clock);
  health = healthy;
  over = new AbortController();
  told = [];
  reporter = new NodeReporter({
    client,
    clock,
    logger: silentLogger,
    nodeName: 'node-1',
    facts: () => facts,
    health: () => Promise.resolve(health),
    tell: (_node, { reason, message }) => {
      told.push(`${reason}: ${message}`);
    },
    signal: over.signal,
  });
});
afterEach(() => {
  over.abort();
});

const readyCondition = async () => {
  const node = await client.get(nodes, { name: 'node-1' });
  return node.status.conditions?.find(({ type }) => type === 'Ready');
};

/** Waits until the first status and the first lease are in the API. */
const reported = async (): Promise<void> => {
  await eventually(async () => {
    assert.ok(await readyCondition());
    await client.get(leases, { namespace: 'kube-node-lease', name: 'node-1' });
  });
};

test('node reporter registers the node and keeps the labels others set', async () => {
  await reporter.register();
  await client.patch(
    nodes,
    { name: 'node-1' },
    { type: 'merge', body: { metadata: { labels: { rack: 'a' } } } },
  );
  const again = await reporter.register();
  assert.equal(again.metadata.labels?.rack, 'a');
  assert.equal(again.metadata.labels['kubernetes.io/hostname'], 'node-1');
  assert.equal(again.metadata.labels['kubernetes.io/arch'], 'amd64');
});

test('node reporter says that the node is ready and renews its lease', async () => {
  await reporter.register();
  void reporter.run();
  await reported();
  const before = await client.get(leases, { namespace: 'kube-node-lease', name: 'node-1' });
  await clock.advance(10_000);
  const after = await client.get(leases, { namespace: 'kube-node-lease', name: 'node-1' });
  assert.notEqual(after.spec.renewTime, before.spec.renewTime);
  assert.equal((await readyCondition())?.status, 'True');
  const { status } = await client.get(nodes, { name: 'node-1' });
  assert.deepEqual(status.addresses, [
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'Hostname', address: 'node-1' },
  ]);
});

test('node reporter says at once when the engine is gone', async () => {
  await reporter.register();
  void reporter.run();
  await reported();
  health = { ...healthy, problems: ['the Docker engine does not answer'] };
  reporter.checkNow();
  const condition = await eventually(async () => {
    const found = await readyCondition();
    assert.equal(found?.status, 'False');
    return found;
  });
  assert.equal(condition.message, 'the Docker engine does not answer');
});

test('node reporter tells when it starts and what becomes of the conditions', async () => {
  const saying = (reason: string): string => `${reason}: Node node-1 status is now: ${reason}`;
  await reporter.register();
  void reporter.run();
  await reported();
  assert.deepEqual(told, [
    'Starting: Starting kubelet.',
    saying('NodeHasSufficientMemory'),
    saying('NodeHasNoDiskPressure'),
    saying('NodeHasSufficientPID'),
    saying('NodeReady'),
  ]);
  health = { ...healthy, availablePids: 10, problems: ['the Docker engine does not answer'] };
  reporter.checkNow();
  await eventually(() => {
    assert.deepEqual(told.slice(5), [saying('NodeHasInsufficientPID'), saying('NodeNotReady')]);
  });
});

test('node reporter writes nothing while nothing changes', async () => {
  await reporter.register();
  void reporter.run();
  await reported();
  const first = await client.get(nodes, { name: 'node-1' });
  await clock.advance(60_000);
  const later = await client.get(nodes, { name: 'node-1' });
  assert.equal(later.metadata.resourceVersion, first.metadata.resourceVersion);
});

test('node reporter keeps the transition time of conditions that hold on', async () => {
  await reporter.register();
  void reporter.run();
  await reported();
  const first = await readyCondition();
  await clock.advance(10 * 60_000);
  const later = await readyCondition();
  assert.equal(later?.lastTransitionTime, first?.lastTransitionTime);
  assert.notEqual(later?.lastHeartbeatTime, first?.lastHeartbeatTime);
});
