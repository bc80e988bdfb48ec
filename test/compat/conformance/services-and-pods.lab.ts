/** What Kubernetes’ conformance tests ask of services, pods, secrets and limits beside the lifecycle of their objects. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { type Answer, WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-objects';
const core = `/api/v1/namespaces/${namespace}`;

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
  await eventually(async () => (await api.get(`${core}/serviceaccounts/default`)).expect(200));
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

/** Writes an object back as it was read, with other fields in its spec. */
const respecified = async (path: string, spec: object): Promise<Answer> => {
  const object = (await api.get(path)).expect(200).json as { spec: object };
  return (await api.put(path, { ...object, spec: { ...object.spec, ...spec } })).expect(200);
};

describe('a service', () => {
  test('changes its type, and gets or loses its addresses and ports with it', async () => {
    const path = `${core}/services/changing`;
    const external = { type: 'ExternalName', externalName: 'example.com' };
    (await api.post(`${core}/services`, { metadata: { name: 'changing' }, spec: external })).expect(
      201,
    );
    const ports = [{ port: 80, protocol: 'TCP' }];
    const inside = await respecified(path, { type: 'ClusterIP', externalName: '', ports });
    assert.match(inside.textAt('spec.clusterIP'), /^10\./);
    assert.equal((await respecified(path, external)).at('spec.clusterIP'), undefined);
    const outside = await respecified(path, { type: 'NodePort', externalName: '' });
    assert.match(outside.textAt('spec.clusterIP'), /^10\./);
    assert.equal(typeof outside.at('spec.ports[0].nodePort'), 'number');
    const back = await respecified(path, external);
    assert.equal(back.at('spec.clusterIP'), undefined);
    assert.equal(back.at('spec.ports[0].nodePort'), undefined);
  });

  test('of the cluster itself leads to the API servers', async () => {
    assert.ok((await api.get('/api/v1/services')).names().includes('kubernetes'));
    const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';
    assert.equal((await api.get(slices)).expect(200).at('ports[0].port'), 6443);
    const endpoints = await api.get('/api/v1/namespaces/default/endpoints/kubernetes');
    assert.equal(endpoints.expect(200).at('subsets[0].ports[0].port'), 6443);
  });
});

/** A pod that no scheduler takes. */
const podOf = (name: string, spec: object = {}, resources: object = {}): object => ({
  metadata: { name, generation: 100 },
  spec: {
    schedulerName: 'nobody',
    containers: [{ name: 'main', image: 'web:v1', resources }],
    ...spec,
  },
});

