/** Attacks that worked on Kubernetes once, each by the name it was published under, against a whole master. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../testing/eventually.js';
import { FuzzClient } from '../fuzz/fuzz-client.js';
import { FuzzedMaster } from '../fuzz/fuzzed-master.js';

const group = 'audit.example';
const inDefault = '/api/v1/namespaces/default';
const widgets = `/apis/${group}/v1/namespaces/default/widgets`;
const gadgets = `/apis/${group}/v1/gadgets`;

let master: FuzzedMaster;
let client: FuzzClient;

interface Heard {
  readonly status: number;
  readonly text: string;
}

/** Asks as an administrator, or as somebody else. */
async function ask(method: string, path: string, body?: unknown, user?: string): Promise<Heard> {
  const answer = await client.send({
    method,
    path,
    headers: user === undefined ? {} : { 'impersonate-user': user },
    contentType: body === undefined ? undefined : 'application/json',
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  });
  return { status: answer.status, text: answer.body.toString('utf8') };
}

async function make(path: string, object: object): Promise<void> {
  const { status, text } = await ask('POST', path, object);
  assert.equal(status, 201, text);
}

const definitionOf = (plural: string, kind: string, scope: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope,
    names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
});

const custom = (kind: string, name: string): object => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name },
  spec: { secret: `of ${name}` },
});

/** May do all there is with widgets, and nothing else. */
const reader = 'widget-reader';

before(async () => {
  master = await FuzzedMaster.start();
  client = new FuzzClient(master.connection, 4);
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await make(definitions, definitionOf('widgets', 'Widget', 'Namespaced'));
  await make(definitions, definitionOf('gadgets', 'Gadget', 'Cluster'));
  await eventually(
    async () => {
      assert.equal((await ask('GET', gadgets)).status, 200);
    },
    { what: 'the kinds to be served' },
  );
  await make(widgets, custom('Widget', 'a'));
  await make(gadgets, custom('Gadget', 'hidden'));
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  const roles = '/apis/rbac.authorization.k8s.io/v1';
  await make(`${roles}/clusterroles`, {
    ...rbac,
    kind: 'ClusterRole',
    metadata: { name: reader },
    rules: [{ apiGroups: [group], resources: ['widgets'], verbs: ['*'] }],
  });
  await make(`${roles}/clusterrolebindings`, {
    ...rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name: reader },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: reader },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: reader }],
  });
});
after(async () => {
  client.close();
  await master.stop();
});

test('CVE-2019-11247: a kind is reached in its own scope only', async () => {
  for (const path of [
    `/apis/${group}/v1/widgets/a`,
    `/apis/${group}/v1/namespaces/default/gadgets/hidden`,
    `/apis/${group}/v1/namespaces/default/gadgets`,
  ]) {
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const { status, text } = await ask(method, path, method === 'PUT' ? {} : undefined);
      assert.ok([404, 405].includes(status), `${method} ${path}: ${text}`);
    }
  }
});

const traversals: readonly string[] = [
  `${widgets}/..%2f..%2f..%2fgadgets%2fhidden`,
  `${widgets}/%2e%2e/%2e%2e/%2e%2e/gadgets/hidden`,
  `/apis/${group}/v1/namespaces/..%2f..%2fgadgets/widgets`,
  `/apis/${group}/v1/widgets%2f..%2fgadgets`,
  `/apis/${group}/v1/namespaces/default%2f/widgets`,
  `/apis/${group}/v1/namespaces/..%2fgadgets/widgets?watch=1&timeoutSeconds=1`,
  `/apis/${group}/v1/widgets/../gadgets/hidden`,
  `/apis/${group}/v1/namespaces/default/widgets/a/../../../../gadgets/hidden`,
  `/apis/${group}/v1//gadgets`,
  `${widgets}/.`,
  `${widgets}/..`,
];

