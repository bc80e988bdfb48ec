import assert from 'node:assert/strict';
import test from 'node:test';
import type { QuotaShape } from '../../../api/core/v1/quota/usage.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import type { AdmissionPlugin } from '../admission.js';
import { podWith, readerOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import type { LimitedResource } from './quota-check.js';
import { resourceQuota } from './resource-quota.js';

interface Cluster {
  readonly plugin: AdmissionPlugin;
  readonly used: () => Readonly<Record<string, string>>;
  readonly held: Held[];
  /** How many writes of the status to fail as if somebody had been faster. */
  conflicts: number;
  writes: number;
}

function clusterWith(
  hard: Record<string, string>,
  used: Record<string, string>,
  more: { readonly spec?: object; readonly limited?: readonly LimitedResource[] } = {},
): Cluster {
  const held: Held[] = [];
  const setUsed = (now: Readonly<Record<string, string>>): void => {
    held[0] = {
      group: '',
      plural: 'resourcequotas',
      object: {
        metadata: { name: 'q', namespace: 'n' },
        spec: { hard, ...more.spec },
        status: { hard, used: now },
      },
    };
  };
  setUsed(used);
  const cluster: Cluster = {
    held,
    conflicts: 0,
    writes: 0,
    used: () => (held[0]?.object as QuotaShape).status?.used ?? {},
    plugin: resourceQuota({
      reader: readerOf(held),
      clock: new FakeClock(),
      limited: more.limited ?? [],
      write: async (quota, now) => {
        const seen = held[0]?.object;
        await Promise.resolve();
        cluster.writes += 1;
        if (cluster.conflicts > 0) {
          cluster.conflicts -= 1;
          return false;
        }
        if (seen !== (quota as object)) return false;
        setUsed(now);
        return true;
      },
    }),
  };
  return cluster;
}

const create = async (
  cluster: Cluster,
  name: string,
  settled: ((written: boolean) => void)[] = [],
): Promise<string> => {
  const object = podWith({}, { name });
  const attributes = requestOf({ object, onSettled: (one) => void settled.push(one) });
  try {
    await cluster.plugin.validate?.(attributes);
    return 'admitted';
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.message;
  }
};

test('ResourceQuota lets exactly as many pass as there is room for, in few writes', async () => {
  const cluster = clusterWith({ pods: '10' }, { pods: '3' });
  const names = Array.from({ length: 50 }, (_unused, position) => `p${String(position)}`);
  const answers = await Promise.all(names.map((name) => create(cluster, name)));
  assert.equal(answers.filter((answer) => answer === 'admitted').length, 7);
  assert.deepEqual(cluster.used(), { pods: '10' });
  assert.equal(cluster.writes, 1);
  assert.equal(
    answers.at(-1),
    'pods "p49" is forbidden: exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10',
  );
});

test('ResourceQuota tries again where somebody was faster', async () => {
  const cluster = clusterWith({ pods: '10' }, { pods: '0' });
  cluster.conflicts = 3;
  assert.equal(await create(cluster, 'p'), 'admitted');
  assert.deepEqual(cluster.used(), { pods: '1' });
});

test('ResourceQuota gives back what was not written', async () => {
  const cluster = clusterWith({ pods: '1' }, { pods: '0' });
  const settled: ((written: boolean) => void)[] = [];
  assert.equal(await create(cluster, 'p', settled), 'admitted');
  assert.match(await create(cluster, 'q'), /exceeded quota/);
  for (const one of settled) one(false);
  assert.equal(await create(cluster, 'r'), 'admitted');
  assert.deepEqual(cluster.used(), { pods: '1' });
});

test('ResourceQuota refuses, in Kubernetes’ words', async () => {
  const cases: readonly (readonly [Record<string, string>, Record<string, string>, string])[] = [
    [
      { 'limits.cpu': '1' },
      { 'limits.cpu': '0' },
      'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c',
    ],
    [
      { pods: '1', 'count/pods': '2' },
      {},
      'pods "p" is forbidden: status unknown for quota: q, resources: count/pods,pods',
    ],
  ];
  for (const [hard, used, expected] of cases) {
    assert.equal(await create(clusterWith(hard, used), 'p'), expected);
  }
});

test('ResourceQuota charges nothing in a dry run, and nothing of other resources', async () => {
  const cluster = clusterWith({ pods: '1' }, { pods: '0' });
  const object = podWith();
  await cluster.plugin.validate?.(requestOf({ object, dryRun: true }));
  const resource = resourceNamed('', 'configmaps');
  await cluster.plugin.validate?.(requestOf({ resource, object: { metadata: { name: 'c' } } }));
  assert.deepEqual(cluster.used(), { pods: '0' });
});

test('a count by the controller includes what is still being written', async () => {
  const cluster = clusterWith({ pods: '5' }, { pods: '0' });
  const settled: ((written: boolean) => void)[] = [];
  await create(cluster, 'p', settled);
  const stored = cluster.held[0]?.object as QuotaShape;
  const count = (): unknown => {
    const object = structuredClone({ ...stored, status: { hard: {}, used: { pods: '0' } } });
    void cluster.plugin.mutate?.(
      requestOf({
        resource: resourceNamed('', 'resourcequotas'),
        operation: 'UPDATE',
        subresource: 'status',
        user: { username: 'system:kube-controller-manager', groups: [] },
        object,
        stored,
      }),
    );
    return object.status.used;
  };
  assert.deepEqual(count(), { pods: '1' });
  cluster.held.push({ group: '', plural: 'pods', object: podWith() });
  for (const one of settled) one(true);
  assert.deepEqual(count(), { pods: '1' });
});

test('a count is refused while requests are being charged: it would miss them', async () => {
  const cluster = clusterWith({ pods: '5' }, { pods: '0' });
  const stored = cluster.held[0]?.object as QuotaShape;
  const count = (): void => {
    void cluster.plugin.mutate?.(
      requestOf({
        resource: resourceNamed('', 'resourcequotas'),
        operation: 'UPDATE',
        subresource: 'status',
        user: { username: 'system:kube-controller-manager', groups: [] },
        object: structuredClone({ ...stored, status: {} }),
        stored,
      }),
    );
  };
  const creating = create(cluster, 'p');
  await Promise.resolve();
  await Promise.resolve();
  assert.throws(count, (error) => isStatusError(error) && error.reason === 'Conflict');
  await creating;
  count();
});

/** Updates an object and says what became of it. */
async function update(
  cluster: Cluster,
  plural: string,
  [stored, object]: readonly [object, object],
  subresource = '',
): Promise<string> {
  const resource = resourceNamed('', plural);
  const attributes = requestOf({ resource, operation: 'UPDATE', subresource, stored, object });
  try {
    await cluster.plugin.validate?.(attributes);
    return 'admitted';
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.message;
  }
}

const service = (type: string) => ({ metadata: { name: 's' }, spec: { type, ports: [{}] } });

test('ResourceQuota lets updates take less though there is too much already', async () => {
  const cluster = clusterWith({ 'services.loadbalancers': '1' }, { 'services.loadbalancers': '3' });
  const less = [service('LoadBalancer'), service('ClusterIP')] as const;
  assert.equal(await update(cluster, 'services', less), 'admitted');
  assert.deepEqual(cluster.used(), { 'services.loadbalancers': '2' });
  const more = [service('ClusterIP'), service('LoadBalancer')] as const;
  assert.match(await update(cluster, 'services', more), /exceeded quota: q, requested: services.l/);
});

test('ResourceQuota charges a pod whole that comes into the scope of a quota', async () => {
  const cluster = clusterWith({ pods: '1' }, { pods: '0' }, { spec: { scopes: ['Terminating'] } });
  const [endless, ending] = [podWith(), podWith({ activeDeadlineSeconds: 60 })];
  assert.equal(await update(cluster, 'pods', [endless, { ...endless }]), 'admitted');
  assert.deepEqual(cluster.used(), { pods: '0' });
  assert.equal(await update(cluster, 'pods', [endless, ending]), 'admitted');
  assert.deepEqual(cluster.used(), { pods: '1' });
  assert.match(await update(cluster, 'pods', [endless, ending]), /exceeded quota: q, requested: p/);
});

const claim = (size: string, status: object = {}) => ({
  metadata: { name: 'c' },
  spec: { resources: { requests: { storage: size } } },
  status,
});

test('ResourceQuota takes a volume at its word that has grown, whatever the limit', async () => {
  const cluster = clusterWith({ 'requests.storage': '5Gi' }, { 'requests.storage': '5Gi' });
  const bigger = claim('5Gi', { allocatedResources: { storage: '8Gi' } });
  const grown = [claim('5Gi'), bigger] as const;
  assert.match(await update(cluster, 'persistentvolumeclaims', grown), /exceeded quota/);
  assert.equal(await update(cluster, 'persistentvolumeclaims', grown, 'status'), 'admitted');
  assert.deepEqual(cluster.used(), { 'requests.storage': '8Gi' });
});

test('ResourceQuota lets nothing pass uncovered that may only be used where a quota is about it', async () => {
  const values = ['high', 'higher'];
  const scope = { scopeName: 'PriorityClass', operator: 'In', values } as const;
  const limited = [{ group: '', plural: 'pods', contains: ['requests.cpu'], scopes: [scope] }];
  const asking = { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] };
  const refusalOf = async (spec: object, more: object, hard: Record<string, string>) => {
    const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
    const cluster = clusterWith(hard, used, { limited, spec: more });
    assert.equal(cluster.plugin.idle?.(), false);
    const object = podWith(spec);
    try {
      await cluster.plugin.validate?.(requestOf({ object }));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : undefined;
    }
  };
  const high = { priorityClassName: 'high' };
  const scopeSelector = { scopeSelector: { matchExpressions: [scope] } };
  const [consumes, matches] = [
    'pods "p" is forbidden: insufficient quota to consume: requests.cpu',
    'pods "p" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high higher]}]',
  ];
  assert.equal(await refusalOf({}, {}, { pods: '1' }), undefined);
  assert.equal(await refusalOf(asking, {}, { pods: '1' }), consumes);
  assert.equal(await refusalOf(asking, {}, { 'requests.cpu': '1' }), undefined);
  assert.equal(await refusalOf(high, {}, { pods: '1' }), matches);
  assert.equal(await refusalOf(high, scopeSelector, { pods: '1' }), undefined);
});
