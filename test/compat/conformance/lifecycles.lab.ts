/**
 * What Kubernetes’ conformance tests ask of the API of one kind after the other, asked of every kind: it is discovered, created, read,
 * listed, watched, patched, updated, applied and deleted, one and many, and its status and scale are written apart from it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { sharedCluster } from '../../lab/cluster.js';
import { controlKinds } from './control-kinds.js';
import { coreKinds } from './core-kinds.js';
import { infrastructureKinds } from './infrastructure-kinds.js';
import { type KindCase, lifecycleNamespace as namespace } from './kind-case.js';
import { workloadKinds } from './workload-kinds.js';
import { type Answer, WireClient, type WireEvent } from './wire-client.js';

const kindCases = [...coreKinds, ...workloadKinds, ...controlKinds, ...infrastructureKinds];
const api = new WireClient(sharedCluster().kubeconfig);
const selected = 'labelSelector=conformance=lifecycle';
const annotation = (name: string): string => `metadata.annotations.${name}`;

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

const root = (kind: KindCase): string =>
  `${kind.groupVersion.includes('/') ? '/apis' : '/api'}/${kind.groupVersion}`;
const collection = (kind: KindCase): string =>
  `${root(kind)}${kind.clusterScoped ? '' : `/namespaces/${namespace}`}/${kind.resource}`;
const namesOf = (kind: KindCase): readonly [string, string, string] =>
  kind.names ?? ['lifecycle-a', 'lifecycle-b', 'lifecycle-c'];

/** Merges metadata into an object as a merge patch would. */
const withAnnotation = (object: object, name: string): object => {
  const { metadata } = object as { readonly metadata: { readonly annotations?: object } };
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: 'yes' } },
  };
};

async function isDiscovered({
  groupVersion,
  resource,
  kind,
  status,
  scales,
}: KindCase): Promise<void> {
  const [version = '', group] = groupVersion.split('/').reverse();
  if (group !== undefined) {
    const groups = (await api.get('/apis')).expect(200).at('groups') as readonly unknown[];
    const listed = groups.find((one) => valueAt(one, 'name') === group);
    assert.ok(listed, `${group} is not in /apis`);
    const versions = (await api.get(`/apis/${group}`)).expect(200).at('versions');
    assert.ok((versions as readonly unknown[]).some((one) => valueAt(one, 'version') === version));
  }
  const resources = (await api.get(group === undefined ? '/api/v1' : `/apis/${groupVersion}`)).at(
    'resources',
  );
  const kinds = new Map(
    (resources as readonly unknown[]).map((one) => [valueAt(one, 'name'), valueAt(one, 'kind')]),
  );
  assert.equal(kinds.get(resource), kind);
  assert.equal(kinds.has(`${resource}/status`), status !== undefined);
  assert.equal(kinds.has(`${resource}/scale`), scales === true);
}

async function isCreatedAndRead(kind: KindCase): Promise<void> {
  for (const name of namesOf(kind)) {
    const object = objectOf(kind, name);
    const created = (await api.post(collection(kind), object)).expect(201);
    const read = (await api.get(`${collection(kind)}/${name}`)).expect(200);
    assert.equal(read.at('metadata.uid'), created.at('metadata.uid'));
    assert.equal(read.at('kind'), kind.kind);
  }
  (await api.post(collection(kind), objectOf(kind, namesOf(kind)[0]))).refuses(
    409,
    /already exists/,
  );
}

const objectOf = ({ groupVersion, kind, bodyOf, body }: KindCase, name: string): object => ({
  apiVersion: groupVersion,
  kind,
  metadata: { name, labels: { conformance: 'lifecycle' } },
  ...(bodyOf === undefined ? body : bodyOf(name)),
});