for (const path of traversals) {
  test(`CVE-2022-3162: ${path} shows nothing but widgets`, async () => {
    for (const method of ['GET', 'DELETE']) {
      assert.doesNotMatch((await ask(method, path, undefined, reader)).text, /hidden|Gadget"/);
    }
    assert.equal((await ask('GET', `${gadgets}/hidden`)).status, 200);
  });
}

test('CVE-2022-3162: a continue token made by a client shows nothing but widgets', async () => {
  const starts = ['../gadgets', '/registry/audit.example/gadgets', '..', 'default/../../gadgets/'];
  const first = await ask('GET', `${widgets}?limit=1`, undefined, reader);
  const revision = (JSON.parse(first.text) as { metadata: { resourceVersion: string } }).metadata
    .resourceVersion;
  for (const start of starts) {
    const token = { v: 'meta.k8s.io/v1', rv: Number(revision), start };
    const encoded = Buffer.from(JSON.stringify(token)).toString('base64url');
    for (const base of [widgets, `/apis/${group}/v1/widgets`]) {
      const { text } = await ask('GET', `${base}?limit=5&continue=${encoded}`, undefined, reader);
      assert.doesNotMatch(text, /hidden|Gadget"/, start);
    }
  }
});

const addresses = ['127.0.0.1', '169.254.169.254', '::1', 'fe80::1', '0.0.0.0', '224.0.0.1'];

for (const address of addresses) {
  test(`CVE-2021-25737: no endpoint has the address ${address}`, async () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'evil' },
      addressType: address.includes(':') ? 'IPv6' : 'IPv4',
      endpoints: [{ addresses: [address] }],
      ports: [],
    };
    const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
    assert.equal((await ask('POST', slices, slice)).status, 422);
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'evil' },
      subsets: [{ addresses: [{ ip: address }], ports: [{ port: 80 }] }],
    };
    assert.equal((await ask('POST', `${inDefault}/endpoints`, endpoints)).status, 422);
  });
}

test('CVE-2021-25740: who may edit a namespace may not lead its services elsewhere', async () => {
  await make('/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'editor' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'editor' }],
  });
  for (const path of [
    `${inDefault}/endpoints`,
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  ]) {
    assert.equal((await ask('POST', path, {}, 'editor')).status, 403, path);
    assert.equal((await ask('PATCH', `${path}/a`, {}, 'editor')).status, 403, path);
  }
});

test('CVE-2023-2431: a seccomp profile of the node is named', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'evil' },
    spec: {
      containers: [{ name: 'c', image: 'c' }],
      securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: '' } },
    },
  };
  const { status, text } = await ask('POST', `${inDefault}/pods?dryRun=All`, pod);
  assert.equal(status, 422, text);
});

test('CVE-2025-5187: a node cannot make itself be collected as garbage', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
  await make('/api/v1/nodes', node);
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' };
  const answer = await client.send({
    method: 'PATCH',
    path: '/api/v1/nodes/n1',
    headers: { 'impersonate-user': 'system:node:n1', 'impersonate-group': 'system:nodes' },
    contentType: 'application/merge-patch+json',
    body: Buffer.from(JSON.stringify({ metadata: { ownerReferences: [owner] } })),
  });
  assert.equal(answer.status, 403);
  assert.match(answer.body.toString('utf8'), /is not allowed to modify ownerReferences/);
});

test('CVE-2019-11248: strangers see no more than that the server is there', async () => {
  const { serverUrl, caPem } = master.connection;
  const stranger = new FuzzClient({ serverUrl, caPem }, 1);
  const codeOf = async (path: string): Promise<number> => {
    const nothing = { headers: {}, contentType: undefined, body: undefined };
    return (await stranger.send({ method: 'GET', path, ...nothing })).status;
  };
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    assert.equal(await codeOf(path), 200, path);
  }
  for (const path of [
    '/',
    '/metrics',
    '/metrics/slis',
    '/debug/pprof/',
    '/debug/flags/v',
    '/debug/api_priority_and_fairness/dump_requests',
    '/logs/',
    '/openapi/v2',
    '/api',
    '/apis',
    '/api/v1/nodes/n1/proxy/pods',
    '/healthz/../metrics',
    '//metrics',
    '/Metrics',
    '/metrics%2f',
    '/metrics#/healthz',
    '/readyz/%2e%2e/metrics',
  ]) {
    assert.ok([401, 403].includes(await codeOf(path)), path);
  }
  stranger.close();
});

test('CVE-2020-8552: what clients ask for does not make the metrics grow', async () => {
  const countOf = async (): Promise<number> => {
    const { text } = await ask('GET', '/metrics');
    return text.split('\n').length;
  };
  const flood = async (from: number): Promise<void> => {
    for (let at = from; at < from + 300; at += 1) {
      const word = `w${String(at)}`;
      await ask('GET', `/apis/${word}.example/v1/${word}/${word}`);
      await ask('GET', `${inDefault}/${word}`);
      await ask('GET', `/apis/apps/${word}/deployments`);
      await ask('GET', `${inDefault}/pods/a/${word}`);
      await ask('GET', `/${word}`);
      await ask('GET', `${inDefault}/pods`, undefined, word);
    }
  };
  await flood(0);
  const before = await countOf();
  await flood(300);
  assert.ok((await countOf()) < before + 50, 'each word has lines of its own');
});
