/** What Kubernetes’ conformance tests ask of resource quotas. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { CustomKind } from './custom-kind.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-quota';
const place = `/api/v1/namespaces/${namespace}`;
const quotas = `${place}/resourcequotas`;

type Amounts = Readonly<Record<string, string>>;

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
  await eventually(async () => {
    (await api.get(`${place}/serviceaccounts/default`)).expect(200);
    (await api.get(`${place}/configmaps/kube-root-ca.crt`)).expect(200);
  });
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

const uses = (name: string, expected: Amounts): Promise<void> =>
  eventually(
    async () => {
      const used = (await api.get(`${quotas}/${name}`)).expect(200).at('status.used') ?? {};
      const found = Object.entries(used as Amounts).filter(([resource]) => resource in expected);
      assert.deepEqual(Object.fromEntries(found), expected);
    },
    { what: `what ${name} counts` },
  );

const pod = (name: string, resources: object, more: object = {}): object => ({
  metadata: { name },
  // Nobody schedules it, so that it goes as soon as it is deleted.
  spec: {
    schedulerName: 'nobody',
    containers: [{ name: 'c', image: 'web:v1', resources }],
    ...more,
  },
});

describe('a quota', () => {
  const hard: Amounts = {
    pods: '5',
    services: '10',
    'services.nodeports': '1',
    'services.loadbalancers': '1',
    replicationcontrollers: '10',
    resourcequotas: '1',
    configmaps: '3',
    secrets: '3',
    persistentvolumeclaims: '10',
    'requests.storage': '10Gi',
    cpu: '1',
    memory: '500Mi',
    'ephemeral-storage': '50Gi',
    'requests.example.com/dongle': '3',
    'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '10',
    'gold.storageclass.storage.k8s.io/requests.storage': '10Gi',
    'count/replicasets.apps': '5',
  };
  before(async () => {
    (await api.post(quotas, { metadata: { name: 'whole' }, spec: { hard } })).expect(201);
  });
  after(async () => {
    await api.delete(`${quotas}/whole`);
  });

  test('counts itself at once, and refuses another', async () => {
    await uses('whole', { resourcequotas: '1', pods: '0', configmaps: '1' });
    (await api.post(quotas, { metadata: { name: 'second' }, spec: { hard } })).refuses(
      403,
      /exceeded quota: whole, requested: resourcequotas=1, used: resourcequotas=1, limited: resourcequotas=1/,
    );
  });

  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  };
  const claim = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gold',
    resources: { requests: { storage: '1Gi' } },
  };
  const lives: readonly (readonly [string, object, Amounts, Amounts, string?])[] = [
    ['configmaps', {}, { configmaps: '2' }, { configmaps: '1' }],
    ['secrets', {}, { secrets: '1' }, { secrets: '0' }],
    [
      'replicationcontrollers',
      { spec: { replicas: 0, selector: { a: 'b' }, template } },
      { replicationcontrollers: '1' },
      { replicationcontrollers: '0' },
    ],
    [
      'replicasets',
      { spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template } },
      { 'count/replicasets.apps': '1' },
      { 'count/replicasets.apps': '0' },
      `/apis/apps/v1/namespaces/${namespace}`,
    ],
    [
      'persistentvolumeclaims',
      { spec: claim },
      {
        persistentvolumeclaims: '1',
        'requests.storage': '1Gi',
        'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      },
      {
        persistentvolumeclaims: '0',
        'requests.storage': '0',
        'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '0',
        'gold.storageclass.storage.k8s.io/requests.storage': '0',
      },
    ],
  ];
  for (const [plural, object, taken, released, root = place] of lives) {
    test(`follows the life of ${plural}`, async () => {
      (await api.post(`${root}/${plural}`, { metadata: { name: 'counted' }, ...object })).expect(
        201,
      );
      await uses('whole', taken);
      const options = { propagationPolicy: 'Background' };
      (await api.delete(`${root}/${plural}/counted`, options)).expect(200);
      if (plural === 'persistentvolumeclaims') {
        const free = { metadata: { finalizers: null } };
        await api.patch(`${root}/${plural}/counted`, 'merge-patch', free);
      }
      await uses('whole', released);
    });
  }

  test('follows the life of services of each type', async () => {
    const service = (name: string, type: string): object => ({
      metadata: { name },
      spec: { type, ports: [{ port: 80, targetPort: 80 }] },
    });
    (await api.post(`${place}/services`, service('plain', 'ClusterIP'))).expect(201);
    (await api.post(`${place}/services`, service('ported', 'NodePort'))).expect(201);
    (await api.post(`${place}/services`, service('balanced', 'LoadBalancer'))).refuses(
      403,
      /exceeded quota: whole, requested: services\.nodeports=1, used: services\.nodeports=1/,
    );
    await uses('whole', { services: '2', 'services.nodeports': '1' });
    for (const name of ['plain', 'ported'])
      (await api.delete(`${place}/services/${name}`)).expect(200);
    await uses('whole', { services: '0', 'services.nodeports': '0' });
  });

  test('follows the life of pods and refuses what does not fit', async () => {
    const dongles = { 'example.com/dongle': '2' };
    const amounts = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi' };
    const fitting = { requests: { ...amounts, ...dongles }, limits: dongles };
    (await api.post(`${place}/pods`, pod('fits', fitting))).expect(201);
    const taken = { pods: '1', ...amounts, 'requests.example.com/dongle': '2' };
    await uses('whole', taken);
    const tooMuch = { requests: { cpu: '600m', memory: '100Mi', 'ephemeral-storage': '1Gi' } };
    (await api.post(`${place}/pods`, pod('too-much', tooMuch))).refuses(
      403,
      /requested: cpu=600m, used: cpu=500m, limited: cpu=1/,
    );
    const more = {
      requests: { ...amounts, memory: '100Mi', 'ephemeral-storage': '1Gi', ...dongles },
      limits: dongles,
    };
    (await api.post(`${place}/pods`, pod('dongled', more))).refuses(
      403,
      /requests\.example\.com\/dongle=2/,
    );
    const unstated = { requests: { cpu: '1m' } };
    (await api.post(`${place}/pods`, pod('unstated', unstated))).refuses(
      403,
      /must specify memory for: c/,
    );
    const body = (await api.get(`${place}/pods/fits`)).json as {
      spec: { containers: { resources: { requests: object } }[] };
    };
    for (const { resources } of body.spec.containers) {
      resources.requests = { ...resources.requests, cpu: '100m', memory: '100Mi' };
    }
    (await api.put(`${place}/pods/fits`, body)).expect(422);
    await uses('whole', taken);
    (await api.delete(`${place}/pods/fits`, { gracePeriodSeconds: 0 })).expect(200);
    await uses('whole', {
      pods: '0',
      cpu: '0',
      memory: '0',
      'ephemeral-storage': '0',
      'requests.example.com/dongle': '0',
    });
  });
});

test('quotas with scopes count the pods in their scope', async () => {
  const hard = { pods: '5' };
  for (const scope of ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort']) {
    const body = { metadata: { name: scope.toLowerCase() }, spec: { hard, scopes: [scope] } };
    (await api.post(quotas, body)).expect(201);
    await uses(scope.toLowerCase(), { pods: '0' });
  }
  const counts = async (name: string, body: object, scopes: readonly string[]): Promise<void> => {
    (await api.post(`${place}/pods`, body)).expect(201);
    for (const scope of ['terminating', 'notterminating', 'besteffort', 'notbesteffort'])
      await uses(scope, { pods: scopes.includes(scope) ? '1' : '0' });
    (await api.delete(`${place}/pods/${name}`, { gracePeriodSeconds: 0 })).expect(200);
    for (const scope of scopes) await uses(scope, { pods: '0' });
  };
  const stated = { requests: { cpu: '500m' }, limits: { cpu: '1' } };
  await counts('long', pod('long', stated), ['notterminating', 'notbesteffort']);
  const ending = pod('ending', stated, { activeDeadlineSeconds: 3600 });
  await counts('ending', ending, ['terminating', 'notbesteffort']);
  await counts('lowly', pod('lowly', {}), ['notterminating', 'besteffort']);
  (await api.delete(quotas)).expect(200);
});

test('a quota is updated, patched, given a status, and deleted as a collection', async () => {
  const name = 'managed';
  const labels = { set: 'managed' };
  const hard = { cpu: '500m', memory: '500Mi' };
  const body = { metadata: { name, labels }, spec: { hard } };
  (await api.post(quotas, body)).expect(201);
  const doubled = { ...body, spec: { hard: { cpu: '1', memory: '1Gi' } } };
  const updated = (await api.put(`${quotas}/${name}`, doubled)).expect(200);
  assert.deepEqual(updated.at('spec.hard'), doubled.spec.hard);
  const more = { metadata: { labels: { patched: 'yes' } }, spec: { hard: { memory: '750Mi' } } };
  const patched = (await api.patch(`${quotas}/${name}`, 'strategic-merge-patch', more)).expect(200);
  assert.deepEqual(patched.at('spec.hard'), { cpu: '1', memory: '750Mi' });
  await uses(name, { cpu: '0', memory: '0' });
  const status = { status: { hard: { cpu: '2', memory: '2Gi' } } };
  const written = await api.patch(`${quotas}/${name}/status`, 'strategic-merge-patch', status);
  assert.deepEqual(written.expect(200).at('status.hard'), { cpu: '2', memory: '2Gi' });
  assert.deepEqual(written.at('spec.hard'), { cpu: '1', memory: '750Mi' });
  await eventually(async () => {
    const found = (await api.get(`${quotas}/${name}/status`)).expect(200);
    assert.deepEqual(found.at('status.hard'), { cpu: '1', memory: '750Mi' });
  });
  const everywhere = await api.get('/api/v1/resourcequotas?labelSelector=set=managed');
  assert.deepEqual(everywhere.expect(200).names(), [name]);
  (await api.delete(`${quotas}?labelSelector=set=managed`)).expect(200);
  (await api.get(`${quotas}/${name}`)).expect(404);
});

test('a quota counts custom resources', async () => {
  const kind = new CustomKind(api, 'Counted');
  await kind.create({ v1: { type: 'object' } }, { namespaced: true });
  const counted = `count/${kind.definition}`;
  (
    await api.post(quotas, { metadata: { name: 'custom' }, spec: { hard: { [counted]: '1' } } })
  ).expect(201);
  await uses('custom', { [counted]: '0' });
  await kind.post({ metadata: { name: 'one' } }, kind.in(namespace));
  await uses('custom', { [counted]: '1' });
  const second = { apiVersion: `${kind.group}/v1`, kind: kind.kind, metadata: { name: 'two' } };
  (await api.post(kind.in(namespace), second)).refuses(403, /exceeded quota: custom/);
  (await api.delete(`${kind.in(namespace)}/one`)).expect(200);
  await uses('custom', { [counted]: '0' });
  (await api.delete(`${quotas}/custom`)).expect(200);
  await kind.delete();
});
