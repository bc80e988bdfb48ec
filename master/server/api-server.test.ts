import assert from 'node:assert/strict';
import test from 'node:test';
import { janePem } from '../../api/certificates/fixtures.test.js';
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.js';
import { deployments } from '../../api/apps/v1/deployment.js';
import { leases } from '../../api/coordination/v1/lease.js';
import type { Lease } from '../../api/coordination/v1/types.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import { namespaces } from '../../api/core/v1/namespace.js';
import { pods } from '../../api/core/v1/pod/pod.js';
import { serviceAccounts } from '../../api/core/v1/service-account.js';
import { services } from '../../api/core/v1/service.js';
import type { Binding, ConfigMap, Pod, Service } from '../../api/core/v1/types.js';
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import type { NewObject } from '../../api/meta/v1/types.js';
import { ipAddresses } from '../../api/networking/v1/ip-address.js';
import type { IPAddress } from '../../api/networking/v1/types.js';
import { builtInResources } from '../../api/resources.js';
import { createClient } from '../../machinery/client/api-client.js';
import type { Client } from '../../machinery/client/client.js';
import type { Transport } from '../../machinery/client/transport.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { systemRandom } from '../../machinery/clock/random.js';
import type { TokenIssuer } from '../authn/service-account-tokens.js';
import { openMemoryStore } from '../store/memory.js';
import type { Store } from '../store/store.js';
import { openAccess } from '../open-access.js';
import { openRegistries } from '../open-registries.js';
import { AgentProxy } from './agent-proxy.js';
import { ClusterConnector } from './proxy/cluster-connector.js';
import { createApi } from './api-server.js';
import { createInProcessTransport } from './in-process-transport.js';

const tokens: TokenIssuer = {
  issuer: 'https://issuer',
  issue: () => Promise.resolve({ token: 'signed', id: 'x', expiryMs: 0 }),
};

interface TestApi {
  readonly store: Store;
  readonly client: Client;
  readonly transport: Transport;
  readonly as: (username: string, groups?: readonly string[]) => Client;
}

async function startApi(): Promise<TestApi> {
  const clock = new FakeClock();
  const random = systemRandom;
  const store = openMemoryStore();
  const registries = await openRegistries({
    store,
    resources: builtInResources,
    serviceCidr: '10.96.0.0/12',
    clock,
    random,
  });
  const gate = createApi({
    registries,
    resources: builtInResources,
    access: openAccess({ registries, clock, logger: silentLogger }),
    reviewToken: () => Promise.resolve(undefined),
    tokens,
    cluster: new ClusterConnector({
      registries,
      random,
      agents: new AgentProxy({ caPem: '', certificatePem: '', keyPem: '' }),
    }),
    clock,
    random,
  });
  const transportFor = (username: string, groups: readonly string[]): Transport =>
    createInProcessTransport({ username, groups }, { gate, clock });
  const transport = transportFor('admin', ['system:masters', 'system:authenticated']);
  const client = createClient(transport);
  await client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n' },
    spec: {},
  });
  await client.create(serviceAccounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: 'n' },
  });
  return {
    store,
    client,
    transport,
    as: (username, groups = ['system:authenticated']) =>
      createClient(transportFor(username, groups)),
  };
}

const configMap = (name: string, more: Partial<ConfigMap> = {}): NewObject<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  ...more,
  metadata: { ...more.metadata, name, namespace: 'n' },
});

const pod = (name: string): NewObject<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'n' },
  spec: { containers: [{ name: 'c', image: 'x:1' }] },
});

const key = (name: string) => ({ namespace: 'n', name });
const reason =
  (expected: Parameters<typeof hasReason>[1], text = /(?:)/) =>
  (error: unknown): boolean =>
    hasReason(error, expected) && isStatusError(error) && text.test(error.message);

