/** What Kubernetes’ conformance tests ask of namespaces and of the garbage collector. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { CustomKind } from './custom-kind.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespaces = '/api/v1/namespaces';
const containers = [{ name: 'c', image: 'web:v1' }];
// Nobody schedules it, so that it goes as soon as it is deleted.
const spec = { schedulerName: 'nobody', containers };

async function createNamespace(name: string): Promise<string> {
  (await api.post(namespaces, { metadata: { name } })).expect(201);
  await eventually(async () => {
    (await api.get(`${namespaces}/${name}/serviceaccounts/default`)).expect(200);
  });
  return `${namespaces}/${name}`;
}

const isGone = (path: string): Promise<void> =>
  eventually(
    async () => {
      (await api.get(path)).expect(404);
    },
    { what: `the end of ${path}`, timeoutMs: 20_000 },
  );

after(() => {
  api.close();
});

describe('a namespace', () => {
  test('is patched, updated, and given and relieved of a finalizer', async () => {
    const place = await createNamespace('conformance-changed');
    const labels = { testLabel: 'testValue' };
    const patched = await api.patch(place, 'strategic-merge-patch', { metadata: { labels } });
    assert.equal(patched.expect(200).at('metadata.labels.testLabel'), 'testValue');
    const body = patched.json as { metadata: { labels: object } };
    body.metadata.labels = { ...body.metadata.labels, updated: 'yes' };
    const updated = (await api.put(place, body)).expect(200);
    assert.equal(updated.at('metadata.labels.updated'), 'yes');

    const withFinalizer = updated.json as { spec: { finalizers: string[] } };
    withFinalizer.spec.finalizers.push('conformance.example/fake');
    const finalized = (await api.put(`${place}/finalize`, withFinalizer)).expect(200);
    assert.deepEqual(finalized.at('spec.finalizers'), ['kubernetes', 'conformance.example/fake']);
    const without = finalized.json as { spec: { finalizers: string[] } };
    without.spec.finalizers.pop();
    const relieved = (await api.put(`${place}/finalize`, without)).expect(200);
    assert.deepEqual(relieved.at('spec.finalizers'), ['kubernetes']);
    (await api.delete(place)).expect(200);
    await isGone(place);
  });

  test('has a status that is read, patched and updated by itself', async () => {
    const place = await createNamespace('conformance-status');
    const status = (await api.get(`${place}/status`)).expect(200);
    assert.equal(status.at('status.phase'), 'Active');
    const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched' };
    const patch = {
      metadata: { annotations: { patched: 'true' } },
      status: { conditions: [condition] },
    };
    const patched = (await api.patch(`${place}/status`, 'merge-patch', patch)).expect(200);
    assert.equal(patched.at('metadata.annotations.patched'), 'true');
    assert.equal(patched.at('status.conditions[0].type'), 'StatusPatch');
    const body = patched.json as { status: { conditions: object[] } };
    body.status.conditions.push({ ...condition, type: 'StatusUpdate' });
    const updated = (await api.put(`${place}/status`, body)).expect(200);
    assert.equal(updated.at('status.conditions[1].type'), 'StatusUpdate');
    assert.equal(updated.at('status.phase'), 'Active');
    (await api.delete(place)).expect(200);
  });

  test('takes pods and services with it, and can be made again, empty', async () => {
    const place = await createNamespace('conformance-emptied');
    (await api.post(`${place}/pods`, { metadata: { name: 'p' }, spec: { containers } })).expect(
      201,
    );
    const service = { selector: { a: 'b' }, ports: [{ port: 80, targetPort: 80 }] };
    (await api.post(`${place}/services`, { metadata: { name: 's' }, spec: service })).expect(201);
    (await api.delete(place)).expect(200);
    await isGone(place);
    await createNamespace('conformance-emptied');
    (await api.get(`${place}/pods/p`)).expect(404);
    (await api.get(`${place}/services/s`)).expect(404);
    (await api.delete(place)).expect(200);
  });

  test('loses its pods before anything else, and says what it waits for', async () => {
    const place = await createNamespace('conformance-ordered');
    const finalizers = ['conformance.example/waits'];
    (await api.post(`${place}/pods`, { metadata: { name: 'held', finalizers }, spec })).expect(201);
    (await api.post(`${place}/configmaps`, { metadata: { name: 'kept' } })).expect(201);
    (await api.delete(place)).expect(200);
    await eventually(async () => {
      const conditions = (await api.get(place)).at('status.conditions');
      assert.ok(Array.isArray(conditions), 'no condition yet');
      const waiting = (conditions as readonly unknown[]).find(
        (condition) => valueAt(condition, 'type') === 'NamespaceContentRemaining',
      );
      assert.equal(valueAt(waiting, 'status'), 'True');
      assert.match(String(valueAt(waiting, 'message')), /pods\. has 1 resource instances/);
      const failing = (conditions as readonly unknown[]).find(
        (condition) => valueAt(condition, 'type') === 'NamespaceFinalizersRemaining',
      );
      assert.match(
        String(valueAt(failing, 'message')),
        /conformance\.example\/waits in 1 resource/,
      );
    });
    const kept = (await api.get(`${place}/configmaps/kept`)).expect(200);
    assert.equal(kept.at('metadata.deletionTimestamp'), undefined);
    const free = { metadata: { finalizers: null } };
    (await api.patch(`${place}/pods/held`, 'merge-patch', free)).expect(200);
    await isGone(place);
  });
});

describe('the garbage collector', () => {
  let place: string;
  const pods = (): string => `${place}/pods`;
  const controllers = (): string => `${place}/replicationcontrollers`;
  before(async () => {
    place = await createNamespace('conformance-owners');
  });
  after(async () => {
    await api.delete(place);
  });

  async function owner(name: string): Promise<object> {
    const template = { metadata: { labels: { name } }, spec };
    const body = { metadata: { name }, spec: { replicas: 0, selector: { name }, template } };
    const made = (await api.post(controllers(), body)).expect(201);
    return { apiVersion: 'v1', kind: 'ReplicationController', name, uid: made.at('metadata.uid') };
  }
  async function pod(
    name: string,
    ownerReferences: readonly object[],
    finalizers?: readonly string[],
  ): Promise<void> {
    const metadata = { name, ownerReferences, ...(finalizers === undefined ? {} : { finalizers }) };
    (await api.post(pods(), { metadata, spec })).expect(201);
  }
  const remove = async (name: string, propagationPolicy: string): Promise<void> => {
    (await api.delete(`${controllers()}/${name}`, { propagationPolicy })).expect(200);
  };

  test('deletes in the background what a deleted owner leaves', async () => {
    await pod('background', [await owner('background')]);
    await remove('background', 'Background');
    await isGone(`${pods()}/background`);
    (await api.get(`${controllers()}/background`)).expect(404);
  });

  test('leaves what is to be orphaned, without the reference', async () => {
    await pod('orphan', [await owner('orphan')]);
    await remove('orphan', 'Orphan');
    await isGone(`${controllers()}/orphan`);
    const left = (await api.get(`${pods()}/orphan`)).expect(200);
    assert.deepEqual(left.at('metadata.ownerReferences'), undefined);
    assert.equal(left.at('metadata.deletionTimestamp'), undefined);
  });

  test('keeps an owner that is deleted in the foreground until its dependents are gone', async () => {
    const reference = { ...(await owner('foreground')), blockOwnerDeletion: true };
    await pod('blocking', [reference], ['conformance.example/waits']);
    await remove('foreground', 'Foreground');
    await eventually(async () => {
      const held = (await api.get(`${pods()}/blocking`)).expect(200);
      assert.equal(typeof held.at('metadata.deletionTimestamp'), 'string');
    });
    const waiting = (await api.get(`${controllers()}/foreground`)).expect(200);
    assert.deepEqual(waiting.at('metadata.finalizers'), ['foregroundDeletion']);
    const free = { metadata: { finalizers: null } };
    (await api.patch(`${pods()}/blocking`, 'merge-patch', free)).expect(200);
    await isGone(`${controllers()}/foreground`);
  });

  test('spares what has another owner that stays', async () => {
    const [going, staying] = [await owner('going'), await owner('staying')];
    const blocking = { ...going, blockOwnerDeletion: true };
    await pod('of-both', [blocking, staying]);
    await pod('of-one', [blocking]);
    await remove('going', 'Foreground');
    await isGone(`${controllers()}/going`);
    await isGone(`${pods()}/of-one`);
    const left = (await api.get(`${pods()}/of-both`)).expect(200);
    assert.equal(left.at('metadata.deletionTimestamp'), undefined);
    assert.deepEqual(left.at('metadata.ownerReferences'), [staying]);
  });

  test('is not held up by objects that own each other', async () => {
    const names = ['circle-1', 'circle-2', 'circle-3'];
    const references: object[] = [];
    for (const name of names) {
      await pod(name, []);
      const uid = (await api.get(`${pods()}/${name}`)).at('metadata.uid');
      references.push({
        apiVersion: 'v1',
        kind: 'Pod',
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      });
    }
    for (const [index, name] of names.entries()) {
      const ownerReferences = [references[(index + 2) % 3]];
      (
        await api.patch(`${pods()}/${name}`, 'merge-patch', { metadata: { ownerReferences } })
      ).expect(200);
    }
    (await api.delete(`${pods()}/circle-1`, { propagationPolicy: 'Foreground' })).expect(200);
    for (const name of names) await isGone(`${pods()}/${name}`);
  });

  test('follows custom owners and dependents', async () => {
    const kind = new CustomKind(api, 'Owning');
    await kind.create({ v1: { type: 'object' } });
    const made = await kind.post({ metadata: { name: 'owner' } });
    const reference = {
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      name: 'owner',
      uid: made.at('metadata.uid'),
    };
    await kind.post({ metadata: { name: 'dependent', ownerReferences: [reference] } });
    (await api.delete(`${kind.path}/owner`, { propagationPolicy: 'Background' })).expect(200);
    await isGone(`${kind.path}/dependent`);
    await kind.delete();
  });
});
