import assert from 'node:assert/strict';
import test from 'node:test';
import { deployments } from '../../api/apps/v1/deployment.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta/v1/types.js';
import { Api, mediaTypes, type Call } from './api-fixture.test.js';

const { apply, merge } = mediaTypes;
const start = (): Promise<Api> => new Api().start();

const configMap = (data: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});

const owners = ({ metadata }: KubeObject): readonly string[] =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource }: ManagedFieldsEntry) =>
    [manager, operation, subresource].filter((part) => part !== undefined).join(' '),
  );

const refused =
  (code: number, message: string | RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isStatusError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message instanceof RegExp ? message : /(?:)/);
    if (typeof message === 'string') assert.equal(error.message, message);
    return true;
  };

test('an apply creates what is not there, from YAML too', async () => {
  const api = await start();
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n';
  const created = await api.patch(configMaps, { type: apply, query: 'fieldManager=m', body });
  assert.deepEqual((created as { data?: unknown }).data, { k: 'v' });
  assert.deepEqual(owners(created), ['m Apply']);
  assert.deepEqual(created.metadata.managedFields?.[0]?.fieldsV1, { 'f:data': { 'f:k': {} } });
});

test('an apply that changes nothing writes nothing, however late it comes', async () => {
  const api = await start();
  const call = { type: apply, query: 'fieldManager=m', body: configMap({ k: 'v' }) };
  const first = await api.patch(configMaps, call);
  await api.clock.advance(5000);
  assert.deepEqual(await api.patch(configMaps, call), first);
});

test('a write without a manager is owned by the client program', async () => {
  const api = await start();
  const userAgent = 'kubectl/v1.35.0 (linux/amd64) kubernetes/abc';
  const created = await api.post(configMaps, configMap({ k: 'v' }), { userAgent });
  assert.deepEqual(owners(created), ['kubectl Update']);
  const updated = await api.put(configMaps, created, { userAgent: '' });
  assert.deepEqual(updated, created);
  const body = { data: { l: 'w' } };
  const patched = await api.patch(configMaps, { type: merge, body, userAgent: '' });
  assert.deepEqual(owners(patched), ['kubectl Update', 'unknown Update']);
});

test('a conflicting apply is refused and can be forced', async () => {
  const api = await start();
  await api.post(configMaps, configMap({ k: 'v' }), { query: 'fieldManager=one' });
  const call = { type: apply, query: 'fieldManager=two', body: configMap({ k: 'w' }) };
  const why = 'Apply failed with 1 conflict: conflict with "one" using v1: .data.k';
  await assert.rejects(api.patch(configMaps, call), refused(409, why));
  const forced = await api.patch(configMaps, { ...call, query: 'fieldManager=two&force=true' });
  assert.deepEqual(owners(forced), ['two Apply', 'one Update']);
});

test('a dry run of an apply shows the result and keeps nothing', async () => {
  const api = await start();
  const call = { type: apply, query: 'fieldManager=m&dryRun=All', body: configMap({ k: 'v' }) };
  assert.deepEqual(owners(await api.patch(configMaps, call)), ['m Apply']);
  await assert.rejects(api.get(configMaps), refused(404, /not found/));
});

const options: readonly (Call & { name: string; code: number; message: string })[] = [
  {
    name: 'apply without a manager',
    type: apply,
    code: 422,
    message:
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  },
  {
    name: 'force of another patch',
    type: merge,
    query: 'force=true',
    code: 422,
    message:
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  },
  {
    name: 'a manager that cannot be printed',
    type: apply,
    query: 'fieldManager=a%0Ab',
    code: 422,
    message:
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
  },
  {
    name: 'a uid that nothing has',
    type: apply,
    query: 'fieldManager=m',
    body: { ...configMap({}), metadata: { name: 'a', uid: 'u' } },
    code: 409,
    message:
      'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, and no existing object was found',
  },
  {
    name: 'a field twice in strict apply',
    type: apply,
    query: 'fieldManager=m&fieldValidation=Strict',
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: v\n  k: w\n',
    code: 400,
    message:
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "k" already set in map',
  },
];

