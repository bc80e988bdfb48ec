import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type * as DnsPacket from 'dns-packet';
import fc from 'fast-check';
import type { Service, ServiceSpec } from '../../api/core/v1/types.js';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { Answering } from './answering.js';
import { parseResolvConf, type Upstream } from './upstream.js';
import { agedBy, ttlsOf } from './wire.js';
import { ClusterZone, type ClusterView } from './zone.js';

const dnsPacket = createRequire(import.meta.url)('dns-packet') as typeof DnsPacket;

const metadata = (name: string) => ({
  name,
  namespace: 'shop',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const serviceOf = (name: string, spec: ServiceSpec): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name),
  spec,
  status: {},
});

const sliceOf = (service: string, endpoints: readonly Endpoint[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  metadata: { ...metadata(`${service}-x`), labels: { 'kubernetes.io/service-name': service } },
  endpoints: [...endpoints],
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});

const ports = [{ name: 'http', port: 80, protocol: 'TCP' as const }];
const many = Array.from({ length: 200 }, (_, at) => ({ addresses: [`10.244.5.${at + 1}`] }));
const services = [
  serviceOf('web', { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports }),
  serviceOf('db', { clusterIP: 'None', clusterIPs: ['None'], ports }),
  serviceOf('idle', { clusterIP: 'None', clusterIPs: ['None'], ports }),
  serviceOf('big', { clusterIP: 'None', clusterIPs: ['None'], ports }),
  serviceOf('outside', { type: 'ExternalName', externalName: 'example.org' }),
  serviceOf('alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  serviceOf('loop', { type: 'ExternalName', externalName: 'loop.shop.svc.cluster.local' }),
];
const slices = [
  sliceOf('db', [
    { addresses: ['10.244.1.1'], hostname: 'db-0' },
    { addresses: ['10.244.1.2'] },
    { addresses: ['10.244.1.3'], conditions: { ready: false } },
  ]),
  sliceOf('idle', [{ addresses: ['10.244.1.4'], conditions: { ready: false } }]),
  sliceOf('big', many),
];

const view: ClusterView = {
  service: (namespace, name) =>
    services.find((one) => one.metadata.namespace === namespace && one.metadata.name === name),
  slices: (_namespace, service) => slices.filter((one) => one.metadata.name === `${service}-x`),
  namespaceExists: (name) => name === 'shop',
  servicesByIp: (ip) => services.filter(({ spec }) => spec.clusterIP === ip),
  slicesByIp: (ip) =>
    slices.filter(({ endpoints }) => endpoints?.some(({ addresses }) => addresses.includes(ip))),
};

const outsideAnswer = (question: DnsPacket.Question): Buffer =>
  dnsPacket.encode({
    type: 'response',
    id: 99,
    flags: 0x0180,
    questions: [question],
    answers: [{ name: question.name, type: 'A', class: 'IN', ttl: 300, data: '93.184.216.34' }],
  });

const withUpstream: Pick<Upstream, 'resolve'> = {
  resolve: (question) => Promise.resolve(outsideAnswer(question)),
};

function answeringWith(upstream = withUpstream, ready = true): Answering {
  const domain = 'cluster.local';
  const zone = new ClusterZone({ domain, view, serverAddress: '10.96.0.10' });
  return new Answering({ domain, zone, upstream, ready: () => ready });
}

interface Asked {
  readonly rcode: number;
  readonly data: readonly unknown[];
  readonly packet: DnsPacket.DecodedPacket;
  readonly sizeBytes: number;
}

async function ask(
  name: string,
  type: DnsPacket.RecordType,
  options: { answering?: Answering; protocol?: 'udp' | 'tcp' } = {},
): Promise<Asked> {
  const { answering = answeringWith(), protocol = 'udp' } = options;
  const query = dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: 0x0100,
    questions: [{ name, type }],
  });
  const answer = await answering.answer(query, protocol);
  assert.ok(answer);
  const packet = dnsPacket.decode(answer);
  assert.equal(packet.id, 7);
  const data = (packet.answers ?? []).map((one) => ('data' in one ? one.data : undefined));
  return { rcode: answer.readUInt16BE(2) & 15, data, packet, sizeBytes: answer.length };
}

const zone = 'shop.svc.cluster.local';
const found: readonly (readonly [string, DnsPacket.RecordType, readonly unknown[]])[] = [
  [`web.${zone}`, 'A', ['10.96.0.9']],
  [`WEB.shop.svc.Cluster.Local`, 'A', ['10.96.0.9']],
  [`web.${zone}`, 'AAAA', []],
  [`db.${zone}`, 'A', ['10.244.1.1', '10.244.1.2']],
  [`db-0.db.${zone}`, 'A', ['10.244.1.1']],
  [`10-244-1-2.db.${zone}`, 'A', ['10.244.1.2']],
  [
    `_http._tcp.web.${zone}`,
    'SRV',
    [{ priority: 0, weight: 100, port: 80, target: `web.${zone}` }],
  ],
  [`_tcp.web.${zone}`, 'SRV', []],
  [`outside.${zone}`, 'CNAME', ['example.org']],
  [`outside.${zone}`, 'A', ['example.org', '93.184.216.34']],
  [`alias.${zone}`, 'A', [`web.${zone}`, '10.96.0.9']],
  [`10-244-1-2.shop.pod.cluster.local`, 'A', ['10.244.1.2']],
  [zone, 'A', []],
  ['svc.cluster.local', 'A', []],
  ['ns.dns.cluster.local', 'A', ['10.96.0.10']],
  ['9.0.96.10.in-addr.arpa', 'PTR', [`web.${zone}`]],
  ['1.1.244.10.in-addr.arpa', 'PTR', [`db-0.db.${zone}`]],
  ['example.org', 'A', ['93.184.216.34']],
];
for (const [name, type, expected] of found)
  test(`DNS answers ${type} ${name}`, async () => {
    const { rcode, data, packet } = await ask(name, type);
    assert.equal(rcode, 0);
    assert.deepEqual(data, expected);
    if (expected.length === 0) assert.equal(packet.authorities?.[0]?.type, 'SOA');
  });

