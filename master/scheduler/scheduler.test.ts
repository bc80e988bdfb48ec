import { events as eventsRef } from '../../api/core/v1/event.js';
import { nodes as nodesRef } from '../../api/core/v1/node.js';
import { pods as podsRef } from '../../api/core/v1/pod/pod.js';
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FakeClient } from '../../machinery/client/fake-client.js';
import { FakeClock, systemClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { InformerFactory } from '../../machinery/informer/informer.js';
import { silentLogger } from '../../machinery/log/log.js';
import { Metrics } from '../../machinery/metrics/metrics.js';
import { eventually } from '../../testing/eventually.js';
import { makeNode, makePod, SmallCluster } from './fixtures.test.js';
import { startScheduler, type RunningScheduler } from './scheduler.js';

interface Rig {
  readonly cluster: SmallCluster;
  readonly clock: FakeClock;
  readonly metrics: Metrics;
  readonly scheduler: RunningScheduler;
  /** Lets everything that is due happen. */
  readonly settle: (byMs?: number) => Promise<void>;
}

async function start(t: TestContext, cluster = new SmallCluster()): Promise<Rig> {
  const clock = new FakeClock();
  const metrics = new Metrics();
  const stop = new AbortController();
  t.after(() => {
    stop.abort();
  });
  const scheduler = startScheduler({
    client: cluster.client,
    informers: cluster.informers,
    events: cluster.eventSink,
    clock,
    random: systemRandom,
    logger: silentLogger,
    metrics,
    signal: stop.signal,
  });
  await scheduler.ready;
  const settle = async (byMs = 0): Promise<void> => clock.advance(byMs);
  await settle();
  return { cluster, clock, metrics, scheduler, settle };
}

test('scheduler binds a pending pod and says so in an event', async (t) => {
  const { cluster, settle, scheduler } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  cluster.pods.set(makePod('web'));
  await settle();
  assert.equal(cluster.nodeOf('web'), 'n1');
  assert.deepEqual(cluster.events, [
    { reason: 'Scheduled', message: 'Successfully assigned default/web to n1', pod: 'web' },
  ]);
  assert.equal(scheduler.explain('default/web')?.chosenNode, 'n1');
});

test('scheduler takes in what existed before it started', async (t) => {
  const cluster = new SmallCluster();
  cluster.nodes.set(makeNode('n1'));
  cluster.pods.set(makePod('web'));
  const { settle } = await start(t, cluster);
  await settle();
  assert.equal(cluster.nodeOf('web'), 'n1');
});

test('scheduler leaves pods of other schedulers, deleted pods and ended pods alone', async (t) => {
  const { cluster, settle } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  cluster.pods.set(makePod('other', { spec: { schedulerName: 'mine' } }));
  cluster.pods.set(makePod('going', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }));
  const ended = makePod('ended');
  cluster.pods.set({ ...ended, status: { phase: 'Failed' } });
  await settle();
  assert.deepEqual(cluster.binds, []);
});

test('scheduler says why a pod fits nowhere, by condition, event and verdict', async (t) => {
  const { cluster, settle, scheduler } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  const taints = [{ key: 'dedicated', effect: 'NoSchedule' as const }];
  cluster.nodes.set(makeNode('n2', { spec: { taints } }));
  cluster.nodes.set(makeNode('n3', { spec: { taints } }));
  cluster.pods.set(makePod('big', { requests: { cpu: '5' } }));
  await settle();
  const message =
    '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). ' +
    'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
  const condition = cluster.condition('big');
  assert.equal(condition?.status, 'False');
  assert.equal(condition.reason, 'Unschedulable');
  assert.equal(condition.message, message);
  assert.deepEqual(cluster.events, [{ reason: 'FailedScheduling', message, pod: 'big' }]);
  assert.deepEqual(
    scheduler.explain('default/big')?.rejections.map(({ node, plugin }) => [node, plugin]),
    [
      ['n1', 'NodeResourcesFit'],
      ['n2', 'TaintToleration'],
      ['n3', 'TaintToleration'],
    ],
  );
});

test('scheduler tries a rejected pod again when room is made, after its back-off', async (t) => {
  const { cluster, settle } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  cluster.pods.set(makePod('first', { requests: { cpu: '3' } }));
  await settle();
  cluster.pods.set(makePod('second', { requests: { cpu: '3' } }));
  await settle();
  assert.equal(cluster.nodeOf('second'), undefined);
  cluster.pods.delete('first');
  await settle();
  assert.equal(cluster.nodeOf('second'), undefined, 'its back-off has not passed');
  await settle(1000);
  assert.equal(cluster.nodeOf('second'), 'n1');
});