for (const { name, code, message, ...call } of options) {
  test(`the API refuses ${name}`, async () => {
    const api = await start();
    await assert.rejects(
      api.patch(configMaps, { body: configMap({}), ...call }),
      refused(code, message),
    );
  });
}

test('an apply with the uid of another object is refused as a change of the uid', async () => {
  const api = await start();
  await api.patch(configMaps, { type: apply, query: 'fieldManager=m', body: configMap({}) });
  const other = { ...configMap({}), metadata: { name: 'a', uid: 'u' } };
  await assert.rejects(
    api.patch(configMaps, { type: apply, query: 'fieldManager=m', body: other }),
    refused(422, 'ConfigMap "a" is invalid: metadata.uid: Invalid value: "u": field is immutable'),
  );
});

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    },
  },
};

test('status and scale have owners of their own', async () => {
  const api = await start();
  await api.patch(deployments, { type: apply, query: 'fieldManager=m', body: deployment });
  const status = { status: { replicas: 1 }, spec: { replicas: 7 } };
  const patched = await api.patch(deployments, {
    type: merge,
    query: 'fieldManager=c',
    body: status,
    subresource: 'status',
  });
  assert.deepEqual(owners(patched), ['m Apply', 'c Update status']);
  assert.deepEqual(patched.metadata.managedFields?.[1]?.fieldsV1, {
    'f:status': { 'f:replicas': {} },
  });
  const scaled = { type: merge, query: 'fieldManager=h', body: { spec: { replicas: 3 } } };
  await api.patch(deployments, { ...scaled, subresource: 'scale' });
  const after = await api.get(deployments);
  assert.deepEqual(owners(after), ['m Apply', 'c Update status', 'h Update scale']);
  assert.equal(JSON.stringify(after.metadata.managedFields?.[0]).includes('f:replicas'), false);
});

test('a scale can be applied', async () => {
  const api = await start();
  await api.patch(deployments, { type: apply, query: 'fieldManager=m', body: deployment });
  const body = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'a' },
    spec: { replicas: 5 },
  };
  const call = { type: apply, subresource: 'scale', body };
  await assert.rejects(
    api.patch(deployments, { ...call, query: 'fieldManager=s' }),
    refused(409, 'Apply failed with 1 conflict: conflict with "m": .spec.replicas'),
  );
  await api.patch(deployments, { ...call, query: 'fieldManager=s&force=true' });
  const after = (await api.get(deployments)) as KubeObject & { spec: { replicas: number } };
  assert.equal(after.spec.replicas, 5);
  assert.deepEqual(owners(after), ['m Apply', 's Apply scale']);
});

test('an applied status owns only the status', async () => {
  const api = await start();
  await api.patch(deployments, { type: apply, query: 'fieldManager=m', body: deployment });
  const body = { ...deployment, status: { replicas: 2 } };
  const call = { type: apply, query: 'fieldManager=c', body, subresource: 'status' };
  const applied = await api.patch(deployments, call);
  assert.deepEqual(owners(applied), ['c Apply status', 'm Apply']);
  assert.deepEqual(applied.metadata.managedFields?.[0]?.fieldsV1, {
    'f:status': { 'f:replicas': {} },
  });
});

test('an applied status of a Deployment is no conflict over its labels, which it cannot change', async () => {
  const api = await start();
  const labelled = (label: string, status: object): Call => ({
    type: apply,
    query: `fieldManager=${label}`,
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', labels: { a: label } },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
      status,
    },
  });
  await api.patch(deployments, labelled('one', {}));
  const changed = await api.patch(deployments, {
    ...labelled('two', { replicas: 1 }),
    subresource: 'status',
  });
  assert.deepEqual(changed.metadata.labels, { a: 'one' });
  assert.deepEqual(changed.metadata.managedFields?.[1]?.fieldsV1, {
    'f:status': { 'f:replicas': {} },
  });
});
