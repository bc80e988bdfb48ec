import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClusterState } from './cluster-state.js';
import { makeNode, makePod } from './fixtures.test.js';
import { Heap } from './heap.js';
import { podFactsOf } from './plugins/pod-facts.js';

const pods = Array.from({ length: 6 }, (_, index) =>
  podFactsOf(
    makePod(`p${index}`, {
      spec: {
        containers: [
          {
            name: 'app',
            ports: [{ containerPort: 80, hostPort: 80 }],
            resources: { requests: { cpu: '100m', 'example.com/gpu': '1' } },
          },
        ],
      },
      meta: {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'rs', controller: true },
        ],
      },
    }),
  ),
);

const step = fc.oneof(
  fc.record({
    type: fc.constant('place' as const),
    pod: fc.nat(5),
    node: fc.nat(2),
    assumed: fc.boolean(),
  }),
  fc.record({ type: fc.constant('remove' as const), pod: fc.nat(5) }),
  fc.record({ type: fc.constant('setNode' as const), node: fc.nat(2), zone: fc.nat(1) }),
  fc.record({ type: fc.constant('removeNode' as const), node: fc.nat(2) }),
);

test('cluster state changed step by step equals one built from what is left', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const state = new ClusterState();
      const placed = new Map<number, { node: number; assumed: boolean }>();
      const zones = new Map<number, number>();
      for (const one of steps) {
        if (one.type === 'place') {
          placed.set(one.pod, one);
          const facts = pods[one.pod];
          if (facts !== undefined) state.place(facts, `n${one.node}`, { assumed: one.assumed });
        } else if (one.type === 'remove') {
          placed.delete(one.pod);
          state.remove(pods[one.pod]?.uid ?? '');
        } else if (one.type === 'setNode') {
          zones.set(one.node, one.zone);
          const labels = { 'topology.kubernetes.io/zone': `z${one.zone}` };
          state.setNode(makeNode(`n${one.node}`, { labels, images: [{ names: ['web:1'] }] }));
        } else {
          zones.delete(one.node);
          state.removeNode(`n${one.node}`);
        }
      }
      const here = [...placed.values()];
      assert.equal(state.podCount, here.length);
      assert.equal(state.assumedPodCount, here.filter(({ assumed }) => assumed).length);
      assert.deepEqual(
        state.nodes.map(({ facts }) => facts.name).sort(),
        [...zones.keys()].map((node) => `n${node}`).sort(),
      );
      assert.equal(state.nodesWithImage('web:1'), zones.size);
      for (const node of [0, 1, 2]) {
        const count = here.filter((one) => one.node === node).length;
        assert.equal(state.ownedPodsOnNode('rs', `n${node}`), count);
        const view = state.node(`n${node}`);
        if (view === undefined) continue;
        assert.equal(view.podCount, count);
        assert.equal(view.requested.milliCpu, 100 * count);
        assert.equal(view.requested.extended?.get('example.com/gpu') ?? 0, count);
        assert.equal(view.hostPorts.get('TCP/80/any') ?? 0, count);
      }
      for (const zone of [0, 1]) {
        const count = here.filter(({ node }) => zones.get(node) === zone).length;
        assert.equal(state.ownedPodsInZone('rs', `z${zone}`), count);
      }
    }),
  );
});

test('heap gives items in order whatever is removed from its middle', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ rank: fc.nat(20), drop: fc.boolean() })), (items) => {
      const heap = new Heap<(typeof items)[number]>((a, b) => a.rank < b.rank);
      for (const item of items) heap.push(item);
      for (const item of items) if (item.drop) assert.equal(heap.delete(item), true);
      const kept = items.filter(({ drop }) => !drop);
      assert.equal(heap.size, kept.length);
      const popped = kept.map(() => heap.pop()?.rank);
      assert.deepEqual(
        popped,
        kept.map(({ rank }) => rank).sort((a, b) => a - b),
      );
      assert.equal(heap.pop(), undefined);
    }),
  );
});
