import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { configMaps } from '../../../api/core/v1/config-map.js';
import { secrets } from '../../../api/core/v1/secret.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { bootstrapSigner } from './controller.js';

const key = { namespace: 'kube-public', name: 'cluster-info' };
const encoded = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
const tokenSecret = (id: string, fields: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` },
  type: 'bootstrap.kubernetes.io/token' as const,
  data: encoded({ 'token-id': id, 'token-secret': 'f395accd246ae52d', ...fields }),
});
const signs = { 'usage-bootstrap-signing': 'true' };

test('bootstrap signer signs cluster-info with the tokens that may, as long as there are any', async (t) => {
  const { client, run } = fakeCluster(t);
  const kubeconfig = 'apiVersion: v1\nkind: Config\n';
  client.seed(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: key,
    data: { kubeconfig, 'jws-kubeconfig-gone00': 'stale' },
  });
  client.seed(secrets, tokenSecret('07401b', signs));
  client.seed(secrets, tokenSecret('joins0', { 'usage-bootstrap-authentication': 'true' }));
  client.seed(secrets, tokenSecret('ended0', { ...signs, expiration: '2001-01-01T00:00:00Z' }));
  run(bootstrapSigner());

  const data = async (): Promise<Readonly<Record<string, string>>> =>
    (await client.get(configMaps, key)).data ?? {};
  await eventually(async () => {
    assert.deepEqual(Object.keys(await data()).sort(), ['jws-kubeconfig-07401b', 'kubeconfig']);
  });
  const [header = '', payload, signature] = ((await data())['jws-kubeconfig-07401b'] ?? '').split(
    '.',
  );
  assert.equal(payload, '');
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'HS256',
    kid: '07401b',
  });
  const signed = `${header}.${Buffer.from(kubeconfig).toString('base64url')}`;
  const expected = createHmac('sha256', 'f395accd246ae52d').update(signed).digest('base64url');
  assert.equal(signature, expected);

  await client.delete(secrets, { namespace: 'kube-system', name: 'bootstrap-token-07401b' });
  await eventually(async () => {
    assert.deepEqual(await data(), { kubeconfig });
  });
});
