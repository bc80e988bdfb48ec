import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { leases } from '../../../api/coordination/v1/lease.js';
import { nodes } from '../../../api/core/v1/node.js';
import { events } from '../../../api/core/v1/event.js';
import { secrets } from '../../../api/core/v1/secret.js';
import { configMaps } from '../../../api/core/v1/config-map.js';
import type { KubeObject, OwnerReference } from '../../../api/meta/v1/types.js';
import { builtInResources, watchableResources } from '../../../api/resources.js';
import { failure } from '../../../api/meta/status-error.js';
import { apiVersionOf, type ResourceRef } from '../../../api/schema/resource.js';
import type { FakeClient } from '../../../machinery/client/fake-client.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { garbageCollector } from './controller.js';

interface Rig {
  readonly client: FakeClient;
  readonly run: () => void;
}

function rig(t: TestContext): Rig {
  const { client, run } = fakeCluster(t);
  return {
    client,
    run: () => {
      run(garbageCollector(watchableResources(builtInResources)));
    },
  };
}

interface Seed {
  readonly name: string;
  readonly namespace?: string;
  readonly owners?: readonly OwnerReference[];
  readonly finalizers?: string[];
  readonly uid?: string;
}

function add(client: FakeClient, resource: ResourceRef, seed: Seed): KubeObject {
  const { name, owners = [], finalizers, uid } = seed;
  const namespace = resource.scope === 'Cluster' ? undefined : (seed.namespace ?? 'default');
  return client.seed(resource, {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(owners.length === 0 ? {} : { ownerReferences: [...owners] }),
    },
  });
}

const ownedBy = (owner: KubeObject, blockOwnerDeletion = false): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...(blockOwnerDeletion ? { blockOwnerDeletion } : {}),
});

const goneOwner = (name: string): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name,
  uid: '33333333-3333-4333-8333-333333333333',
});

const names = (client: FakeClient, resource: ResourceRef): string[] =>
  client
    .all(resource)
    .map(({ metadata }) => metadata.name)
    .sort();

const named = (client: FakeClient, resource: ResourceRef, name: string): KubeObject | undefined =>
  client.all(resource).find(({ metadata }) => metadata.name === name);

const left = async (
  client: FakeClient,
  resource: ResourceRef,
  expected: string[],
): Promise<void> => {
  await eventually(() => {
    assert.deepEqual(names(client, resource), expected);
  });
};

const remove = async (
  client: FakeClient,
  object: KubeObject,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
): Promise<void> => {
  await client.delete(configMaps, object.metadata, { propagationPolicy });
};

const releaseFinalizers = async (
  client: FakeClient,
  resource: ResourceRef,
  object: KubeObject,
): Promise<void> => {
  const body = { metadata: { finalizers: null } };
  await client.patch(resource, object.metadata, { type: 'merge', body });
};

test('garbage collector deletes dependents, and theirs, after an owner deleted in the background', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'owner' });
  const child = add(client, configMaps, { name: 'child', owners: [ownedBy(owner)] });
  add(client, secrets, { name: 'grandchild', owners: [ownedBy(child)] });
  add(client, secrets, { name: 'stranger' });
  run();
  await remove(client, owner, 'Background');
  await left(client, configMaps, []);
  await left(client, secrets, ['stranger']);
});

test('garbage collector collects what was left behind before it ran', async (t) => {
  const { client, run } = rig(t);
  add(client, configMaps, { name: 'never' });
  add(client, secrets, { name: 'child', owners: [goneOwner('never')] });
  run();
  await left(client, secrets, []);
  assert.deepEqual(names(client, configMaps), ['never']);
});

test('garbage collector asks the server before it believes that an owner is gone', async (t) => {
  const { client, run } = rig(t);
  run();
  const get = client.get.bind(client);
  let asked = 0;
  t.mock.method(client, 'get', async (...key: Parameters<typeof get>) => {
    asked += 1;
    if (asked > 2) return get(...key);
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { uid: goneOwner('late').uid } };
  });
  add(client, secrets, { name: 'child', owners: [goneOwner('late')] });
  await eventually(() => {
    assert.ok(asked >= 2);
  });
  assert.ok(asked > 2 || names(client, secrets).length === 1);
  await left(client, secrets, []);
  assert.equal(asked, 3);
});

test('garbage collector keeps what has an owner left and drops the others', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'owner' });
  const other = add(client, configMaps, { name: 'other' });
  add(client, secrets, { name: 'child', owners: [ownedBy(owner), ownedBy(other)] });
  run();
  await remove(client, owner, 'Background');
  await eventually(() => {
    const references = named(client, secrets, 'child')?.metadata.ownerReferences;
    assert.deepEqual(
      references?.map(({ name }) => name),
      ['other'],
    );
  });
});

