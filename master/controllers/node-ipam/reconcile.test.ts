import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Node } from '../../../api/core/v1/types.js';
import { nodeMaskBits, reconcile } from './reconcile.js';

const node = (name: string, podCIDR?: string, createdSecond = 0): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: `2026-01-01T00:00:${String(createdSecond).padStart(2, '0')}Z`,
  },
  spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
  status: {},
});

const assigned = (podCidr: string, nodes: readonly Node[]): ReadonlyMap<string, string> => {
  const { actions } = reconcile({ podCidr, nodes });
  return new Map(
    actions.flatMap((action) => {
      if (action.type !== 'patch') return [];
      const { spec } = action.body as { spec: { podCIDR: string } };
      return [[action.name, spec.podCIDR] as const];
    }),
  );
};

test('node ipam gives nodes the lowest free ranges, the oldest node first', () => {
  const nodes = [node('c', undefined, 2), node('b', undefined, 1), node('a', '10.244.1.0/24')];
  assert.deepEqual(
    assigned('10.244.0.0/16', nodes),
    new Map([
      ['b', '10.244.0.0/24'],
      ['c', '10.244.2.0/24'],
    ]),
  );
});

test('node ipam leaves nodes that have a range alone', () => {
  assert.deepEqual(
    reconcile({ podCidr: '10.244.0.0/16', nodes: [node('a', '10.9.0.0/24')] }).actions,
    [],
  );
});

test('node ipam says so when the cluster’s range is used up', () => {
  const { actions } = reconcile({
    podCidr: '10.244.0.0/24',
    nodes: [node('a', '10.244.0.0/24'), node('b')],
  });
  assert.deepEqual(
    actions.map((action) => action.type === 'event' && action.eventReason),
    ['CIDRNotAvailable'],
  );
});

test('node ipam never gives two nodes ranges that overlap', () => {
  const someNodes = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
  fc.assert(
    fc.property(someNodes, fc.func(fc.boolean()), (numbers, hasRange) => {
      const nodes = numbers.map((number) =>
        node(`n${number}`, hasRange(number) ? `10.244.${number}.0/${nodeMaskBits}` : undefined),
      );
      const given = [...assigned('10.244.0.0/16', nodes).values()];
      const kept = nodes.flatMap(({ spec }) => (spec.podCIDR === undefined ? [] : [spec.podCIDR]));
      const all = [...given, ...kept];
      assert.equal(new Set(all).size, all.length);
      assert.equal(all.length, nodes.length);
    }),
  );
});
