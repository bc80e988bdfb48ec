import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { apiServices } from '../../../api/apiregistration/v1/api-service.js';
import type { APIService } from '../../../api/apiregistration/v1/types.js';
import { namespaces } from '../../../api/core/v1/namespace.js';
import { services } from '../../../api/core/v1/service.js';
import { endpointSlices } from '../../../api/discovery/v1/endpoint-slice.js';
import { hasReason } from '../../../api/meta/status-error.js';
import { builtInResources } from '../../../api/resources.js';
import type { KeyPair } from '../../../machinery/certificates/certificates.js';
import { createClient } from '../../../machinery/client/api-client.js';
import type { Client } from '../../../machinery/client/client.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { silentLogger } from '../../../machinery/log/log.js';
import { eventually as within } from '../../../testing/eventually.js';
import { openAccess } from '../../open-access.js';
import { openRegistries } from '../../open-registries.js';
import { CertificateAuthority } from '../../pki/authority.js';
import { openMemoryStore } from '../../store/memory.js';
import { AgentProxy } from '../agent-proxy.js';
import { createApi } from '../api-server.js';
import { createInProcessTransport } from '../in-process-transport.js';
import { aggregationCheckMs, aggregationRecheckMs } from '../limits.js';
import { ClusterConnector } from '../proxy/cluster-connector.js';
import { Aggregator } from './aggregator.js';

const name = 'v1.fruit.example';
const path = '/apis/fruit.example/v1';
const jane = { username: 'jane', groups: ['pickers'] };

/** The way to the extension server of this test, whatever Service is asked for. */
class Shortcut extends ClusterConnector {
  port = 0;

  override toService(): Promise<Duplex> {
    return Promise.resolve(connect(this.port, '127.0.0.1'));
  }
}

interface Heard {
  readonly url: string | undefined;
  readonly client: string;
  readonly user: string | string[] | undefined;
}

let authority: CertificateAuthority;
let frontProxy: KeyPair;
let extension: Server;
const heard: Heard[] = [];
let resources = ['apples'];

const encoded = (pem: string): string => Buffer.from(pem).toString('base64');

before(async () => {
  const nowMs = Date.now();
  const lifetimeMs = 3_600_000;
  authority = await CertificateAuthority.create('extensions', nowMs);
  const dnsNames = ['fruit.n.svc'];
  const shown = await authority.issue(
    { commonName: 'fruit', usage: 'server', lifetimeMs, dnsNames },
    nowMs,
  );
  frontProxy = await authority.issue(
    { commonName: 'front-proxy-client', usage: 'client', lifetimeMs },
    nowMs,
  );
  const identity = { cert: shown.certificatePem, key: shown.keyPem, ca: authority.certificatePem };
  extension = createServer({ ...identity, requestCert: true }, (request, response) => {
    assert.ok(request.socket instanceof TLSSocket);
    const { subject } = request.socket.getPeerCertificate();
    heard.push({
      url: request.url,
      client: String(subject.CN),
      user: request.headers['x-remote-user'],
    });
    if (request.url === path) {
      const list = resources.map((plural) => ({
        name: plural,
        namespaced: true,
        kind: 'X',
        verbs: [],
      }));
      response.end(JSON.stringify({ kind: 'APIResourceList', resources: list }));
    } else response.writeHead(request.url?.startsWith(path) === true ? 200 : 404).end('{}');
  });
  await once(extension.listen(0, '127.0.0.1'), 'listening');
});

after(() => {
  extension.closeAllConnections();
  extension.close();
});

interface Started {
  readonly aggregator: Aggregator;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly stop: AbortController;
}

async function start(): Promise<Started> {
  const clock = new FakeClock(Date.now());
  const random = systemRandom;
  const registries = await openRegistries({
    store: openMemoryStore(),
    resources: builtInResources,
    serviceCidr: '10.96.0.0/12',
    clock,
    random,
  });
  const agents = new AgentProxy({ caPem: '', certificatePem: '', keyPem: '' });
  const cluster = new Shortcut({ registries, random, agents });
  cluster.port = (extension.address() as AddressInfo).port;
  const gate = createApi({
    registries,
    resources: builtInResources,
    access: openAccess({ registries, clock, logger: silentLogger }),
    reviewToken: () => Promise.resolve(undefined),
    tokens: { issuer: '', issue: () => Promise.resolve({ token: '', id: '', expiryMs: 0 }) },
    cluster,
    clock,
    random,
  });
  const admin = { username: 'admin', groups: ['system:masters'] };
  const client = createClient(createInProcessTransport(admin, { gate, clock }));
  const aggregator = new Aggregator({
    registries,
    cluster,
    resources: () => builtInResources,
    identity: () => frontProxy,
    client,
    clock,
    logger: silentLogger,
  });
  const stop = new AbortController();
  void aggregator.run(stop.signal);
  const metadata = { name: 'n' };
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata, spec: {} });
  return { aggregator, client, clock, stop };
}

