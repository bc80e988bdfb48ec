import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Node,
  NodeCondition,
  NodeSpec,
  Pod,
  Taint,
  Toleration,
} from '../../../api/core/v1/types.js';
import type { Action } from '../../../machinery/controller/controller.js';
import { mayEvictFrom } from './disruption.js';
import { Heartbeats } from './heartbeats.js';
import { reconcile, type NodeLifecycleSnapshot } from './reconcile.js';
import { evictionTimeMs } from './taints.js';

const nowMs = Date.UTC(2026, 0, 1, 12);
const now = '2026-01-01T12:00:00Z';

const makeNode = (
  ready: NodeCondition['status'] | undefined,
  spec: NodeSpec = {},
  name = 'n1',
  zone = 'a',
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    uid: `uid-${name}`,
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'topology.kubernetes.io/zone': zone },
  },
  spec,
  status:
    ready === undefined
      ? {}
      : {
          conditions: [
            ...(['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const).map((type) => ({
              type,
              status: ready === 'Unknown' ? ready : ('False' as const),
            })),
            { type: 'Ready', status: ready },
          ],
        },
});

const makePod = (name: string, tolerations: Toleration[] = []): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: now,
  },
  spec: { nodeName: 'n1', containers: [], tolerations },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const run = (snapshot: Partial<NodeLifecycleSnapshot> & { readonly node: Node }) =>
  reconcile({
    isNew: false,
    pods: [],
    nowMs,
    silentMs: 0,
    graceMs: 40_000,
    mayEvict: true,
    ...snapshot,
  });

const summary = (actions: readonly Action[]): string[] =>
  actions.map((action) => (action.type === 'event' ? `event ${action.eventReason}` : action.type));

