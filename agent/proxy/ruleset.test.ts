import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Service, ServiceSpec } from '../../api/core/v1/types.js';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/types.js';
import { assertGolden } from '../../testing/golden.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { endpointChain, serviceChain } from './chain-names.js';
import { staleFlows } from './conntrack.js';
import { parseRestore, tracePacket, type Packet, type Verdict } from './packet-tracer.js';
import { cleanupRestore, deltaRestore, fullRestore, parseSaved } from './restore.js';
import { ruleset, serviceRules } from './ruleset.js';

const node = { name: 'here', podCidr: '10.244.0.0/16' };
const nodeAddress = '192.168.1.10';

interface ServiceSeed {
  readonly name: string;
  readonly spec: Partial<ServiceSpec>;
  readonly ingress?: readonly string[];
}

const metadataOf = (name: string) => ({
  name,
  namespace: 'shop',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const serviceOf = ({ name, spec, ingress = [] }: ServiceSeed): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadataOf(name),
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.1',
    ports: [{ name: 'web', port: 80, protocol: 'TCP' }],
    ...spec,
  },
  status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
});

const sliceOf = (
  service: string,
  endpoints: readonly Endpoint[],
  port: { name: string; port: number; protocol: string } = {
    name: 'web',
    port: 8080,
    protocol: 'TCP',
  },
): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  addressType: 'IPv4',
  metadata: {
    ...metadataOf(`${service}-x`),
    labels: { 'kubernetes.io/service-name': service },
  },
  endpoints: [...endpoints],
  ports: [port],
});

const ready = (address: string, nodeName = 'there'): Endpoint => ({
  addresses: [address],
  nodeName,
  conditions: { ready: true, serving: true, terminating: false },
});
const terminating = (address: string, nodeName = 'there'): Endpoint => ({
  addresses: [address],
  nodeName,
  conditions: { ready: false, serving: true, terminating: true },
});

const trace = (
  text: string,
  packet: Partial<Packet>,
  chance: (probability: number) => boolean = () => true,
  recent: ReadonlySet<string> = new Set(),
): Verdict =>
  tracePacket(
    parseRestore(text),
    { source: '10.244.9.9', destination: '10.96.0.1', protocol: 'tcp', port: 80, ...packet },
    { localAddresses: [nodeAddress], chance, recent },
  );

const rulesFor = (services: readonly Service[], slices: readonly EndpointSlice[]): string =>
  fullRestore(ruleset(services, slices, node)).join('');

test('chain names are those of kube-proxy', () => {
  // From a cluster that kube-proxy ran on: the API server's and the DNS service's chains.
  assert.equal(serviceChain('SVC', 'default/kubernetes:https', 'tcp'), 'KUBE-SVC-NPX46M4PTMTKRN6Y');
  assert.equal(serviceChain('SVC', 'kube-system/kube-dns:dns', 'udp'), 'KUBE-SVC-TCOU7JCQXEZGVUNU');
  assert.match(endpointChain('default/kubernetes:https', 'tcp', '10.0.2.15:6443'), /^KUBE-SEP-/);
});

test('ruleset writes every kind of service as recorded', () => {
  const services = [
    serviceOf({ name: 'plain', spec: {} }),
    serviceOf({
      name: 'sticky',
      spec: { clusterIP: '10.96.0.2', sessionAffinity: 'ClientIP' },
    }),
    serviceOf({
      name: 'outside',
      spec: {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.3',
        externalIPs: ['203.0.113.7'],
        externalTrafficPolicy: 'Local',
        loadBalancerSourceRanges: ['198.51.100.0/24'],
        ports: [{ name: 'web', port: 80, nodePort: 30080, protocol: 'TCP' }],
      },
      ingress: ['203.0.113.8'],
    }),
    serviceOf({
      name: 'empty',
      spec: {
        type: 'NodePort',
        clusterIP: '10.96.0.4',
        ports: [{ name: 'web', port: 80, nodePort: 30081, protocol: 'TCP' }],
      },
    }),
    serviceOf({ name: 'headless', spec: { clusterIP: 'None' } }),
  ];
  const slices = ['plain', 'sticky', 'outside'].map((name) =>
    sliceOf(name, [ready('10.244.1.1', 'here'), ready('10.244.2.1'), ready('10.244.2.2')]),
  );
  assertGolden(import.meta.url, 'services.golden.rules', rulesFor(services, slices));
});