test('a new object is stamped and found again as it was answered', async () => {
  const { client } = await startApi();
  const created = await client.create(configMaps, configMap('a', { data: { k: 'v' } }));
  assert.match(created.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.equal(created.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
  assert.deepEqual(await client.get(configMaps, key('a')), created);
  await assert.rejects(client.create(configMaps, configMap('a')), reason('AlreadyExists'));
});

test('what only the server says of a new object is not taken from its client', async () => {
  const { client } = await startApi();
  const own = {
    uid: 'mine',
    creationTimestamp: '2020-01-01T00:00:00Z',
    deletionTimestamp: '2020-01-01T00:00:00Z',
    deletionGracePeriodSeconds: 5,
    selfLink: '/x',
    generation: 9,
  };
  const { metadata } = await client.create(configMaps, {
    ...configMap('a'),
    metadata: { ...own, name: 'a', namespace: 'n' },
  });
  const { uid, resourceVersion } = metadata;
  assert.notEqual(uid, own.uid);
  const creationTimestamp = '2026-01-01T00:00:00Z';
  const rest = { name: 'a', namespace: 'n', generation: 9 };
  assert.deepEqual(metadata, { ...rest, uid, resourceVersion, creationTimestamp });
});

test('a generated name is new each time', async () => {
  const { client } = await startApi();
  const names = new Set<string>();
  for (let count = 0; count < 20; count += 1) {
    const { metadata } = await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'g-', namespace: 'n' },
    });
    names.add(metadata.name);
  }
  assert.equal(names.size, 20);
});

test('an update from an old version is a conflict; one without a version is not', async () => {
  const { client } = await startApi();
  const first = await client.create(configMaps, configMap('a'));
  const second = await client.update(configMaps, { ...first, data: { k: '1' } });
  assert.notEqual(second.metadata.resourceVersion, first.metadata.resourceVersion);
  await assert.rejects(
    client.update(configMaps, { ...first, data: { k: '2' } }),
    reason('Conflict', /the object has been modified/),
  );
  const { resourceVersion: _version, ...metadata } = first.metadata;
  const third = { ...first, metadata, data: { k: '3' } } as unknown as ConfigMap;
  assert.deepEqual((await client.update(configMaps, third)).data, { k: '3' });
});

test('an update of an object that is gone is a conflict, one that names no object is not', async () => {
  const { client } = await startApi();
  const first = await client.create(configMaps, configMap('a'));
  await client.delete(configMaps, key('a'));
  await assert.rejects(
    client.update(configMaps, first),
    reason('Conflict', /Precondition failed: UID in precondition: .+, UID in object meta: $/),
  );
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: {} } as const;
  const made = await client.create(leases, { ...lease, metadata: key('l') });
  await client.delete(leases, key('l'));
  await assert.rejects(client.update(leases, made), reason('Conflict', /UID in object meta: $/));
  const { uid: _uid, ...unidentified } = made.metadata;
  const again = await client.update(leases, { ...made, metadata: unidentified } as Lease);
  assert.notEqual(again.metadata.uid, made.metadata.uid);
});

test('a patch may not change what identifies an object; when it was created stays', async () => {
  const { client } = await startApi();
  const first = await client.create(configMaps, configMap('a'));
  const patch = (body: object): Promise<ConfigMap> =>
    client.patch(configMaps, key('a'), { type: 'merge', body });
  const refused: [object, RegExp][] = [
    [{ metadata: { uid: 'other' } }, /metadata\.uid: Invalid value: "other": field is immutable/],
    [{ metadata: { deletionTimestamp: '2001-01-01T00:00:00Z' } }, /field is immutable/],
    [{ kind: 'Secret' }, /converting \(v1\.Secret\) to \(core\.ConfigMap\)/],
  ];
  for (const [body, text] of refused) {
    await assert.rejects(patch(body), reason('Invalid', text));
  }
  const patched = await patch({ metadata: { creationTimestamp: '2001-01-01T00:00:00Z' } });
  assert.deepEqual(patched, first);
  const stranger = { ...first, metadata: { ...first.metadata, uid: 'other' } };
  await assert.rejects(client.update(configMaps, stranger), reason('Conflict', /UID/));
});

test('an update that changes nothing keeps the version', async () => {
  const { client } = await startApi();
  const first = await client.create(configMaps, configMap('a', { data: { k: 'v' } }));
  const again = await client.update(configMaps, first);
  assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion);
});