describe('a pod', () => {
  test('counts what changes in its spec, from one', async () => {
    const path = `${core}/pods/counted`;
    const initContainers = [{ name: 'init', image: 'web:v1' }];
    const created = (await api.post(`${core}/pods`, podOf('counted', { initContainers }))).expect(
      201,
    );
    assert.equal(created.at('metadata.generation'), 1);
    const toleration = { key: 'more', operator: 'Exists', effect: 'NoSchedule' };
    const tolerations = [...(created.at('spec.tolerations') as readonly object[]), toleration];
    for (const [expected, patch] of [
      [1, {}],
      [2, { spec: { tolerations } }],
      [3, { spec: { activeDeadlineSeconds: 5000 } }],
      [4, { spec: { containers: [{ name: 'main', image: 'web:v2' }] } }],
      [5, { spec: { initContainers: [{ name: 'init', image: 'web:v2' }] } }],
      [5, { metadata: { annotations: { key: 'value' } } }],
      [5, { metadata: { generation: 1 } }],
    ] as const) {
      const answer = (await api.patch(path, 'strategic-merge-patch', patch)).expect(200);
      assert.equal(answer.at('metadata.generation'), expected, JSON.stringify(patch));
    }
  });

  test('gets ephemeral containers, one after the other', async () => {
    (await api.post(`${core}/pods`, podOf('debugged'))).expect(201);
    const path = `${core}/pods/debugged/ephemeralcontainers`;
    const ephemeralContainers = [{ name: 'first', image: 'debug' }];
    const patch = { spec: { ephemeralContainers } };
    (await api.patch(path, 'strategic-merge-patch', patch)).expect(200);
    const both = {
      ephemeralContainers: [...ephemeralContainers, { name: 'second', image: 'debug' }],
    };
    await respecified(path, both);
    const pod = await api.get(`${core}/pods/debugged`);
    assert.equal(pod.at('spec.ephemeralContainers[1].name'), 'second');
    assert.equal(pod.at('spec.ephemeralContainers[2]'), undefined);
    assert.equal(pod.at('metadata.generation'), 3);
  });

  test('is refused without its runtime class, and gets the overhead of it', async () => {
    const pods = `${core}/pods?dryRun=All`;
    const pod = podOf('classed', { runtimeClassName: 'conformance' });
    (await api.post(pods, pod)).refuses(403, /RuntimeClass "conformance" not found/);
    const classes = '/apis/node.k8s.io/v1/runtimeclasses';
    const podFixed = { cpu: '10m', memory: '1Mi' };
    const runtimeClass = {
      metadata: { name: 'conformance' },
      handler: 'none',
      overhead: { podFixed },
    };
    (await api.post(classes, runtimeClass)).expect(201);
    await eventually(async () => {
      assert.deepEqual((await api.post(pods, pod)).expect(201).at('spec.overhead'), podFixed);
    });
    (await api.delete(`${classes}/conformance`)).expect(200);
    await eventually(async () => (await api.post(pods, pod)).refuses(403, /not found/));
  });

  test('gets what a limit range gives, and is refused beyond it', async () => {
    const limit = {
      type: 'Container',
      min: { cpu: '50m' },
      max: { cpu: '500m' },
      default: { cpu: '500m' },
      defaultRequest: { cpu: '100m' },
    };
    const limitRange = { metadata: { name: 'limits' }, spec: { limits: [limit] } };
    (await api.post(`${core}/limitranges`, limitRange)).expect(201);
    const pods = `${core}/pods?dryRun=All`;
    await eventually(async () => {
      assert.deepEqual(
        (await api.post(pods, podOf('limited'))).at('spec.containers[0].resources'),
        {
          limits: { cpu: '500m' },
          requests: { cpu: '100m' },
        },
      );
    });
    const own = { limits: { cpu: '300m' }, requests: { cpu: '300m' } };
    const kept = (await api.post(pods, podOf('limited', {}, own))).expect(201);
    assert.deepEqual(kept.at('spec.containers[0].resources'), own);
    for (const [resources, said] of [
      [{ requests: { cpu: '10m' } }, /minimum cpu usage per Container is 50m, but request is 10m/],
      [{ limits: { cpu: '600m' } }, /maximum cpu usage per Container is 500m, but limit is 600m/],
    ] as const) {
      (await api.post(pods, podOf('limited', {}, resources))).refuses(403, said);
    }
    (await api.delete(`${core}/limitranges/limits`)).expect(200);
  });

  test('is Guaranteed when it asks for all it may have', async () => {
    const all = { cpu: '100m', memory: '100Mi' };
    const pod = podOf('guaranteed', {}, { limits: all, requests: all });
    const created = await api.post(`${core}/pods?dryRun=All`, pod);
    assert.equal(created.expect(201).at('status.qosClass'), 'Guaranteed');
  });
});

for (const [kind, resource] of [
  ['Secret', 'secrets'],
  ['ConfigMap', 'configmaps'],
] as const) {
  test(`a ${kind} has no empty keys, and stays as it is once it is immutable`, async () => {
    const place = `${core}/${resource}`;
    const value = 'dmFs';
    (await api.post(place, { metadata: { name: 'empty' }, data: { '': value } })).expect(422);
    (await api.post(place, { metadata: { name: 'fixed' }, data: { one: value } })).expect(201);
    const path = `${place}/fixed`;
    (await api.patch(path, 'merge-patch', { immutable: true })).expect(200);
    for (const patch of [{ data: { one: 'b3RoZXI=' } }, { immutable: false }])
      (await api.patch(path, 'merge-patch', patch)).refuses(422, /immutable/);
    (await api.patch(path, 'merge-patch', { metadata: { labels: { a: 'b' } } })).expect(200);
    (await api.delete(path)).expect(200);
  });
}

test('a priority class keeps its value', async () => {
  const place = '/apis/scheduling.k8s.io/v1/priorityclasses';
  (await api.post(place, { metadata: { name: 'conformance' }, value: 5 })).expect(201);
  (await api.patch(`${place}/conformance`, 'merge-patch', { value: 6 })).refuses(
    422,
    /may not be changed/,
  );
  (await api.delete(`${place}/conformance`)).expect(200);
});
