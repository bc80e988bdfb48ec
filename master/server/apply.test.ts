import assert from 'node:assert/strict';
import test from 'node:test';
import { deployments } from '../../api/apps/v1/deployment.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import { namespaces } from '../../api/core/v1/namespace.js';
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta/v1/types.js';
import { resourcePath } from '../../api/schema/resource.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import { builtInResources } from '../../api/resources.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { openAccess } from '../open-access.js';
import { openRegistries } from '../open-registries.js';
import { readYaml } from '../registry/yaml/read.js';
import { openMemoryStore } from '../store/memory.js';
import { AgentProxy } from './agent-proxy.js';
import { ClusterConnector } from './proxy/cluster-connector.js';
import { createApi } from './api-server.js';
import type { RequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';

type Target = Omit<ResourceRef, '__type'>;

const json = 'application/json';
const apply = 'application/apply-patch+yaml';
const merge = 'application/merge-patch+json';

interface Call {
  readonly query?: string;
  readonly type?: string;
  readonly body?: unknown;
  readonly subresource?: string;
  readonly userAgent?: string;
}

/** An API with one namespace, and a way to ask it as clients on the network do. */
class Api {
  readonly clock = new FakeClock();
  readonly warnings: string[] = [];
  private gate: RequestGate | undefined;

  async start(): Promise<this> {
    const { clock } = this;
    const random = systemRandom;
    const store = openMemoryStore();
    const resources = builtInResources;
    const serviceCidr = '10.96.0.0/12';
    const registries = await openRegistries({ store, resources, serviceCidr, clock, random });
    this.gate = createApi({
      registries,
      resources,
      access: openAccess(registries),
      reviewToken: () => Promise.resolve(undefined),
      tokens: {
        issuer: 'https://issuer',
        issue: () => Promise.reject(new Error('not in this test')),
      },
      cluster: new ClusterConnector({
        registries,
        random,
        agents: new AgentProxy({ caPem: '', certificatePem: '', keyPem: '' }),
      }),
      clock,
      random,
    });
    await this.post(namespaces, { metadata: { name: 'n' } });
    return this;
  }

  post(resource: Target, body: object, call: Call = {}): Promise<KubeObject> {
    return this.ask('POST', resource, undefined, { ...call, body });
  }

  put(resource: Target, body: KubeObject, call: Call = {}): Promise<KubeObject> {
    return this.ask('PUT', resource, body.metadata.name, { ...call, body });
  }

  patch(resource: Target, call: Call): Promise<KubeObject> {
    return this.ask('PATCH', resource, 'a', call);
  }

  get(resource: Target): Promise<KubeObject> {
    return this.ask('GET', resource, 'a', {});
  }

  private async ask(
    method: string,
    resource: Target,
    name: string | undefined,
    { query = '', type = json, body, subresource, userAgent = 'test/1' }: Call,
  ): Promise<KubeObject> {
    const namespace = resource.scope === 'Namespaced' ? 'n' : undefined;
    const path = resourcePath(resource, {
      namespace,
      name,
      ...(subresource === undefined ? {} : { subresource }),
    });
    const parameters = new URLSearchParams(query);
    const target = resourceRequestOf(method, path, parameters);
    assert.ok(target !== undefined && this.gate !== undefined);
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    const answer = await this.gate.handle({
      method,
      path,
      query: parameters,
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      target,
      body: () => ({ type: 'bytes', bytes, mediaType: type, yaml: readYaml(bytes.toString()) }),
      signal: new AbortController().signal,
      warnings: this.warnings,
      userAgent,
    });
    assert.ok(answer.type === 'object');
    return structuredClone(answer.object);
  }
}

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
      'error strict decoding YAML: yaml: unmarshal errors:\n  line 6: key "k" already set in map',
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