test('concurrent patches all arrive', async () => {
  const { client } = await startApi();
  await client.create(configMaps, configMap('a'));
  await Promise.all(
    Array.from({ length: 20 }, (_unused, position) =>
      client.patch(configMaps, key('a'), {
        type: 'merge',
        body: { data: { [`k${String(position)}`]: 'v' } },
      }),
    ),
  );
  const { data = {} } = await client.get(configMaps, key('a'));
  assert.equal(Object.keys(data).length, 20);
});

test('finalizers hold a deleted object until the last is gone', async () => {
  const { client } = await startApi();
  await client.create(
    configMaps,
    configMap('a', { metadata: { finalizers: ['example.com/x'] } as ConfigMap['metadata'] }),
  );
  await client.delete(configMaps, key('a'));
  const held = await client.get(configMaps, key('a'));
  assert.notEqual(held.metadata.deletionTimestamp, undefined);
  await client.patch(configMaps, key('a'), {
    type: 'merge',
    body: { metadata: { finalizers: null } },
  });
  await assert.rejects(client.get(configMaps, key('a')), reason('NotFound'));
});

test('a deletion with the wrong uid is refused', async () => {
  const { client } = await startApi();
  await client.create(configMaps, configMap('a'));
  await assert.rejects(
    client.delete(configMaps, key('a'), { preconditions: { uid: 'other' } }),
    reason('Conflict', /UID in the precondition/),
  );
});

test('nothing is created in a namespace that is missing or going', async () => {
  const { client } = await startApi();
  const elsewhere = { ...configMap('a'), metadata: { name: 'a', namespace: 'nosuch' } };
  await assert.rejects(client.create(configMaps, elsewhere), reason('NotFound', /namespaces/));
  await client.delete(namespaces, { name: 'n' });
  assert.equal((await client.get(namespaces, { name: 'n' })).status.phase, 'Terminating');
  await assert.rejects(
    client.create(configMaps, configMap('a')),
    reason('Forbidden', /is being terminated/),
  );
});

test('a pod gets its account, a token volume, tolerations and a priority', async () => {
  const { client } = await startApi();
  const { spec } = await client.create(pods, pod('p'));
  assert.equal(spec.serviceAccountName, 'default');
  assert.match(spec.volumes?.[0]?.name ?? '', /^kube-api-access-\w{5}$/);
  assert.equal(spec.containers[0]?.volumeMounts?.[0]?.name, spec.volumes?.[0]?.name);
  assert.equal(spec.tolerations?.length, 2);
  assert.equal(spec.priority, 0);
});

test('a pod is bound once', async () => {
  const { client } = await startApi();
  await client.create(pods, pod('p'));
  const bind = (name: string) =>
    client.createSubresource<Binding>(
      pods,
      { ...key('p'), subresource: 'binding' },
      {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'p' },
        target: { kind: 'Node', name },
      },
    );
  await bind('node1');
  const bound = await client.get(pods, key('p'));
  assert.equal(bound.spec.nodeName, 'node1');
  assert.equal(
    bound.status.conditions?.find(({ type }) => type === 'PodScheduled')?.status,
    'True',
  );
  await assert.rejects(bind('node2'), reason('Conflict', /already assigned to node "node1"/));
});

test('what its subresources change of a pod counts, being bound does not', async () => {
  const { client } = await startApi();
  await client.create(pods, pod('p'));
  const generation = async () => (await client.get(pods, key('p'))).metadata.generation;
  const edit = (subresource: string, spec: object) =>
    client.patch(pods, key('p'), { type: 'merge', body: { spec }, subresource });
  const ephemeralContainers = [{ name: 'debugger', image: 'debug' }];
  await edit('ephemeralcontainers', { ephemeralContainers });
  assert.equal(await generation(), 2);
  await edit('ephemeralcontainers', { ephemeralContainers });
  assert.equal(await generation(), 2);
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p' },
    target: { kind: 'Node', name: 'node1' },
  };
  await client.createSubresource<Binding>(pods, { ...key('p'), subresource: 'binding' }, binding);
  assert.equal(await generation(), 2);
});

