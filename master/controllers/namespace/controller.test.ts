import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { events as eventsRef } from '../../../api/core/v1/event.js';
import { configMaps as configMapsRef } from '../../../api/core/v1/config-map.js';
import type { Namespace, NamespaceCondition } from '../../../api/core/v1/types.js';
import { failure } from '../../../api/meta/status-error.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { FakeClient } from '../../../machinery/client/fake-client.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { namespaceController } from './controller.js';
import { builtInResources, watchableResources } from '../../../api/resources.js';
import { namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';

function start(t: TestContext): FakeClient {
  const { client, run } = fakeCluster(t);
  run(namespaceController(watchableResources(builtInResources)));
  for (const name of ['doomed', 'safe']) {
    client.seed(namespacesRef, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  return client;
}

const add = (
  client: FakeClient,
  resource: ResourceRef,
  metadata: { namespace: string; name: string; finalizers?: string[] },
): void => {
  client.seed(resource, { apiVersion: 'v1', kind: resource.kind, metadata });
};

const names = (client: FakeClient, resource: ResourceRef): string[] =>
  client
    .all(resource)
    .map(({ metadata }) => metadata.name)
    .sort();

const doomed = (client: FakeClient): Namespace | undefined =>
  client.all(namespacesRef).find(({ metadata }) => metadata.name === 'doomed');

const conditionOf = (
  client: FakeClient,
  type: NamespaceCondition['type'],
): NamespaceCondition | undefined =>
  doomed(client)?.status.conditions?.find((condition) => condition.type === type);

const isGone = (client: FakeClient) => () => {
  assert.equal(doomed(client), undefined);
};

test('namespace controller empties the namespace being deleted, and no other, and lets it go', async (t) => {
  const client = start(t);
  for (const namespace of ['doomed', 'safe']) {
    for (const resource of [configMapsRef, podsRef, eventsRef]) {
      add(client, resource, { namespace, name: `${resource.plural}-of-${namespace}` });
    }
  }
  await client.delete(namespacesRef, { name: 'doomed' });
  await eventually(isGone(client));
  assert.deepEqual(names(client, namespacesRef), ['safe']);
  assert.deepEqual(names(client, configMapsRef), ['configmaps-of-safe']);
  assert.deepEqual(names(client, podsRef), ['pods-of-safe']);
  assert.deepEqual(names(client, eventsRef), ['events-of-safe']);
  const finalize = client.requests.filter(({ subresource }) => subresource === 'finalize');
  assert.deepEqual(
    finalize.map(({ verb, name }) => [verb, name]),
    [['update', 'doomed']],
  );
});

test('namespace controller says what remains and goes on when it is released', async (t) => {
  const client = start(t);
  const finalizers = ['example.com/hold'];
  add(client, configMapsRef, { namespace: 'doomed', name: 'held', finalizers });
  add(client, configMapsRef, { namespace: 'doomed', name: 'free' });
  await client.delete(namespacesRef, { name: 'doomed' });
  await eventually(() => {
    assert.deepEqual(
      doomed(client)?.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
      [
        ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered'],
        ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions'],
        ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted'],
        ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain'],
        ['NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain'],
      ],
    );
  });
  assert.equal(
    conditionOf(client, 'NamespaceContentRemaining')?.message,
    'Some resources are remaining: configmaps. has 1 resource instances',
  );
  assert.equal(
    conditionOf(client, 'NamespaceFinalizersRemaining')?.message,
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
  await client.patch(
    configMapsRef,
    { namespace: 'doomed', name: 'held' },
    { type: 'merge', body: { metadata: { finalizers: null } } },
  );
  await eventually(isGone(client));
});

test('namespace controller keeps what pods use until the pods are gone', async (t) => {
  const client = start(t);
  add(client, podsRef, { namespace: 'doomed', name: 'slow', finalizers: ['test/grace'] });
  add(client, configMapsRef, { namespace: 'doomed', name: 'used' });
  await client.delete(namespacesRef, { name: 'doomed' });
  await eventually(() => {
    assert.equal(
      conditionOf(client, 'NamespaceContentRemaining')?.message,
      'Some resources are remaining: pods. has 1 resource instances',
    );
  });
  assert.deepEqual(names(client, configMapsRef), ['used']);
  await client.patch(
    podsRef,
    { namespace: 'doomed', name: 'slow' },
    { type: 'merge', body: { metadata: { finalizers: null } } },
  );
  await eventually(isGone(client));
  assert.deepEqual(names(client, configMapsRef), []);
});

test('namespace controller reports deletions that fail and tries them again', async (t) => {
  const client = start(t);
  add(client, configMapsRef, { namespace: 'doomed', name: 'a' });
  const refusal = failure({ code: 500, reason: 'InternalError', message: 'the disk is full' });
  for (let time = 0; time < 4; time += 1) client.failNext('delete', configMapsRef, refusal);
  await client.delete(namespacesRef, { name: 'doomed' });
  await eventually(isGone(client));
  const reported = client.requests
    .filter(({ subresource }) => subresource === 'status')
    .flatMap(({ body }) => (body as Namespace).status.conditions ?? [])
    .find(({ reason }) => reason === 'ContentDeletionFailed');
  assert.equal(
    reported?.message,
    'Failed to delete all resource types, 1 remaining: the disk is full',
  );
});

test('namespace controller leaves a namespace to others once its own finalizer is gone', async (t) => {
  const client = start(t);
  await client.patch(
    namespacesRef,
    { name: 'doomed' },
    { type: 'merge', body: { metadata: { finalizers: ['example.com/own'] } } },
  );
  await client.delete(namespacesRef, { name: 'doomed' });
  await eventually(() => {
    assert.deepEqual(doomed(client)?.spec.finalizers, []);
  });
  assert.deepEqual(doomed(client)?.metadata.finalizers, ['example.com/own']);
});
