/** What Kubernetes’ conformance tests ask of certificate requests, service accounts and access reviews. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { controlKinds } from './control-kinds.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-identities';
const core = `/api/v1/namespaces/${namespace}`;
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

test('a certificate request is approved through one part of it and reported on through another', async () => {
  const body = controlKinds.find(({ kind }) => kind === 'CertificateSigningRequest')?.body;
  const selected = `${requests}?fieldSelector=spec.signerName=example.com/conformance`;
  const names: string[] = [];
  for (let number = 0; number < 3; number += 1) {
    const created = await api.post(requests, { metadata: { generateName: 'csr-' }, ...body });
    names.push(created.expect(201).textAt('metadata.name'));
  }
  assert.deepEqual((await api.get(selected)).names(), names.sort());
  const path = `${requests}/${names[0] ?? ''}`;
  const condition = (type: string): object => ({
    type,
    status: 'True',
    reason: 'Test',
    message: '',
  });
  const patched = await api.patch(`${path}/approval`, 'merge-patch', {
    metadata: { annotations: { approval: 'patched' } },
    status: { conditions: [condition('Checked')] },
  });
  assert.equal(patched.expect(200).at('metadata.annotations.approval'), 'patched');
  assert.equal(patched.at('status.conditions[0].type'), 'Checked');
  const approval = patched.json as { status: { conditions: object[] } };
  approval.status.conditions.push(condition('Approved'));
  const approved = (await api.put(`${path}/approval`, approval)).expect(200);
  assert.equal(approved.at('status.conditions[1].type'), 'Approved');
  assert.equal((await api.get(`${path}/approval`)).at('metadata.name'), names[0]);
  const reported = (await api.get(`${path}/status`)).json as typeof approval;
  reported.status.conditions.push(condition('Reported'));
  const status = (await api.put(`${path}/status`, reported)).expect(200);
  assert.equal(status.at('status.conditions[2].type'), 'Reported');
  (await api.delete(selected)).expect(200);
  assert.deepEqual((await api.get(selected)).names(), []);
});

test('access reviews say of a service account what it meets when it asks', async () => {
  const account = (
    await api.post(`${core}/serviceaccounts`, { metadata: { name: 'asks' } })
  ).expect(201);
  const user = `system:serviceaccount:${namespace}:asks`;
  const uid = account.textAt('metadata.uid');
  const groups = ['system:authenticated', 'system:serviceaccounts'];
  const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace, version: 'v1' };
  const reviewed = async (): Promise<readonly unknown[]> => {
    const places = ['subjectaccessreviews', `namespaces/${namespace}/localsubjectaccessreviews`];
    const answers = places.map((place) =>
      api.post(`/apis/authorization.k8s.io/v1/${place}`, {
        metadata: place.startsWith('namespaces') ? { namespace } : {},
        spec: { resourceAttributes, user, groups, uid },
      }),
    );
    return (await Promise.all(answers)).map((answer) => answer.expect(201).at('status.allowed'));
  };
  const asked = async (): Promise<number> =>
    (
      await api.get(`${core}/configmaps`, {
        'impersonate-user': user,
        'impersonate-uid': uid,
        'impersonate-group': 'system:authenticated',
      })
    ).code;
  assert.deepEqual(await reviewed(), [false, false]);
  assert.equal(await asked(), 403);
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
  const binding = {
    metadata: { name: 'view' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', name: 'asks', namespace }],
  };
  (await api.post(rbac, binding)).expect(201);
  await eventually(async () => {
    assert.deepEqual(await reviewed(), [true, true]);
    assert.equal(await asked(), 200);
  });
});

test('tokens can be checked with what the issuer publishes', async () => {
  const place = `${core}/serviceaccounts/default/token`;
  await eventually(async () => (await api.get(`${core}/serviceaccounts/default`)).expect(200));
  const spec = { audiences: ['conformance'], expirationSeconds: 600 };
  const token = (await api.post(place, { spec })).expect(201).textAt('status.token');
  const [header = '', claims = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  const discovery = (await api.get('/.well-known/openid-configuration')).expect(200);
  const { iss, aud } = JSON.parse(claims) as { iss: string; aud: readonly string[] };
  assert.equal(discovery.at('issuer'), iss);
  assert.deepEqual(aud, ['conformance']);
  const keys = (await api.get('/openid/v1/jwks')).expect(200);
  assert.equal(keys.headers['content-type'], 'application/jwk-set+json');
  const published = keys.at('keys') as readonly { kid: string }[];
  const { kid } = JSON.parse(header) as { kid: string };
  assert.ok(published.some((key) => key.kid === kid));
});

test('every namespace has the root certificate, whatever is done to it', async () => {
  const path = `${core}/configmaps/kube-root-ca.crt`;
  const isThere = (): Promise<void> =>
    eventually(async () => {
      assert.match((await api.get(path)).expect(200).textAt("data['ca.crt']"), /BEGIN CERTIFICATE/);
    });
  await isThere();
  (await api.delete(path)).expect(200);
  await isThere();
  const broken = { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': '' } };
  (await api.put(path, broken)).expect(200);
  await isThere();
});