test('a Deployment counts changes of its annotations, but not of its labels or through its status', async () => {
  const { client } = await startApi();
  const labels = { app: 'web' };
  await client.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'n' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  const after = async (metadata: object, subresource?: string) => {
    const part = subresource === undefined ? {} : { subresource };
    await client.patch(deployments, key('d'), { type: 'merge', body: { metadata }, ...part });
    return (await client.get(deployments, key('d'))).metadata.generation;
  };
  assert.equal(await after({ labels: { a: 'b' } }), 1);
  assert.equal(await after({ annotations: { a: 'b' } }), 2);
  assert.equal(await after({ annotations: { a: 'c' } }, 'status'), 2);
});

test('concurrent services get addresses of their own', async () => {
  const { client } = await startApi();
  const service = (name: string): NewObject<Service> => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'n' },
    spec: { type: 'NodePort', ports: [{ port: 80 }] },
  });
  const created = await Promise.all(
    Array.from({ length: 50 }, (_unused, position) =>
      client.create(services, service(`s${String(position)}`)),
    ),
  );
  assert.equal(new Set(created.map(({ spec }) => spec.clusterIP)).size, 50);
  assert.equal(new Set(created.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 50);
});

test('a dry run answers as if it had happened, and nothing has', async () => {
  const { client, transport } = await startApi();
  const answer = (await transport.request({
    method: 'POST',
    path: '/api/v1/namespaces/n/configmaps?dryRun=All',
    body: configMap('a'),
  })) as ConfigMap;
  assert.equal(answer.metadata.name, 'a');
  await assert.rejects(client.get(configMaps, key('a')), reason('NotFound'));
});

test('pages of a list hold together what one list would, as of the first', async () => {
  const { client } = await startApi();
  for (let count = 0; count < 7; count += 1) {
    await client.create(configMaps, configMap(`c${String(count)}`));
  }
  const first = await client.list(configMaps, { namespace: 'n', limit: 3 });
  assert.equal(first.metadata.remainingItemCount, 4);
  await client.create(configMaps, configMap('later'));
  const names = first.items.map(({ metadata }) => metadata.name);
  let next = first.metadata.continue;
  while (next !== undefined) {
    const page = await client.list(configMaps, { namespace: 'n', limit: 3, continue: next });
    names.push(...page.items.map(({ metadata }) => metadata.name));
    next = page.metadata.continue;
  }
  assert.deepEqual(names, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
});

test('a list whose version was compacted goes on with what there is now', async () => {
  const { client, store } = await startApi();
  for (const name of ['a', 'b', 'c']) await client.create(configMaps, configMap(name));
  const first = await client.list(configMaps, { namespace: 'n', limit: 1 });
  const second = { namespace: 'n', limit: 1, continue: first.metadata.continue ?? '' };
  await client.create(pods, pod('other'));
  await store.compact(store.revision());
  const refusal = await client.list(configMaps, second).catch((error: unknown) => error);
  assert.ok(hasReason(refusal, 'Expired') && isStatusError(refusal));
  assert.match(refusal.message, /^The provided continue parameter is too old to display/);
  const token = refusal.status.metadata.continue ?? '';

  await client.create(configMaps, configMap('aa'));
  const rest = await client.list(configMaps, { ...second, continue: token });
  await client.create(configMaps, configMap('bb'));
  const last = await client.list(configMaps, {
    namespace: 'n',
    continue: rest.metadata.continue ?? '',
  });
  const names = [rest, last].map(({ items }) => items.map(({ metadata }) => metadata.name));
  assert.deepEqual(names, [['aa'], ['b', 'c']]);
  assert.notEqual(rest.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(last.metadata.resourceVersion, rest.metadata.resourceVersion);
});

test('the address of a service has an object as long as the service has it', async () => {
  const { client } = await startApi();
  const { metadata } = await client.list(ipAddresses, {});
  const created = await client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key('s'),
    spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] },
  });
  await client.delete(services, key('s'));
  const resourceVersion = metadata.resourceVersion ?? '';
  const seen: unknown[] = [];
  for await (const { type, object } of client.watch(ipAddresses, { resourceVersion })) {
    const { spec } = object as IPAddress;
    seen.push([type, object.metadata.name, spec.parentRef.name]);
    if (type === 'DELETED') break;
  }
  const { clusterIP } = created.spec;
  assert.deepEqual(seen, [
    ['ADDED', clusterIP, 's'],
    ['DELETED', clusterIP, 's'],
  ]);
});