async function createService({ client }: Started): Promise<void> {
  const metadata = { namespace: 'n', name: 'fruit' };
  const ports = [{ name: 'https', port: 443 }];
  await client.create(services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports } });
  await client.create(endpointSlices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'fruit' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 8443 }],
  });
}

const register = (
  { client }: Started,
  caBundle = encoded(authority.certificatePem),
): Promise<unknown> =>
  client.create(apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: {
      group: 'fruit.example',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 10,
      service: { namespace: 'n', name: 'fruit' },
      caBundle,
    },
  });

/** Tries again at once: time is the test's own here. */
const eventually = <T>(attempt: () => T | Promise<T>): Promise<T> =>
  within(attempt, { intervalMs: 1 });

/** Lets time pass until the APIService says why it is, or is not, available. */
const says = ({ client, clock }: Started, reason: string): Promise<APIService> =>
  eventually(async () => {
    await clock.advance(aggregationCheckMs);
    const service = await client.get(apiServices, { name });
    const found = service.status.conditions?.find(({ type }) => type === 'Available')?.reason;
    assert.equal(found, reason);
    return service;
  });

const unavailable = (error: unknown): boolean => hasReason(error, 'ServiceUnavailable');

test('an APIService is available once its Service, endpoints and server are there', async () => {
  const started = await start();
  const { aggregator } = started;
  const ask = () => aggregator.backendFor(`${path}/apples`, `${path}/apples?limit=1`, jane);
  assert.equal(ask(), undefined);
  await register(started);
  assert.throws(ask, unavailable);
  await says(started, 'ServiceNotFound');
  await createService(started);
  await says(started, 'Passed');

  const outgoing = await ask()?.open('GET', ask()?.headers ?? {});
  assert.ok(outgoing);
  outgoing.end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  assert.deepEqual([answer.statusCode, await text(answer)], [200, '{}']);
  assert.deepEqual(heard.at(-1), {
    url: `${path}/apples?limit=1`,
    client: 'front-proxy-client',
    user: 'jane',
  });
  assert.equal(aggregator.backendFor('/apis/apps/v1/deployments', '', jane), undefined);
  assert.equal(aggregator.backendFor('/api/v1/pods', '', jane), undefined);
  started.stop.abort();
});

test('what an extension server offers is merged, and again once it has changed', async () => {
  const started = await start();
  await createService(started);
  await register(started);
  await says(started, 'Passed');
  const offered = (): readonly string[] =>
    started.aggregator.groupVersions().flatMap((one) => one.resources.map((each) => each.name));
  await eventually(() => {
    assert.deepEqual(offered(), ['apples']);
  });
  const before = started.aggregator.groupVersions();
  resources = ['apples', 'pears'];
  await eventually(async () => {
    await started.clock.advance(aggregationRecheckMs);
    assert.deepEqual(offered(), ['apples', 'pears']);
  });
  assert.notEqual(started.aggregator.groupVersions(), before);
  await started.client.delete(apiServices, { name });
  assert.equal(started.aggregator.backendFor(path, path, jane), undefined);
  await eventually(async () => {
    await started.clock.advance(aggregationCheckMs);
    assert.deepEqual(offered(), []);
  });
  started.stop.abort();
});

test('a server whose certificate another authority signed gets no requests', async () => {
  const started = await start();
  const other = await CertificateAuthority.create('other', Date.now());
  await createService(started);
  await register(started, encoded(other.certificatePem));
  const { status } = await says(started, 'FailedDiscoveryCheck');
  assert.match(status.conditions?.[0]?.message ?? '', /^failing or missing response from /);
  assert.throws(() => started.aggregator.backendFor(path, path, jane), unavailable);
  const body = { spec: { caBundle: encoded(authority.certificatePem) } };
  await started.client.patch(apiServices, { name }, { type: 'merge', body });
  await says(started, 'Passed');
  started.stop.abort();
});

test('every group and version served here has an APIService, also when somebody deletes it', async () => {
  const started = await start();
  const { client, clock } = started;
  const local = (): Promise<APIService> =>
    eventually(async () => {
      await clock.advance(aggregationCheckMs);
      return client.get(apiServices, { name: 'v1.apps' });
    });
  const { metadata } = await local();
  await client.delete(apiServices, { name: 'v1.apps' });
  assert.notEqual((await local()).metadata.uid, metadata.uid);
  started.stop.abort();
});
