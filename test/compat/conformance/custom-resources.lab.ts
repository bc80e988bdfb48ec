/** What Kubernetes’ conformance tests ask of CustomResourceDefinitions and of the objects of their kinds. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { CustomKind } from './custom-kind.js';
import { WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const namespace = 'conformance-crd';

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

describe('definitions', () => {
  test('are found in every discovery document', async () => {
    const groups = (await api.get('/apis')).expect(200);
    assert.match(groups.text, /"groupVersion":"apiextensions\.k8s\.io\/v1"/);
    const group = (await api.get('/apis/apiextensions.k8s.io')).expect(200);
    assert.equal(group.at('preferredVersion.version'), 'v1');
    const version = (await api.get('/apis/apiextensions.k8s.io/v1')).expect(200);
    assert.match(version.text, /"name":"customresourcedefinitions"/);
    assert.match(version.text, /"name":"customresourcedefinitions\/status"/);
  });

  test('are listed and deleted as a collection by their labels', async () => {
    const label = { set: 'collection' };
    const kinds = ['Aa', 'Bb', 'Cc'].map((kind) => new CustomKind(api, `Collected${kind}`));
    for (const kind of kinds) await kind.create({ v1: anything }, { labels: label });
    const other = new CustomKind(api, 'NotCollected');
    await other.create({ v1: anything });
    const labelled = (await api.get(`${definitions}?labelSelector=set=collection`)).expect(200);
    assert.deepEqual(
      labelled.names(),
      kinds.map(({ definition }) => definition),
    );
    (await api.delete(`${definitions}?labelSelector=set=collection`)).expect(200);
    await eventually(async () => {
      for (const { path } of kinds) (await api.get(path)).expect(404);
    });
    (await api.get(other.path)).expect(200);
    await other.delete();
  });

  test('have a status that is read, written and patched by itself', async () => {
    const kind = new CustomKind(api, 'Stated');
    await kind.create({ v1: anything });
    const place = `${definitions}/${kind.definition}/status`;
    await eventually(async () => {
      const status = (await api.get(place)).expect(200);
      const body = status.json as { status: { conditions: unknown[] } };
      body.status.conditions.push({ type: 'Written', status: 'True', reason: 'E2E', message: 'a' });
      (await api.put(place, body)).expect(200);
    });
    (await api.patch(place, 'merge-patch', { metadata: { annotations: { a: 'b' } } })).expect(200);
    const patch = { status: { conditions: [{ type: 'Patched', status: 'True', reason: 'E2E' }] } };
    const patched = (await api.patch(place, 'merge-patch', patch)).expect(200);
    assert.match(patched.text, /"type":"Patched"/);
    await kind.delete();
  });

  test('are watched, and so are their objects, in each phase of life', async () => {
    const kind = new CustomKind(api, 'Watched');
    await kind.create({ v1: anything });
    const watching = await api.watch(kind.path);
    for (const name of ['one', 'two']) await kind.post({ metadata: { name } });
    (
      await api.patch(`${kind.path}/one`, 'merge-patch', { metadata: { labels: { a: 'b' } } })
    ).expect(200);
    for (const name of ['one', 'two']) (await api.delete(`${kind.path}/${name}`)).expect(200);
    await watching.sees(['ADDED one', 'ADDED two', 'MODIFIED one', 'DELETED one', 'DELETED two']);
    await kind.delete();
    await watching.ended;
  });

  test('give defaults to what is sent and to what is stored', async () => {
    const kind = new CustomKind(api, 'Defaulted');
    const schema = (defaults: Readonly<Record<string, string>>): object => ({
      type: 'object',
      properties: Object.fromEntries(
        ['a', 'b'].map((name) => [
          name,
          { type: 'string', ...(name in defaults ? { default: defaults[name] } : {}) },
        ]),
      ),
    });
    await kind.create({ v1: schema({}) });
    await kind.post({ metadata: { name: 'old' } });
    await kind.setSchema('v1', schema({ a: 'A' }));
    const reads = (name: string, expected: object): Promise<void> =>
      eventually(async () => {
        const { a, b } = (await api.get(`${kind.path}/${name}`)).json as { a?: string; b?: string };
        assert.deepEqual({ a, b }, { a: undefined, b: undefined, ...expected });
      });
    await reads('old', { a: 'A' });
    await kind.post({ metadata: { name: 'new' } });
    await kind.setSchema('v1', schema({ b: 'B' }));
    await reads('old', { b: 'B' });
    await reads('new', { a: 'A', b: 'B' });
    await kind.delete();
  });
});

const ports = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
  items: {
    type: 'object',
    required: ['containerPort', 'protocol'],
    properties: {
      containerPort: { type: 'integer', format: 'int32' },
      name: { type: 'string' },
      protocol: { type: 'string' },
    },
  },
};
const cronSpec = { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' };
const specOf = (properties: object, more: object = {}): object => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { foo: { type: 'string' }, cronSpec, ports, ...properties },
      ...more,
    },
  },
});

describe('strict validation of fields', () => {
  const kind = new CustomKind(api, 'Strict');
  const open = new CustomKind(api, 'StrictOpen');
  const embedding = new CustomKind(api, 'StrictEmbedding');
  const preserving = { 'x-kubernetes-preserve-unknown-fields': true };
  before(async () => {
    await kind.create({ v1: specOf({}) });
    await open.create({ v1: anything });
    const template = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: { type: 'object', properties: { name: { type: 'string' } } },
        spec: { type: 'object' },
      },
    };
    await embedding.create({ v1: specOf({ template }, preserving) });
  });
  after(async () => {
    for (const made of [kind, open, embedding]) await made.delete();
  });
  const yaml = (of: CustomKind, head: string, spec: string): string =>
    `apiVersion: ${of.group}/v1\nkind: ${of.kind}\nmetadata:\n  name: mine\n${head}spec:\n${spec}  cronSpec: "* * * * */5"\n` +
    '  ports:\n  - name: x\n    containerPort: 80\n    protocol: TCP';
  const apply = (of: CustomKind, head: string, spec: string) =>
    api.apply(`${of.path}/mine`, 'strict', yaml(of, head, spec), '&fieldValidation=Strict');

  test('accepts what the schema declares, and anything where it declares nothing', async () => {
    (await apply(kind, '', '  foo: foo1\n')).expect(201);
    (await apply(open, '', '  unknown: uk1\n')).expect(201);
  });

  test('names the field that nobody declared', async () => {
    (await apply(kind, 'unknownField: unknown\n', '')).refuses(
      400,
      /\.unknownField: field not declared in schema/,
    );
    (await apply(embedding, '  unknownMeta: u\n', '')).refuses(
      400,
      /\.metadata\.unknownMeta: field not declared in schema/,
    );
    const template =
      '  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n      unknownSubMeta: unknown\n      name: sub\n';
    (await apply(embedding, '', template)).refuses(
      400,
      /\.spec\.template\.metadata\.unknownSubMeta: field not declared in schema/,
    );
  });

  test('names the line of a key that comes twice', async () => {
    (await apply(embedding, '', '  unknown: uk1\n  foo: foo1\n  foo: foo2\n')).refuses(
      400,
      /line 8: key "foo" already set in map/,
    );
  });

  test('names unknown and repeated fields of built-in kinds', async () => {
    const body = (meta: string, spec: string): string =>
      `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"${meta},"labels":{"app":"n"}},"spec":{${spec}` +
      '"selector":{"matchLabels":{"app":"n"}},"template":{"metadata":{"labels":{"app":"n"}},"spec":{"containers":[{"name":"n","image":"n"}]}}}}';
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments?fieldValidation=Strict`;
    (
      await api.post(deployments, body('', '"unknownField":"foo","replicas":2,"replicas":3,'))
    ).refuses(
      400,
      /strict decoding error: unknown field "spec\.unknownField", duplicate field "spec\.replicas"/,
    );
    (await api.post(deployments, body(',"unknownMeta":"foo"', ''))).refuses(
      400,
      /strict decoding error: unknown field "metadata\.unknownMeta"/,
    );
  });
});

describe('server-side apply to custom resources', () => {
  const kind = new CustomKind(api, 'Applied');
  const schema = specOf({}, { 'x-kubernetes-preserve-unknown-fields': true });
  const place = `${kind.path}/mine`;
  const mine = (version: string, port = 80, name = 'x', more = ''): string =>
    `apiVersion: ${kind.group}/${version}\nkind: ${kind.kind}\nmetadata:\n  name: mine\n${more}` +
    `spec:\n  ports:\n  - name: "${name}"\n    containerPort: ${String(port)}\n    protocol: TCP\n`;
  const whole = (version: string, more = ''): string =>
    `${mine(version, 80, 'x', more)}  cronSpec: "* * * * */5"\n  replicas: 1\n`;
  const finalizers = '  finalizers:\n  - conformance.example/one\n';
  before(async () => {
    await kind.create({ v1beta1: schema, v1: schema }, { storage: 'v1' });
  });
  after(async () => {
    await api.patch(place, 'merge-patch', { metadata: { finalizers: null } });
    await kind.delete();
  });

  test('creates, through every version, and merges sets with what others added', async () => {
    (await api.apply(place, 'one', whole('v1', finalizers))).expect(201);
    const beta = place.replace('/v1/', '/v1beta1/');
    (await api.apply(beta, 'one', whole('v1beta1'))).expect(200);
    (await api.apply(place, 'one', whole('v1', finalizers))).expect(200);
    const two = ['conformance.example/one', 'conformance.example/two'];
    (await api.patch(place, 'merge-patch', { metadata: { finalizers: two } })).expect(200);
    const again = (await api.apply(place, 'one', whole('v1', finalizers))).expect(200);
    assert.deepEqual(again.at('metadata.finalizers'), two);
  });

  test('conflicts with whoever changed an undeclared field or an item of a map, until forced', async () => {
    (await api.patch(place, 'merge-patch', { spec: { replicas: 5 } })).expect(200);
    const conflict = (await api.apply(place, 'one', whole('v1', finalizers))).expect(409);
    assert.equal((conflict.at('details.causes') as unknown[]).length, 1);
    const forced = (await api.apply(place, 'one', whole('v1', finalizers), '&force=true')).expect(
      200,
    );
    assert.equal(forced.at('spec.replicas'), 1);
    const renamed = (await api.apply(place, 'two', mine('v1', 80, 'y'))).expect(409);
    assert.equal((renamed.at('details.causes') as unknown[]).length, 1);
    const added = (await api.apply(place, 'two', mine('v1', 8080, 'y'))).expect(200);
    assert.equal((added.at('spec.ports') as unknown[]).length, 2);
  });

  test('leaves creating to itself: an update of what does not exist is not found', async () => {
    const body = { apiVersion: `${kind.group}/v1`, kind: kind.kind, metadata: { name: 'absent' } };
    (await api.put(`${kind.path}/absent`, body)).expect(404);
  });

  test('replaces an atomic list as a whole', async () => {
    const atomic = new CustomKind(api, 'Atomic');
    const list = { type: 'array', 'x-kubernetes-list-type': 'atomic', items: { type: 'string' } };
    await atomic.create({ v1: specOf({ list }) });
    const body = (item: string): object => ({
      apiVersion: `${atomic.group}/v1`,
      kind: atomic.kind,
      metadata: { name: 'mine' },
      spec: { list: [item] },
    });
    (await api.apply(`${atomic.path}/mine`, 'one', body('item1'))).expect(201);
    const forced = await api.apply(`${atomic.path}/mine`, 'two', body('item2'), '&force=true');
    assert.deepEqual(forced.expect(200).at('spec.list'), ['item2']);
    await atomic.delete();
  });
});