test('the object of an address comes back when somebody deletes it', async () => {
  const { client } = await startApi();
  const { metadata } = await client.list(ipAddresses, {});
  await client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key('s'),
    spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }] },
  });
  const resourceVersion = metadata.resourceVersion ?? '';
  const seen: string[] = [];
  for await (const { type, object } of client.watch(ipAddresses, { resourceVersion })) {
    const { name } = object.metadata;
    seen.push(`${type} ${name}`);
    if (seen.length === 1) await client.delete(ipAddresses, { namespace: '', name });
    if (seen.length === 3) await client.delete(services, key('s'));
    if (seen.length === 4) break;
  }
  const [added, deleted] = ['ADDED 10.96.0.7', 'DELETED 10.96.0.7'];
  assert.deepEqual(seen, [added, deleted, added, deleted]);
  assert.deepEqual((await client.list(ipAddresses, {})).items, []);
});

test('an address that somebody set aside is not given to a service', async () => {
  const { client } = await startApi();
  await client.create(ipAddresses, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: '10.96.0.8' },
    spec: { parentRef: { resource: 'gateways', group: 'example.com', name: 'g' } },
  });
  const asking = client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: key('s'),
    spec: { clusterIP: '10.96.0.8', ports: [{ port: 80 }] },
  });
  await assert.rejects(asking, reason('Invalid', /already allocated/));
});

test('a watch shows what happens after its version, in order', async () => {
  const { client } = await startApi();
  const { metadata } = await client.list(configMaps, { namespace: 'n' });
  await client.create(configMaps, configMap('a'));
  await client.patch(configMaps, key('a'), { type: 'merge', body: { data: { k: 'v' } } });
  await client.delete(configMaps, key('a'));
  const seen: string[] = [];
  const resourceVersion = metadata.resourceVersion ?? '';
  for await (const event of client.watch(configMaps, { namespace: 'n', resourceVersion })) {
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (event.type === 'DELETED') break;
  }
  assert.deepEqual(seen, ['ADDED a', 'MODIFIED a', 'DELETED a']);
});

test('users without rights are refused in words that say what they lack', async () => {
  const { as } = await startApi();
  await assert.rejects(
    as('jane').list(configMaps, { namespace: 'n' }),
    reason(
      'Forbidden',
      /^configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "n"$/,
    ),
  );
});

test('certificate requests are stamped with who asks, and decided in approval alone', async () => {
  const { client, as } = await startApi();
  const created = await as('joe', ['system:masters']).create(certificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'r' },
    spec: {
      request: Buffer.from(janePem).toString('base64'),
      signerName: 'example.com/signer',
      usages: ['client auth'],
      username: 'admin',
    },
  });
  assert.equal(created.spec.username, 'joe');
  assert.deepEqual(created.spec.groups, ['system:masters']);
  const conditions = [{ type: 'Approved' as const, status: 'True' as const }];
  const wanted = { ...created, spec: { ...created.spec, username: 'x' }, status: { conditions } };
  await assert.rejects(
    client.update(certificateSigningRequests, wanted, { subresource: 'status' }),
    reason('Invalid', /updates may not add a condition of type "Approved"/),
  );
  const approved = await client.update(certificateSigningRequests, wanted, {
    subresource: 'approval',
  });
  assert.equal(approved.spec.username, 'joe');
  assert.equal(approved.status.conditions?.[0]?.lastTransitionTime, '2026-01-01T00:00:00Z');
  await assert.rejects(
    client.update(
      certificateSigningRequests,
      { ...approved, status: {} },
      { subresource: 'approval' },
    ),
    reason('Invalid', /updates may not remove a condition of type "Approved"/),
  );
});