test('garbage collector lets an owner deleted in the foreground go after what blocks it', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'owner' });
  const finalizers = ['example.com/hold'];
  const owners = [ownedBy(owner, true)];
  const child = add(client, secrets, { name: 'child', owners, finalizers });
  add(client, secrets, { name: 'free', owners: [ownedBy(owner)] });
  run();
  await remove(client, owner, 'Foreground');
  await left(client, secrets, ['child']);
  await eventually(() => {
    assert.notEqual(named(client, secrets, 'child')?.metadata.deletionTimestamp, undefined);
  });
  assert.deepEqual(named(client, configMaps, 'owner')?.metadata.finalizers, ['foregroundDeletion']);
  await releaseFinalizers(client, secrets, child);
  await left(client, configMaps, []);
  await left(client, secrets, []);
});

test('garbage collector deletes whole trees in the foreground, leaves first', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'a-owner' });
  const child = add(client, configMaps, { name: 'b-child', owners: [ownedBy(owner, true)] });
  const leaf = add(client, secrets, {
    name: 'leaf',
    owners: [ownedBy(child, true)],
    finalizers: ['example.com/hold'],
  });
  run();
  await remove(client, owner, 'Foreground');
  await eventually(() => {
    assert.notEqual(named(client, secrets, 'leaf')?.metadata.deletionTimestamp, undefined);
  });
  assert.deepEqual(names(client, configMaps), ['a-owner', 'b-child']);
  await releaseFinalizers(client, secrets, leaf);
  await left(client, configMaps, []);
});

test('garbage collector resolves owners that wait for each other', async (t) => {
  const { client, run } = rig(t);
  const a = add(client, configMaps, { name: 'a', uid: 'uid-a' });
  const b = add(client, configMaps, { name: 'b', owners: [ownedBy(a, true)] });
  await client.patch(configMaps, a.metadata, {
    type: 'merge',
    body: { metadata: { ownerReferences: [ownedBy(b, true)] } },
  });
  run();
  await remove(client, a, 'Foreground');
  await left(client, configMaps, []);
});

test('garbage collector frees the dependents of an orphaning owner before the owner goes', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'owner' });
  for (let index = 0; index < 20; index += 1) {
    add(client, secrets, { name: `child-${index}`, owners: [ownedBy(owner, true)] });
  }
  const refusal = failure({ code: 500, reason: 'InternalError', message: 'no' });
  client.failNext('patch', secrets, refusal);
  run();
  await remove(client, owner, 'Orphan');
  await left(client, configMaps, []);
  // Given the chance to collect them, it would by now.
  add(client, secrets, { name: 'witness', owners: [goneOwner('x')] });
  await eventually(() => {
    assert.equal(named(client, secrets, 'witness'), undefined);
  });
  assert.equal(client.all(secrets).length, 20);
  for (const { metadata } of client.all(secrets)) assert.deepEqual(metadata.ownerReferences, []);
});

test('garbage collector lets cluster-scoped owners own objects of every namespace', async (t) => {
  const { client, run } = rig(t);
  const node = add(client, nodes, { name: 'n1' });
  add(client, leases, { name: 'n1', namespace: 'kube-node-lease', owners: [ownedBy(node)] });
  add(client, secrets, { name: 's', namespace: 'team', owners: [ownedBy(node)] });
  run();
  await client.delete(nodes, { name: 'n1' });
  await left(client, leases, []);
  await left(client, secrets, []);
});

test('garbage collector takes an owner of another namespace for absent and says so', async (t) => {
  const { client, run } = rig(t);
  const owner = add(client, configMaps, { name: 'owner', namespace: 'team' });
  const child = add(client, secrets, { name: 'child', owners: [ownedBy(owner)] });
  run();
  await left(client, secrets, []);
  await eventually(() => {
    const [event] = client.all(events) as unknown as { reason: string; message: string }[];
    assert.equal(event?.reason, 'OwnerRefInvalidNamespace');
    assert.equal(
      event.message,
      `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
    );
  });
  assert.deepEqual(names(client, configMaps), ['owner']);
  assert.equal(child.metadata.namespace, 'default');
});

test('garbage collector never collects for an owner it cannot judge', async (t) => {
  const { client, run } = rig(t);
  const unknown = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'w-uid' };
  add(client, secrets, { name: 'custom', owners: [unknown] });
  add(client, nodes, { name: 'n1', owners: [goneOwner('namespaced')] });
  run();
  add(client, secrets, { name: 'witness', owners: [goneOwner('x')] });
  await left(client, secrets, ['custom']);
  await eventually(() => {
    const reasons = (client.all(events) as unknown as { reason: string }[]).map(
      ({ reason }) => reason,
    );
    assert.deepEqual(reasons, ['OwnerRefInvalidNamespace']);
  });
  assert.deepEqual(names(client, nodes), ['n1']);
});
