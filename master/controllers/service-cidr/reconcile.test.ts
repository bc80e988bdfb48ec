import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceCIDR } from '../../../api/networking/v1/types.js';
import { holdsAddress, isCovered, overlap, soleAddressOf } from './ranges.js';
import { reconcile } from './reconcile.js';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const deletedMs = Date.parse('2026-01-01T00:00:10Z');
const since = '2026-01-01T00:00:05Z';

const makeRange = (
  cidrs: readonly string[],
  facts: Partial<ServiceCIDR['metadata']> = {},
  status: ServiceCIDR['status'] = {},
): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: {
    name: cidrs.join(),
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...facts,
  },
  spec: { cidrs: [...cidrs] },
  status,
});

const guarded = { finalizers: [finalizer] };
const deleted = { ...guarded, deletionTimestamp: '2026-01-01T00:00:10Z' };
const readyWith = (message: string): ServiceCIDR['status'] => ({
  conditions: [{ type: 'Ready', status: 'True', reason: '', message, lastTransitionTime: since }],
});

test('service cidr controller guards a range before it calls it ready', () => {
  const [action, ...more] = reconcile({
    range: makeRange(['10.0.0.0/24']),
    soleAddress: undefined,
    nowMs: deletedMs,
  }).actions;
  assert.deepEqual(more, []);
  assert.deepEqual(action?.type === 'update' && action.object.metadata.finalizers, [finalizer]);
});

test('service cidr controller calls a range ready, in its own words and once', () => {
  for (const [status, expected] of [
    [{}, '2026-01-01T00:00:10Z'],
    [readyWith('Kubernetes default Service CIDR is ready'), since],
    [readyWith('Kubernetes Service CIDR is ready'), undefined],
  ] as const) {
    const range = makeRange(['10.0.0.0/24'], guarded, status);
    const [action] = reconcile({ range, soleAddress: undefined, nowMs: deletedMs }).actions;
    const written = action?.type === 'updateStatus' ? (action.object as ServiceCIDR) : undefined;
    const condition = written?.status.conditions?.[0];
    assert.equal(condition?.lastTransitionTime, expected);
    if (condition === undefined) continue;
    assert.equal(condition.message, 'Kubernetes Service CIDR is ready');
  }
});

test('service cidr controller says why a deleted range stays', () => {
  const range = makeRange(['10.0.0.0/24'], deleted, readyWith('Kubernetes Service CIDR is ready'));
  const [action] = reconcile({ range, soleAddress: '10.0.0.5', nowMs: deletedMs }).actions;
  const written = action?.type === 'updateStatus' ? (action.object as ServiceCIDR) : undefined;
  assert.deepEqual(written?.status.conditions, [
    {
      type: 'Ready',
      status: 'False',
      reason: 'Terminating',
      message:
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      lastTransitionTime: '2026-01-01T00:00:10Z',
    },
  ]);
});

test('service cidr controller lets a range go ten seconds after its deletion', () => {
  const range = makeRange(['10.0.0.0/24'], deleted);
  const at = (nowMs: number) => reconcile({ range, soleAddress: undefined, nowMs });
  assert.deepEqual(at(deletedMs + 4000), { actions: [], requeueAfterMs: 6000 });
  const [action] = at(deletedMs + 10_000).actions;
  assert.deepEqual(action?.type === 'update' && action.object.metadata.finalizers, []);
});

const small = makeRange(['10.0.0.0/24']);
const large = makeRange(['10.0.0.0/16']);
const dual = makeRange(['10.0.0.0/24', 'fd00::/112']);

test('service ranges hold no network address and no broadcast address', () => {
  const held = ['10.0.0.0', '10.0.0.1', '10.0.0.255', '10.0.1.1', 'fd00::', 'fd00::ffff'];
  assert.deepEqual(
    held.filter((address) => holdsAddress(dual, address)),
    ['10.0.0.1', 'fd00::ffff'],
  );
});

test('service ranges are covered by a larger or an equal one, in each family', () => {
  const twin = makeRange(['10.0.0.0/24'], { name: 'twin' });
  assert.deepEqual(
    [
      isCovered(small, [small, large]),
      isCovered(small, [small, twin]),
      isCovered(small, [small]),
      isCovered(large, [small, large]),
      isCovered(dual, [dual, large]),
    ],
    [true, true, false, false, false],
  );
  assert.deepEqual([overlap(small, large), overlap(large, small)], [true, true]);
  assert.equal(overlap(small, makeRange(['10.0.1.0/24'])), false);
});

test('service ranges are told apart by the addresses that only one holds', () => {
  assert.equal(soleAddressOf(large, [small, large], ['10.0.0.5', '10.0.9.5']), '10.0.9.5');
  // The last address of the smaller range is one that only the larger gives out.
  assert.equal(soleAddressOf(large, [small, large], ['10.0.0.5', '10.0.0.255']), '10.0.0.255');
  assert.equal(soleAddressOf(large, [small, large], ['10.0.0.5', '192.168.0.1']), undefined);
});