test('scheduler does not try a rejected pod again for changes that cannot help it', async (t) => {
  const { cluster, settle, metrics } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  cluster.pods.set(makePod('picky', { spec: { nodeSelector: { disk: 'ssd' } } }));
  cluster.pods.set(makePod('short'));
  await settle();
  cluster.pods.delete('short');
  cluster.nodes.set(makeNode('n2'));
  await settle(20_000);
  const attempts = /attempts_total\{result="unschedulable".*\} (\d+)/.exec(
    (await metrics.render()).body,
  );
  assert.equal(attempts?.[1], '1');
  cluster.nodes.set(makeNode('n2', { labels: { disk: 'ssd' } }));
  await settle();
  assert.equal(cluster.nodeOf('picky'), 'n2');
});

test('scheduler counts pods it has just placed before the informer shows them', async (t) => {
  const cluster = new SmallCluster();
  cluster.nodes.set(makeNode('n1', { allocatable: { pods: '2' } }));
  for (const name of ['a', 'b', 'c']) cluster.pods.set(makePod(name));
  const { settle } = await start(t, cluster);
  await settle();
  assert.equal(cluster.binds.length, 2);
  assert.match(cluster.condition('c')?.message ?? '', /1 Too many pods/);
});

test('scheduler frees the room of a pod whose binding failed and tries again', async (t) => {
  const { cluster, settle } = await start(t);
  cluster.nodes.set(makeNode('n1', { allocatable: { pods: '1' } }));
  cluster.failBind = new Error('store is gone');
  cluster.pods.set(makePod('web'));
  await settle();
  assert.equal(cluster.condition('web')?.reason, 'SchedulerError');
  cluster.failBind = undefined;
  await settle(1000);
  assert.equal(cluster.nodeOf('web'), 'n1');
});

test('scheduler places the more urgent pod first', async (t) => {
  const cluster = new SmallCluster();
  cluster.nodes.set(makeNode('n1', { allocatable: { pods: '1' } }));
  cluster.pods.set(makePod('low'));
  cluster.pods.set(makePod('high', { spec: { priority: 1000 } }));
  const { settle } = await start(t, cluster);
  await settle();
  assert.deepEqual(cluster.binds, [{ pod: 'high', node: 'n1' }]);
});

test('scheduler waits until every scheduling gate is gone', async (t) => {
  const { cluster, settle } = await start(t);
  cluster.nodes.set(makeNode('n1'));
  const gated = makePod('gated', { spec: { schedulingGates: [{ name: 'example.com/quota' }] } });
  cluster.pods.set(gated);
  await settle();
  assert.equal(cluster.condition('gated')?.reason, 'SchedulingGated');
  assert.equal(cluster.nodeOf('gated'), undefined);
  cluster.pods.set({ ...gated, spec: { ...gated.spec, schedulingGates: [] } });
  await settle();
  assert.equal(cluster.nodeOf('gated'), 'n1');
});

test('scheduler spreads the pods of one controller over nodes', async (t) => {
  const { cluster, settle } = await start(t);
  for (const name of ['n1', 'n2', 'n3']) cluster.nodes.set(makeNode(name));
  for (const name of ['a', 'b', 'c']) {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'rs-1' };
    cluster.pods.set(
      makePod(name, { meta: { ownerReferences: [{ ...owner, controller: true }] } }),
    );
    await settle();
  }
  assert.deepEqual(cluster.binds.map(({ node }) => node).sort(), ['n1', 'n2', 'n3']);
});

test('scheduler says so when there are no nodes at all, and places the pod when one comes', async (t) => {
  const { cluster, settle } = await start(t);
  cluster.pods.set(makePod('early'));
  await settle();
  assert.equal(cluster.condition('early')?.message, 'no nodes available to schedule pods');
  cluster.nodes.set(makeNode('n1'));
  await settle(1000);
  assert.equal(cluster.nodeOf('early'), 'n1');
});

test('scheduler runs on real informers and writes real events', async (t) => {
  const clock = systemClock;
  const client = new FakeClient(clock);
  const shared = { client, clock, random: systemRandom, logger: silentLogger };
  const informers = new InformerFactory(shared);
  const stop = new AbortController();
  t.after(() => {
    stop.abort();
  });
  const { ready } = startScheduler({
    ...shared,
    informers,
    metrics: new Metrics(),
    signal: stop.signal,
  });
  informers.start(stop.signal);
  await ready;
  client.seed(nodesRef, makeNode('n1'));
  client.seed(podsRef, makePod('web'));
  await eventually(() => {
    assert.equal(client.all(podsRef)[0]?.spec.nodeName, 'n1');
    const [event] = client.all(eventsRef);
    assert.equal(event?.message, 'Successfully assigned default/web to n1');
    assert.equal(event.source?.component, 'default-scheduler');
  });
});
