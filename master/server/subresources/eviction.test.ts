import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInResources } from '../../../api/resources.js';
import type { Pod } from '../../../api/core/v1/types.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import type { KubeObject, Status } from '../../../api/meta/v1/types.js';
import type { PodDisruptionBudget } from '../../../api/policy/v1/types.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { openRegistries } from '../../open-registries.js';
import { admitAll } from '../../registry/hooks.js';
import type { WriteContext } from '../../registry/hooks.js';
import type { Registries } from '../../registry/registries.js';
import { openMemoryStore } from '../../store/memory.js';
import type { ApiRequest } from '../api-request.js';
import { maxDisruptedPods } from '../limits.js';
import { evictionHandler, mayGoUnhealthy, spentBudget } from './eviction.js';

const nowMs = Date.parse('2026-01-02T03:04:05Z');

const budgetWith = (status: object, spec: object = {}): PodDisruptionBudget =>
  ({
    metadata: { name: 'b', generation: 1 },
    spec: { selector: {}, ...spec },
    status: { observedGeneration: 1, ...status },
  }) as unknown as PodDisruptionBudget;

function statusOf(act: () => unknown): Status {
  try {
    act();
  } catch (error) {
    if (isStatusError(error)) return error.status;
    throw error;
  }
  return assert.fail('expected a refusal');
}

test('a budget gives away what it has, and notes to whom', () => {
  const { status } = spentBudget(budgetWith({ disruptionsAllowed: 2 }), 'web-1', nowMs);
  assert.equal(status.disruptionsAllowed, 1);
  assert.deepEqual(status.disruptedPods, { 'web-1': '2026-01-02T03:04:05Z' });
  assert.equal(status.conditions, undefined);
  const last = spentBudget(budgetWith({ disruptionsAllowed: 1 }), 'web-2', nowMs).status;
  assert.equal(last.disruptionsAllowed, 0);
  assert.deepEqual(
    last.conditions?.map(({ type, status: holds, reason }) => [type, holds, reason]),
    [['DisruptionAllowed', 'False', 'InsufficientPods']],
  );
});

const many = Object.fromEntries(
  Array.from({ length: maxDisruptedPods + 1 }, (_, position) => [`p${String(position)}`, 'x']),
);
const syncFailed = {
  type: 'DisruptionAllowed',
  status: 'False',
  reason: 'SyncFailed',
  message: 'no',
};
const refusals: readonly (readonly [object, number, RegExp])[] = [
  [
    { disruptionsAllowed: 1, observedGeneration: 0 },
    429,
    /^The disruption budget b is still being processed by the server\.$/,
  ],
  [
    { disruptionsAllowed: 0, desiredHealthy: 3, currentHealthy: 2 },
    429,
    /^The disruption budget b needs 3 healthy pods and has 2 currently$/,
  ],
  [{ conditions: [syncFailed] }, 429, /because it failed sync: no$/],
  [{ disruptionsAllowed: -1 }, 403, /pdb disruptions allowed is negative$/],
  [{ disruptionsAllowed: 1, disruptedPods: many }, 403, /DisruptedPods map too big/],
];

test('a budget that has nothing to give says why, in the words of Kubernetes', () => {
  for (const [status, code, why] of refusals) {
    const refused = statusOf(() => spentBudget(budgetWith(status), 'web-1', nowMs));
    assert.equal(refused.code, code);
    const cause = refused.details?.causes?.[0];
    assert.match(cause?.message ?? refused.message ?? '', why);
    if (code === 429) assert.equal(cause?.reason, 'DisruptionBudget');
  }
});

test('a pod that is not ready goes where its budget is kept or does not mind', () => {
  const pod = (ready: string): Pod =>
    ({ status: { conditions: [{ type: 'Ready', status: ready }] } }) as unknown as Pod;
  const kept = { currentHealthy: 2, desiredHealthy: 2 };
  const broken = { currentHealthy: 1, desiredHealthy: 2 };
  const always = { unhealthyPodEvictionPolicy: 'AlwaysAllow' };
  const cases: readonly (readonly [string, object, object, boolean])[] = [
    ['True', kept, always, false],
    ['False', kept, {}, true],
    ['False', broken, {}, false],
    ['False', broken, always, true],
    ['False', { currentHealthy: 0, desiredHealthy: 0 }, {}, false],
  ];
  for (const [ready, status, spec, expected] of cases) {
    assert.equal(mayGoUnhealthy(pod(ready), budgetWith(status, spec)), expected);
  }
});

/** Registries with a running, ready pod `a` and its budget. */
class Evictions {
  readonly clock = new FakeClock();
  private registries: Registries | undefined;

  async start(): Promise<this> {
    this.registries = await openRegistries({
      store: openMemoryStore(),
      resources: builtInResources,
      serviceCidr: '10.96.0.0/12',
      clock: this.clock,
      random: systemRandom,
    });
    return this;
  }

  private registry(group: string, plural: string) {
    return this.registries?.of(group, plural) ?? assert.fail('not started');
  }