function taintsAfter(node: Node, mayEvict = true): string[] | undefined {
  for (const action of run({ node, mayEvict }).actions) {
    if (action.type !== 'patch') continue;
    const { spec } = action.body as { spec: { taints: Taint[] } };
    return spec.taints.map(
      ({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`,
    );
  }
  return undefined;
}

test('node lifecycle waits out the rest of the grace of a node that is heard of', () => {
  assert.deepEqual(run({ node: makeNode('True'), silentMs: 10_000 }), {
    actions: [],
    requeueAfterMs: 30_000,
  });
});

test('node lifecycle says once that a node is new', () => {
  const node = makeNode('True');
  const [event] = run({ node, isNew: true }).actions;
  assert.equal(event?.type, 'event');
  assert.equal(event.eventReason, 'RegisteredNode');
  assert.equal(event.message, 'Node n1 event: Registered Node n1 in Controller');
  const heartbeats = new Heartbeats();
  assert.equal(heartbeats.knows('n1'), false);
  heartbeats.silentMs(node, undefined, nowMs);
  assert.equal(heartbeats.knows('n1'), true);
});

test('node lifecycle marks a silent node unknown and says so', () => {
  const { actions } = run({ node: makeNode('True'), silentMs: 40_000 });
  assert.deepEqual(summary(actions), ['updateStatus', 'event NodeNotReady']);
  const [update] = actions;
  assert.equal(update?.type, 'updateStatus');
  const { conditions = [] } = (update.object as Node).status;
  assert.deepEqual(new Set(conditions.map(({ status }) => status)), new Set(['Unknown']));
  const ready = conditions.find(({ type }) => type === 'Ready');
  assert.equal(ready?.reason, 'NodeStatusUnknown');
  assert.equal(ready.message, 'Kubelet stopped posting node status.');
  assert.equal(ready.lastTransitionTime, now);
});

test('node lifecycle marks a node that never reported as such', () => {
  const { actions } = run({ node: makeNode(undefined), silentMs: 60_000 });
  const [update] = actions;
  assert.equal(update?.type, 'updateStatus');
  const { conditions = [] } = (update.object as Node).status;
  assert.deepEqual(
    new Set(conditions.map(({ reason }) => reason)),
    new Set(['NodeStatusNeverUpdated']),
  );
});

const gpu: Taint = { key: 'gpu', effect: 'NoSchedule' };
const unreachable: Taint[] = [
  { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: now },
];
const taintCases: readonly {
  name: string;
  node: Node;
  mayEvict?: boolean;
  expected: string[] | undefined;
}[] = [
  { name: 'ready', node: makeNode('True', { taints: [gpu] }), expected: undefined },
  {
    name: 'not ready',
    node: makeNode('False'),
    expected: ['not-ready:NoSchedule', 'not-ready:NoExecute'],
  },
  {
    name: 'unreachable',
    node: makeNode('Unknown', { taints: [gpu] }),
    expected: ['gpu:NoSchedule', 'unreachable:NoSchedule', 'unreachable:NoExecute'],
  },
  {
    name: 'unreachable and tainted so',
    node: makeNode('Unknown', { taints: unreachable }),
    expected: undefined,
  },
  {
    name: 'unreachable while nothing may be evicted',
    node: makeNode('Unknown', { taints: unreachable }),
    mayEvict: false,
    expected: ['unreachable:NoSchedule'],
  },
  {
    name: 'back',
    node: makeNode('True', { taints: [gpu, ...unreachable] }),
    expected: ['gpu:NoSchedule'],
  },
  {
    name: 'cordoned',
    node: makeNode('True', { unschedulable: true }),
    expected: ['unschedulable:NoSchedule'],
  },
];
for (const { name, node, mayEvict, expected } of taintCases) {
  test(`node lifecycle corrects the taints of a node that is ${name}`, () => {
    assert.deepEqual(taintsAfter(node, mayEvict), expected);
  });
}

test('node lifecycle shows the pods of an unreachable node as not ready', () => {
  const { actions } = run({
    node: makeNode('Unknown', { taints: unreachable }),
    pods: [makePod('p', [{ operator: 'Exists' }])],
    silentMs: 50_000,
  });
  assert.deepEqual(summary(actions), ['updateStatus', 'event NodeNotReady']);
});

test('node lifecycle evicts what does not tolerate and waits for what tolerates a while', () => {
  const pods = [
    makePod('strict'),
    makePod('patient', [
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ]),
  ];
  const result = run({ node: makeNode('False', { taints: unreachable }), pods, silentMs: 0 });
  const deleted = result.actions.flatMap((action) =>
    action.type === 'delete' ? [action.name] : [],
  );
  assert.deepEqual(deleted, ['strict']);
  const later = run({ node: makeNode('Unknown', { taints: unreachable }), pods, silentMs: 50_000 });
  assert.equal(later.requeueAfterMs, 300_000);
});

const timeCases: readonly {
  name: string;
  tolerations: Toleration[];
  expected: number | undefined;
}[] = [
  { name: 'nothing', tolerations: [], expected: 0 },
  { name: 'everything for ever', tolerations: [{ operator: 'Exists' }], expected: undefined },
  {
    name: 'it for a minute',
    tolerations: [{ operator: 'Exists', tolerationSeconds: 60 }],
    expected: nowMs + 60_000,
  },
  {
    name: 'it for a minute and for two',
    tolerations: [
      { operator: 'Exists', tolerationSeconds: 120 },
      { operator: 'Exists', tolerationSeconds: 60 },
    ],
    expected: nowMs + 60_000,
  },
  { name: 'another key', tolerations: [{ key: 'gpu', operator: 'Exists' }], expected: 0 },
];
for (const { name, tolerations, expected } of timeCases) {
  test(`taint eviction time is right for a pod that tolerates ${name}`, () => {
    assert.equal(evictionTimeMs(makePod('p', tolerations), unreachable), expected);
  });
}

test('heartbeats measure silence by their own clock', () => {
  const heartbeats = new Heartbeats();
  const node = makeNode('True');
  assert.equal(heartbeats.silentMs(node, undefined, 1000), 0);
  assert.equal(heartbeats.silentMs(node, undefined, 5000), 4000);
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: node.metadata,
    spec: { renewTime: now },
  };
  assert.equal(heartbeats.silentMs(node, lease, 6000), 0);
});

test('disruption forbids eviction when everything or most of a zone fell silent at once', () => {
  const some = (ready: NodeCondition['status'], zone: string, count: number): Node[] =>
    Array.from({ length: count }, (_, index) =>
      makeNode(ready, {}, `${zone}${ready}${index}`, zone),
    );
  assert.equal(mayEvictFrom('/a', some('Unknown', 'a', 1)), false, 'no node is ready');
  assert.equal(mayEvictFrom('/a', [...some('Unknown', 'a', 1), ...some('True', 'a', 2)]), true);
  assert.equal(mayEvictFrom('/a', [...some('Unknown', 'a', 3), ...some('True', 'a', 1)]), false);
  assert.equal(mayEvictFrom('/a', [...some('Unknown', 'a', 2), ...some('True', 'b', 2)]), true);
});