test('traffic to a cluster address is spread over ready endpoints alone', () => {
  const text = rulesFor(
    [serviceOf({ name: 'web', spec: {} })],
    [sliceOf('web', [ready('10.244.1.1'), ready('10.244.1.2'), terminating('10.244.1.3')])],
  );
  assert.equal(trace(text, {}).destination, '10.244.1.1:8080');
  assert.equal(trace(text, {}, () => false).destination, '10.244.1.2:8080');
  assert.equal(trace(text, {}).masqueraded, false, 'pods keep their address');
  assert.equal(trace(text, { source: nodeAddress }).masqueraded, true);
  assert.equal(trace(text, { source: '10.244.1.1' }).masqueraded, true, 'hairpin');
  assert.equal(trace(text, { port: 81 }).destination, '10.96.0.1:81');
});

test('terminating endpoints serve while no other is left', () => {
  const text = rulesFor(
    [serviceOf({ name: 'web', spec: {} })],
    [sliceOf('web', [terminating('10.244.1.3')])],
  );
  assert.equal(trace(text, {}).destination, '10.244.1.3:8080');
});

test('a service without endpoints refuses connections', () => {
  const spec = {
    type: 'NodePort' as const,
    ports: [{ name: 'web', port: 80, nodePort: 30080, protocol: 'TCP' as const }],
  };
  const text = rulesFor([serviceOf({ name: 'web', spec })], []);
  assert.equal(trace(text, {}).outcome, 'refused');
  assert.equal(trace(text, { source: nodeAddress }).outcome, 'refused');
  assert.equal(trace(text, { destination: nodeAddress, port: 30080 }).outcome, 'refused');
});

test('node ports lead to endpoints from anywhere', () => {
  const spec = {
    type: 'NodePort' as const,
    ports: [{ name: 'web', port: 80, nodePort: 30080, protocol: 'TCP' as const }],
  };
  const text = rulesFor(
    [serviceOf({ name: 'web', spec })],
    [sliceOf('web', [ready('10.244.1.1')])],
  );
  for (const source of ['198.51.100.1', '10.244.9.9', nodeAddress]) {
    const verdict = trace(text, { source, destination: nodeAddress, port: 30080 });
    assert.equal(verdict.destination, '10.244.1.1:8080', source);
    assert.equal(verdict.masqueraded, true, source);
  }
  const local = trace(text, { source: '127.0.0.1', destination: '127.0.0.1', port: 30080 });
  assert.equal(local.destination, '10.244.1.1:8080');
});

test('nobody on the network reaches what listens on the loopback address', () => {
  const text = rulesFor([], []);
  const port = 2379;
  for (const destination of ['127.0.0.1', '127.1.2.3']) {
    for (const source of ['198.51.100.1', '10.244.9.9']) {
      assert.equal(trace(text, { source, destination, port }).outcome, 'dropped', source);
    }
    assert.equal(trace(text, { source: '127.0.0.1', destination, port }).outcome, 'accepted');
  }
});

test('externalTrafficPolicy Local keeps to this node and the client address', () => {
  const spec = {
    type: 'NodePort' as const,
    externalTrafficPolicy: 'Local' as const,
    ports: [{ name: 'web', port: 80, nodePort: 30080, protocol: 'TCP' as const }],
  };
  const service = serviceOf({ name: 'web', spec });
  const outside = { source: '198.51.100.1', destination: nodeAddress, port: 30080 };
  const both = rulesFor(
    [service],
    [sliceOf('web', [ready('10.244.1.1'), ready('10.244.3.1', 'here')])],
  );
  assert.equal(trace(both, outside, () => true).destination, '10.244.3.1:8080');
  assert.equal(trace(both, outside).masqueraded, false);
  const remote = rulesFor([service], [sliceOf('web', [ready('10.244.1.1')])]);
  assert.equal(trace(remote, outside).outcome, 'dropped');
  assert.equal(
    trace(remote, { ...outside, source: nodeAddress }).destination,
    '10.244.1.1:8080',
    'the node itself may go anywhere',
  );
});

test('internalTrafficPolicy Local never leaves the node', () => {
  const service = serviceOf({ name: 'web', spec: { internalTrafficPolicy: 'Local' } });
  const remote = rulesFor([service], [sliceOf('web', [ready('10.244.1.1')])]);
  assert.equal(trace(remote, {}).outcome, 'dropped');
  const local = rulesFor(
    [service],
    [sliceOf('web', [ready('10.244.1.1'), ready('10.244.3.1', 'here')])],
  );
  assert.equal(trace(local, {}).destination, '10.244.3.1:8080');
});

test('session affinity returns a client to its endpoint', () => {
  const service = serviceOf({ name: 'web', spec: { sessionAffinity: 'ClientIP' } });
  const text = rulesFor([service], [sliceOf('web', [ready('10.244.1.1'), ready('10.244.1.2')])]);
  const first = trace(text, {}, () => false);
  assert.equal(first.destination, '10.244.1.2:8080');
  assert.equal(trace(text, {}, () => true, first.remembered).destination, '10.244.1.2:8080');
});