/** Lists the three, and returns the version to watch from. */
async function isListed(kind: KindCase): Promise<string> {
  const list = (await api.get(`${collection(kind)}?${selected}`)).expect(200);
  assert.deepEqual(list.names(), namesOf(kind));
  const everywhere = (await api.get(`${root(kind)}/${kind.resource}?${selected}`)).expect(200);
  assert.deepEqual(everywhere.names(), namesOf(kind));
  return list.textAt('metadata.resourceVersion');
}

/** Writes an object back as it was read and changed; once more when a controller was quicker. */
const rewritten = (path: string, change: (object: object) => object): Promise<Answer> =>
  eventually(async () => {
    const read = (await api.get(path)).expect(200);
    return (await api.put(path, change(read.json as object))).expect(200);
  });

async function isPatchedAndUpdated(kind: KindCase, path: string): Promise<void> {
  const patch = withAnnotation({ metadata: {}, ...kind.change.patch }, 'patched');
  const patched = (await api.patch(path, 'merge-patch', patch)).expect(200);
  assert.equal(patched.at(annotation('patched')), 'yes');
  assert.deepEqual(patched.at(kind.change.place), kind.change.value);
  const updated = await rewritten(path, (object) => withAnnotation(object, 'updated'));
  assert.equal(updated.at(annotation('patched')), 'yes');
  assert.equal(updated.at(annotation('updated')), 'yes');
  assert.deepEqual(updated.at(kind.change.place), kind.change.value);
  (await api.put(path, withAnnotation(patched.json as object, 'late'))).refuses(
    409,
    /the object has been modified/,
  );
}

async function isApplied(kind: KindCase, path: string): Promise<void> {
  const { groupVersion: apiVersion, kind: name } = kind;
  const body = { apiVersion, kind: name, metadata: { annotations: { applied: 'yes' } } };
  const applied = (await api.apply(path, 'conformance', body)).expect(200);
  assert.equal(applied.at(annotation('applied')), 'yes');
  const managers = applied.at('metadata.managedFields') as readonly unknown[];
  assert.ok(managers.some((entry) => valueAt(entry, 'manager') === 'conformance'));
  const given = (await api.apply(path, 'conformance', { ...body, metadata: {} })).expect(200);
  assert.equal(given.at(annotation('applied')), undefined);
}

async function hasStatus(kind: KindCase, path: string): Promise<void> {
  const { status, statusKeepsMetadata, statusIsWrittenByOthers } = kind;
  if (status === undefined) return;
  const annotated = statusKeepsMetadata ? undefined : 'yes';
  const patch = withAnnotation({ metadata: {}, ...status.patch }, 'patchedStatus');
  const patched = (await api.patch(`${path}/status`, 'merge-patch', patch)).expect(200);
  assert.deepEqual(patched.at(status.place), status.value);
  assert.equal(patched.at(annotation('patchedStatus')), annotated);
  const read = (await api.get(`${path}/status`)).expect(200);
  assert.equal(read.at('metadata.uid'), patched.at('metadata.uid'));
  const updated = await rewritten(`${path}/status`, (object) =>
    withAnnotation(object, 'updatedStatus'),
  );
  assert.equal(updated.at(annotation('updatedStatus')), annotated);
  // What is written with the object does not change what was reported on it.
  const reset = (await api.patch(path, 'merge-patch', { status: null })).expect(200);
  if (!statusIsWrittenByOthers) assert.deepEqual(reset.at(status.place), status.value);
}

async function hasScale(path: string): Promise<void> {
  const scale = (await api.get(`${path}/scale`)).expect(200);
  assert.equal(scale.at('kind'), 'Scale');
  const scaled = await rewritten(`${path}/scale`, (object) => ({
    ...object,
    spec: { replicas: 2 },
  }));
  assert.equal(scaled.at('spec.replicas'), 2);
  assert.equal((await api.get(path)).at('spec.replicas'), 2);
  const none = { spec: { replicas: 0 } };
  (await api.patch(`${path}/scale`, 'merge-patch', none)).expect(200);
  assert.equal((await api.get(path)).at('spec.replicas'), 0);
}