  private readonly context: WriteContext = {
    dryRun: false,
    admission: admitAll,
    requester: { username: 'admin', groups: [] },
    warnings: [],
  };

  async put(group: string, plural: string, fields: object, status: object): Promise<void> {
    const registry = this.registry(group, plural);
    const { resource } = registry;
    const draft = { apiVersion: resource.apiVersion, kind: resource.kind, ...fields } as KubeObject;
    resource.defaults?.(draft);
    const { object } = await registry.create(draft, 'n', this.context);
    const key = { namespace: 'n', name: object.metadata.name };
    const change = (stored: KubeObject | undefined): KubeObject =>
      ({ ...structuredClone(stored), status }) as unknown as KubeObject;
    await registry.update(key, change, { type: 'status' }, this.context);
  }

  pod(name: string, labels: object, status: object): Promise<void> {
    const spec = { nodeName: 'node', containers: [{ name: 'c', image: 'i' }] };
    return this.put('', 'pods', { metadata: { name, labels }, spec }, status);
  }

  budget(name: string, status: object): Promise<void> {
    const spec = { minAvailable: 1, selector: { matchLabels: { app: 'e' } } };
    const counted = { observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, ...status };
    return this.put('policy', 'poddisruptionbudgets', { metadata: { name }, spec }, counted);
  }

  async evict(name: string, apiVersion = 'policy/v1', dryRun = false): Promise<void> {
    const value = { apiVersion, kind: 'Eviction', metadata: { name } };
    const request = {
      target: { verb: 'create', namespace: 'n', name, plural: 'pods' },
      body: () => ({ type: 'value', value, mediaType: 'application/json' }),
      warnings: [],
    } as unknown as ApiRequest;
    const handler = evictionHandler({
      pods: this.registry('', 'pods'),
      budgets: this.registry('policy', 'poddisruptionbudgets'),
      clock: this.clock,
    });
    await handler(request, { ...this.context, dryRun });
  }

  find(name: string): Pod | undefined {
    return this.registry('', 'pods').find({ namespace: 'n', name })?.object as Pod | undefined;
  }

  allowed(): number | undefined {
    const registry = this.registry('policy', 'poddisruptionbudgets');
    const budget = registry.find({ namespace: 'n', name: 'b' })?.object;
    return (budget as PodDisruptionBudget | undefined)?.status.disruptionsAllowed;
  }
}

const app = { app: 'e' };
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const isRefused = (code: number) => (error: unknown) => isStatusError(error) && error.code === code;

test('an eviction spends one of its budget and marks the pod before it deletes it', async () => {
  const evictions = await new Evictions().start();
  await evictions.pod('a', app, ready);
  await evictions.pod('c', app, ready);
  await evictions.budget('b', { disruptionsAllowed: 1 });
  await evictions.evict('a', 'policy/v1beta1');
  const pod = evictions.find('a');
  assert.notEqual(pod?.metadata.deletionTimestamp, undefined);
  const target = pod?.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.equal(target?.reason, 'EvictionByEvictionAPI');
  assert.equal(evictions.allowed(), 0);
  await assert.rejects(evictions.evict('c'), isRefused(429));
  assert.equal(evictions.find('c')?.metadata.deletionTimestamp, undefined);
});

test('evictions at the same time never spend one of a budget twice', async () => {
  const evictions = await new Evictions().start();
  const names = ['a', 'c', 'd', 'f'];
  for (const name of names) await evictions.pod(name, app, ready);
  await evictions.budget('b', { disruptionsAllowed: 2 });
  const done = await Promise.allSettled(names.map((name) => evictions.evict(name)));
  assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 2);
  assert.equal(evictions.allowed(), 0);
});

test('an eviction on trial asks the budget and changes nothing', async () => {
  const evictions = await new Evictions().start();
  await evictions.pod('a', app, ready);
  await evictions.budget('b', { disruptionsAllowed: 1 });
  await evictions.evict('a', 'policy/v1', true);
  assert.equal(evictions.allowed(), 1);
  assert.equal(evictions.find('a')?.metadata.deletionTimestamp, undefined);
});

test('pods that are no loss, and pods without a budget, are deleted at once', async () => {
  const evictions = await new Evictions().start();
  await evictions.budget('b', { disruptionsAllowed: 0 });
  await evictions.pod('over', app, { phase: 'Succeeded' });
  await evictions.pod('waiting', app, { phase: 'Pending' });
  await evictions.pod('free', { app: 'other' }, ready);
  for (const name of ['over', 'waiting', 'free']) await evictions.evict(name);
  assert.equal(evictions.allowed(), 0);
});

test('a pod with two budgets cannot be evicted, nor one that is not there', async () => {
  const evictions = await new Evictions().start();
  await evictions.pod('a', app, ready);
  await evictions.budget('b', { disruptionsAllowed: 1 });
  await evictions.budget('b2', { disruptionsAllowed: 1 });
  await assert.rejects(evictions.evict('a'), isRefused(500));
  await assert.rejects(evictions.evict('missing'), isRefused(404));
});