test('load balancer source ranges let nobody else in', () => {
  const service = serviceOf({
    name: 'web',
    spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['198.51.100.0/24'] },
    ingress: ['203.0.113.8'],
  });
  const text = rulesFor([service], [sliceOf('web', [ready('10.244.1.1')])]);
  const destination = '203.0.113.8';
  const allowed = trace(text, { source: '198.51.100.4', destination });
  assert.equal(allowed.destination, '10.244.1.1:8080');
  assert.equal(trace(text, { source: '198.51.101.4', destination }).outcome, 'dropped');
});

const endpointArbitrary = fc.record({
  address: fc.integer({ min: 1, max: 6 }).map((last) => `10.244.1.${last}`),
  nodeName: fc.constantFrom('here', 'there'),
  ready: fc.boolean(),
  serving: fc.boolean(),
});
interface EndpointSeed {
  address: string;
  nodeName: string;
  ready: boolean;
  serving: boolean;
}

const endpointOf = ({ address, nodeName, ready: isReady, serving }: EndpointSeed): Endpoint => ({
  addresses: [address],
  nodeName,
  conditions: { ready: isReady, serving: isReady || serving, terminating: !isReady },
});

const distinct = (seeds: readonly EndpointSeed[]): readonly EndpointSeed[] => [
  ...new Map(seeds.map((seed) => [seed.address, seed])).values(),
];

test('a traced packet reaches a ready endpoint', () => {
  fc.assert(
    fc.property(
      fc.array(endpointArbitrary, { maxLength: 6 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      fc.constantFrom('10.244.9.9', '198.51.100.1', nodeAddress),
      fc.boolean(),
      (seeds, rolls, source, byNodePort) => {
        const endpoints = distinct(seeds);
        const spec = {
          type: 'NodePort' as const,
          ports: [{ name: 'web', port: 80, nodePort: 30080, protocol: 'TCP' as const }],
        };
        const text = rulesFor(
          [serviceOf({ name: 'web', spec })],
          [sliceOf('web', endpoints.map(endpointOf))],
        );
        const target = byNodePort ? { destination: nodeAddress, port: 30080 } : {};
        const verdict = trace(text, { source, ...target }, (probability) => {
          const roll = rolls.next();
          return roll.done !== true && roll.value < probability;
        });
        const readyOnes = endpoints.filter((one) => one.ready);
        const fallback = endpoints.filter((one) => !one.ready && one.serving);
        const allowed = (readyOnes.length > 0 ? readyOnes : fallback).map(
          (one) => `${one.address}:8080`,
        );
        if (allowed.length === 0) assert.equal(verdict.outcome, 'refused');
        else assert.ok(allowed.includes(verdict.destination), verdict.destination);
      },
    ),
  );
});

/** Applies restore text to chains as the kernel does; `-D` of a rule that is not there fails. */
function applyTo(chains: Map<string, string[]>, text: string): void {
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    else if (line.startsWith(':')) chains.set(`${table} ${line.slice(1).split(' ')[0] ?? ''}`, []);
    else if (line.startsWith('-')) {
      const [verb = '', chain = ''] = line.split(' ');
      const rule = line.slice(verb.length + chain.length + 2);
      const key = `${table} ${chain}`;
      const rules = chains.get(key) ?? [];
      if (verb === '-A') rules.push(rule);
      if (verb === '-I') rules.unshift(rule);
      if (verb === '-D') {
        assert.ok(rules.includes(rule), `${key} has no ${rule}`);
        rules.splice(rules.indexOf(rule), 1);
      }
      if (verb === '-X') {
        for (const [other, lines] of chains)
          assert.ok(
            !lines.some((one) => one.endsWith(`-j ${chain}`)),
            `${other} still uses ${chain}`,
          );
        chains.delete(key);
      } else chains.set(key, rules);
    }
  }
}

const normalised = (chains: ReadonlyMap<string, readonly string[]>): unknown =>
  [...chains].map(([chain, rules]) => [chain, [...rules].sort()] as const).sort();

test('writing what changed gives the rules that writing everything gives', () => {
  const seed = fc.record({
    endpoints: fc.array(endpointArbitrary, { maxLength: 4 }),
    nodePort: fc.option(fc.constantFrom(30080, 30081), { nil: undefined }),
    local: fc.boolean(),
    exists: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(seed, seed), { minLength: 1, maxLength: 5 }), (states) => {
      const rules = states.map((pair) =>
        pair.map(({ endpoints, nodePort, local, exists }, at) => {
          if (!exists) return undefined;
          const service = serviceOf({
            name: `s${at}`,
            spec: {
              clusterIP: `10.96.0.${at + 1}`,
              type: nodePort === undefined ? 'ClusterIP' : 'NodePort',
              externalTrafficPolicy: local ? 'Local' : 'Cluster',
              ports: [
                {
                  name: 'web',
                  port: 80,
                  nodePort: nodePort === undefined ? 0 : nodePort + at * 10,
                  protocol: 'TCP',
                },
              ],
            },
          });
          return serviceRules(
            service,
            [sliceOf(`s${at}`, distinct(endpoints).map(endpointOf))],
            node,
          );
        }),
      );
      const wantedAt = (at: number) =>
        new Map((rules[at] ?? []).flatMap((one, i) => (one === undefined ? [] : [[`s${i}`, one]])));
      const chains = new Map<string, string[]>();
      applyTo(chains, fullRestore(wantedAt(0)).join(''));
      for (let at = 1; at < rules.length; at++)
        applyTo(
          chains,
          deltaRestore([0, 1].map((i) => ({ before: rules[at - 1]?.[i], after: rules[at]?.[i] }))),
        );
      const fresh = new Map<string, string[]>();
      applyTo(fresh, fullRestore(wantedAt(rules.length - 1)).join(''));
      assert.deepEqual(normalised(chains), normalised(fresh));
      assert.match(chains.get('nat KUBE-SERVICES')?.at(-1) ?? '', /-j KUBE-NODEPORTS$/);
    }),
    { numRuns: propertyRuns(30) },
  );
});