/** Whether a deletion was asked for and only finalizers hold it up, as some kinds’ do for a while. */
const isLeaving = (object: unknown): boolean =>
  valueAt(object, 'metadata.deletionTimestamp') !== undefined &&
  (valueAt(object, 'metadata.finalizers') ?? valueAt(object, 'spec.finalizers')) !== undefined;

async function areLeft(kind: KindCase, names: readonly string[]): Promise<void> {
  const list = (await api.get(`${collection(kind)}?${selected}`)).expect(200);
  const items = list.at('items') as readonly unknown[];
  const left = items.filter((item) => !isLeaving(item));
  assert.deepEqual(
    left.map((item) => valueAt(item, 'metadata.name')),
    names,
  );
}

const sawModified = (seen: readonly WireEvent[], name: string, what: string): boolean =>
  seen.some(
    ({ type, object }) =>
      type === 'MODIFIED' &&
      valueAt(object, 'metadata.name') === name &&
      valueAt(object, annotation(what)) === 'yes',
  );

async function livesAndDies(kind: KindCase): Promise<void> {
  const [first, second, third] = namesOf(kind);
  const path = `${collection(kind)}/${first}`;
  await isDiscovered(kind);
  await isCreatedAndRead(kind);
  const version = await isListed(kind);
  const watching = await api.watch(`${collection(kind)}?${selected}&resourceVersion=${version}`);
  try {
    await isPatchedAndUpdated(kind, path);
    await hasStatus(kind, path);
    if (kind.scales) await hasScale(path);
    await isApplied(kind, path);
    (await api.delete(path)).expect(200, 202);
    await areLeft(kind, [second, third]);
    await eventually(() => {
      assert.ok(sawModified(watching.seen, first, 'patched'));
      assert.ok(sawModified(watching.seen, first, 'updated'));
      const last = watching.seen.at(-1);
      assert.equal(valueAt(last?.object, 'metadata.name'), first);
      assert.ok(last?.type === 'DELETED' || isLeaving(last?.object));
    });
  } finally {
    watching.close();
  }
  const gone = await api.get(path);
  if (!isLeaving(gone.json)) gone.refuses(404, /not found/);
  if (kind.noCollectionDelete) {
    (await api.delete(`${collection(kind)}?${selected}`)).expect(405);
    for (const name of [second, third]) await api.delete(`${collection(kind)}/${name}`);
  } else (await api.delete(`${collection(kind)}?${selected}`)).expect(200);
  await areLeft(kind, []);
}

/** `version resource` of each resource of the stable built-in API that keeps objects. */
async function storedResources(): Promise<readonly string[]> {
  const apiGroups = (await api.get('/apis')).expect(200).at('groups') as readonly unknown[];
  const versions = apiGroups
    .filter((group) => /^[^.]+$|\.k8s\.io$/.test(String(valueAt(group, 'name'))))
    .flatMap((group) => valueAt(group, 'versions') as readonly unknown[])
    .map((version) => String(valueAt(version, 'groupVersion')))
    .filter((version) => /\/v\d+$/.test(version));
  const found: string[] = [];
  for (const version of ['v1', ...versions]) {
    const list = (await api.get(`${version === 'v1' ? '/api' : '/apis'}/${version}`)).expect(200);
    for (const resource of list.at('resources') as readonly unknown[]) {
      const verbs = valueAt(resource, 'verbs') as readonly string[];
      const name = String(valueAt(resource, 'name'));
      if (verbs.includes('create') && verbs.includes('list')) found.push(`${version} ${name}`);
    }
  }
  return found.sort();
}

test('no kind of the stable API is left out', async () => {
  const covered = kindCases.map(({ groupVersion, resource }) => `${groupVersion} ${resource}`);
  assert.deepEqual(covered.sort(), await storedResources());
});

describe('each kind is discovered, created, read, listed, watched, patched, updated, applied and deleted', () => {
  for (const kind of kindCases)
    test(`${kind.groupVersion} ${kind.resource}`, () => livesAndDies(kind));
});