const missing = [
  `nothing.${zone}`,
  `db-9.db.${zone}`,
  `idle.${zone}`,
  `x.web.${zone}`,
  `_http._udp.web.${zone}`,
  'web.nowhere.svc.cluster.local',
  'nonsense.cluster.local',
  'not-an-address.shop.pod.cluster.local',
  '10-244-1-2.nowhere.pod.cluster.local',
];
for (const name of missing)
  test(`DNS knows no ${name}`, async () => {
    const { rcode, packet } = await ask(name, name.startsWith('_') ? 'SRV' : 'A');
    assert.equal(rcode, 3);
    assert.equal(packet.authorities?.[0]?.type, 'SOA');
  });

test('DNS names every port of a headless service with its addresses', async () => {
  const { packet } = await ask(`_http._tcp.db.${zone}`, 'SRV');
  assert.deepEqual(
    (packet.answers ?? []).map((one) =>
      one.type === 'SRV' ? [one.data.target, one.data.port] : [],
    ),
    [
      [`db-0.db.${zone}`, 8080],
      [`10-244-1-2.db.${zone}`, 8080],
    ],
  );
  assert.equal(packet.additionals?.length, 2);
});

test('DNS truncates what does not fit over UDP and gives it whole over TCP', async () => {
  const udp = await ask(`big.${zone}`, 'A');
  assert.ok(udp.packet.flag_tc && udp.sizeBytes <= 512);
  const tcp = await ask(`big.${zone}`, 'A', { protocol: 'tcp' });
  assert.equal(tcp.packet.flag_tc, false);
  assert.equal(tcp.data.length, 200);
});

test('DNS refuses what it cannot ask anybody, at once', async () => {
  const upstream = { resolve: () => Promise.resolve('noServers' as const) };
  assert.equal((await ask('example.org', 'A', { answering: answeringWith(upstream) })).rcode, 5);
  const silent = { resolve: () => Promise.resolve('noAnswer' as const) };
  assert.equal((await ask('example.org', 'A', { answering: answeringWith(silent) })).rcode, 2);
  assert.deepEqual((await ask(`outside.${zone}`, 'A', { answering: answeringWith(silent) })).data, [
    'example.org',
  ]);
});

test('DNS does not call a name missing before it knows the cluster', async () => {
  const answering = answeringWith(withUpstream, false);
  assert.equal((await ask(`nothing.${zone}`, 'A', { answering })).rcode, 2);
});

test('DNS ends loops of aliases', async () => {
  assert.equal((await ask(`loop.${zone}`, 'A')).rcode, 2);
});

test('DNS survives any message', async () => {
  const answering = answeringWith();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
      const answer = await answering.answer(Buffer.from(bytes), 'udp');
      assert.ok(answer === undefined || answer.readUInt16BE(2) >= 0x8000);
    }),
    { numRuns: propertyRuns(200) },
  );
});

test('DNS survives whatever others answer', async () => {
  const query = dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: 0x0100,
    questions: [{ name: 'example.org', type: 'A' }],
  });
  const lengths = fc.constantFrom(12, 13, 80, 600, 5_000);
  const messages = lengths.chain((length) =>
    fc.uint8Array({ minLength: length, maxLength: length, size: 'max' }),
  );
  await fc.assert(
    fc.asyncProperty(messages, async (bytes) => {
      const upstream = { resolve: () => Promise.resolve(Buffer.from(bytes)) };
      const answer = await answeringWith(upstream).answer(query, 'udp');
      assert.equal(answer?.readUInt16BE(0), 7);
      assert.ok(answer.length <= 512);
    }),
    { numRuns: propertyRuns(20) },
  );
});

test('DNS passes on no question of others that is longer than a name can be', async () => {
  // One label after the other, and no end within 600 bytes.
  const message = Buffer.alloc(700);
  for (let at = 12; at < 600; at += 64) message[at] = 63;
  const upstream = { resolve: () => Promise.resolve(message) };
  const answer = await ask('example.org', 'A', { answering: answeringWith(upstream) });
  assert.deepEqual([answer.rcode, answer.data], [2, []]);
});

test('answers of others lose the time they were kept', () => {
  const message = outsideAnswer({ name: 'example.org', type: 'A' });
  const { offsets, leastSeconds } = ttlsOf(message);
  assert.equal(leastSeconds, 300);
  const [answer] = dnsPacket.decode(agedBy(message, 20, offsets)).answers ?? [];
  assert.equal(answer?.type === 'A' && answer.ttl, 280);
});

test('resolv.conf gives servers but ourselves', () => {
  const text =
    '# a comment\nnameserver 10.96.0.10\nnameserver 192.168.1.1\nsearch x\n nameserver ::1\n';
  assert.deepEqual(
    parseResolvConf(text, '10.96.0.10').map(({ address }) => address),
    ['192.168.1.1', '::1'],
  );
});
