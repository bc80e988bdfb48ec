import { configMaps as configMapsRef } from '../../../api/core/v1/config-map.js';
import { namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';
import { serviceAccounts as serviceAccountsRef } from '../../../api/core/v1/service-account.js';
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { ConfigMap } from '../../../api/core/v1/types.js';
import type { FakeClient } from '../../../machinery/client/fake-client.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { serviceAccountController } from './controller.js';

const caCertificate = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const rootCaKey = { namespace: 'team', name: 'kube-root-ca.crt' };

function start(t: TestContext): FakeClient {
  const { client, run } = fakeCluster(t);
  run(serviceAccountController({ caCertificate }));
  return client;
}

function addNamespace(client: FakeClient, name: string, phase: 'Active' | 'Terminating'): void {
  const deletionTimestamp = phase === 'Active' ? undefined : '2026-01-02T03:04:05Z';
  client.seed(namespacesRef, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase },
  });
}

const rootCa = (client: FakeClient): ConfigMap | undefined =>
  client.all(configMapsRef).find(({ metadata }) => metadata.namespace === 'team');

const isComplete = (client: FakeClient) => () => {
  assert.deepEqual(rootCa(client)?.data, { 'ca.crt': caCertificate });
  assert.deepEqual(rootCa(client)?.binaryData, undefined);
  const accounts = client.all(serviceAccountsRef);
  assert.deepEqual(
    accounts.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
    ['team/default'],
  );
};

test('service account controller furnishes active namespaces only', async (t) => {
  const client = start(t);
  addNamespace(client, 'leaving', 'Terminating');
  addNamespace(client, 'team', 'Active');
  await eventually(isComplete(client));
  assert.equal(client.all(configMapsRef).length, 1);
});

test('service account controller puts back what is changed or deleted', async (t) => {
  const client = start(t);
  addNamespace(client, 'team', 'Active');
  await eventually(isComplete(client));
  const damages: readonly (() => Promise<unknown>)[] = [
    async () => client.delete(serviceAccountsRef, { namespace: 'team', name: 'default' }),
    async () => client.delete(configMapsRef, rootCaKey),
    async () => client.patch(configMapsRef, rootCaKey, merge({ data: { 'ca.crt': 'other' } })),
    async () => client.patch(configMapsRef, rootCaKey, merge({ data: { extra: 'x' } })),
    async () => client.patch(configMapsRef, rootCaKey, merge({ binaryData: { extra: 'eA==' } })),
    async () =>
      client.patch(configMapsRef, rootCaKey, merge({ immutable: true, data: { extra: 'x' } })),
  ];
  for (const damage of damages) {
    await damage();
    await eventually(isComplete(client));
  }
  const [account] = client.all(serviceAccountsRef);
  assert.equal(rootCa(client)?.immutable, undefined);
  assert.notEqual(account, undefined);
});

test('service account controller leaves a right ConfigMap with notes of others alone', async (t) => {
  const client = start(t);
  client.seed(configMapsRef, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...rootCaKey, labels: { mine: 'yes' } },
    data: { 'ca.crt': caCertificate },
  });
  addNamespace(client, 'team', 'Active');
  await eventually(isComplete(client));
  assert.equal(
    client.requests.some(({ plural }) => plural === 'configmaps'),
    false,
  );
});

const merge = (body: unknown) => ({ type: 'merge', body }) as const;