test('a change of endpoints leaves shared chains and other services alone', () => {
  const service = serviceOf({ name: 'web', spec: {} });
  const before = serviceRules(service, [sliceOf('web', [ready('10.244.1.1')])], node);
  const after = serviceRules(
    service,
    [sliceOf('web', [ready('10.244.1.1'), ready('10.244.1.2')])],
    node,
  );
  const text = deltaRestore([{ before, after }]);
  assert.doesNotMatch(text, /KUBE-SERVICES|filter/);
  assert.equal(deltaRestore([{ before: after, after }]), '');
});

test('a full write removes stale chains and adds only missing jumps', () => {
  const kernel = parseSaved(
    [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':KUBE-SEP-AAAAAAAAAAAAAAAA - [0:0]',
      ':KUBE-OTHER - [0:0]',
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A KUBE-SERVICES -j KUBE-NODEPORTS',
      'COMMIT',
    ].join('\n'),
  );
  const text = fullRestore(new Map(), kernel).join('');
  assert.match(text, /-X KUBE-SEP-AAAAAAAAAAAAAAAA/);
  assert.doesNotMatch(text, /KUBE-OTHER|-I PREROUTING/);
  assert.match(text, /-I OUTPUT .*-j KUBE-SERVICES/);
  const cleanup = cleanupRestore(kernel);
  assert.match(cleanup, /-D PREROUTING/);
  assert.doesNotMatch(cleanup, /KUBE-OTHER/);
});

test('UDP flows to endpoints that went are forgotten', () => {
  const service = serviceOf({
    name: 'dns',
    spec: { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
  });
  const port = { name: 'dns', port: 53, protocol: 'UDP' };
  const rulesOf = (...addresses: string[]) =>
    serviceRules(
      service,
      [
        sliceOf(
          'dns',
          addresses.map((one) => ready(one)),
          port,
        ),
      ],
      node,
    );
  const flows = (before: readonly string[], after: readonly string[]) =>
    staleFlows([{ before: rulesOf(...before), after: rulesOf(...after) }]).map((args) =>
      args.join(' '),
    );
  assert.deepEqual(flows(['10.244.1.1', '10.244.1.2'], ['10.244.1.2']), [
    '-D -p udp --orig-dst 10.96.0.1 --dst-nat 10.244.1.1',
  ]);
  assert.deepEqual(flows([], ['10.244.1.2']), ['-D -p udp --orig-dst 10.96.0.1']);
  assert.deepEqual(flows(['10.244.1.2'], ['10.244.1.2']), []);
});

test('many services are written in several transactions that each leave rules that work', () => {
  const services = Array.from({ length: 600 }, (_, at) =>
    serviceOf({
      name: `s${at}`,
      spec: { clusterIP: `10.97.${Math.floor(at / 250)}.${at % 250}` },
    }),
  );
  const slices = services.map(({ metadata }) => sliceOf(metadata.name, [ready('10.244.1.1')]));
  const writes = fullRestore(ruleset(services, slices, node));
  assert.ok(writes.length > 3);
  const chains = new Map<string, string[]>();
  for (const text of writes) {
    applyTo(chains, text);
    for (const [chain, rules] of chains)
      for (const rule of rules) {
        const target = / -j (KUBE-[A-Z0-9-]+)$/.exec(` ${rule}`)?.[1];
        const table = chain.split(' ')[0] ?? '';
        assert.ok(target === undefined || chains.has(`${table} ${target}`), `${chain}: ${rule}`);
      }
  }
  const text = writes.join('');
  assert.equal(trace(text, { destination: '10.97.2.99' }).destination, '10.244.1.1:8080');
});
