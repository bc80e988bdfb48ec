import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Service, ServiceSpec } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { ServiceAddresses } from './service-addresses.js';

const make = (serviceCidr = '10.96.0.0/12'): ServiceAddresses =>
  new ServiceAddresses({ serviceCidr, random: systemRandom });

let made = 0;
const service = (spec: ServiceSpec): Service => {
  made += 1;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `s${String(made)}`,
      namespace: 'n',
      uid: String(made),
      creationTimestamp: '',
      resourceVersion: '',
    },
    spec: { ...spec, ...(spec.clusterIP === undefined ? {} : { clusterIPs: [spec.clusterIP] }) },
    status: {},
  };
};

const reserve = (addresses: ServiceAddresses, draft: Service) =>
  addresses.hooks.reserveForCreate?.(draft, false);

test('an address asked for is given once, and again after the service is gone', () => {
  const addresses = make();
  const first = service({ clusterIP: '10.96.0.10', ports: [{ port: 53 }] });
  reserve(addresses, first)?.commit();
  const second = (): Service => service({ clusterIP: '10.96.0.10', ports: [{ port: 53 }] });
  assert.throws(
    () => reserve(addresses, second()),
    (error) => hasReason(error, 'Invalid') && String(error).includes('already allocated'),
  );
  addresses.hooks.deleted?.(first);
  assert.doesNotThrow(() => reserve(addresses, second()));
});

test('an update takes an address only for a service that had none', () => {
  const addresses = make();
  const asked = { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] };
  reserve(addresses, service({ ...asked, ports: [{ port: 53 }] }))?.commit();
  const update = (before: ServiceSpec): void => {
    const stored = service({ ports: [{ port: 53 }], ...before });
    const draft = { ...stored, spec: { ...stored.spec, type: 'ClusterIP', ...asked } };
    addresses.hooks.reserveForUpdate?.(draft, stored, false);
  };
  assert.doesNotThrow(() => {
    update({ type: 'ClusterIP', clusterIP: '10.96.0.11', clusterIPs: ['10.96.0.11'] });
  });
  assert.throws(() => {
    update({ type: 'ExternalName', externalName: 'a.example' });
  }, /provided IP is already allocated/);
});

test('what was reserved for a write that failed is free again', () => {
  const addresses = make('10.0.0.0/30');
  const draft = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    delete draft.spec.clusterIP;
    delete draft.spec.clusterIPs;
    reserve(addresses, draft)?.release();
  }
  const other = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] });
  assert.doesNotThrow(() => reserve(addresses, other));
});

test('a stored service holds its numbers after a restart', () => {
  const addresses = make();
  addresses.restore(service({ clusterIP: '10.96.0.1', ports: [{ port: 443, nodePort: 30443 }] }));
  const taken = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30443 }] });
  assert.throws(() => reserve(addresses, taken), /provided port is already allocated/);
});

test('chosen numbers are never given twice, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 200 }), (steps) => {
      const addresses = make('10.0.0.0/26');
      const held = new Map<string, Service>();
      for (const step of steps) {
        const [oldest] = held.values();
        if (step === 0 && oldest !== undefined) {
          held.delete(oldest.spec.clusterIP ?? '');
          addresses.hooks.deleted?.(oldest);
          continue;
        }
        if (held.size >= 60) continue;
        const draft = service({ ports: [{ port: 80 }] });
        reserve(addresses, draft)?.commit();
        assert.equal(held.has(draft.spec.clusterIP ?? ''), false);
        held.set(draft.spec.clusterIP ?? '', draft);
      }
    }),
  );
});

test('a family that the cluster has no addresses of is refused, except where nobody needs one', () => {
  const addresses = make();
  const ports = [{ port: 80 }];
  const selector = { app: 'a' };
  const cases: readonly (readonly [ServiceSpec, RegExp | undefined])[] = [
    [
      { ports, ipFamilies: ['IPv6'] },
      /spec\.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster/,
    ],
    [
      { ports, ipFamilyPolicy: 'RequireDualStack' },
      /spec\.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack/,
    ],
    [{ ports, selector, clusterIP: 'None', ipFamilies: ['IPv4', 'IPv6'] }, /not configured/],
    [{ ports, clusterIP: 'None', ipFamilies: ['IPv4', 'IPv6'] }, undefined],
    [{ ports, ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4'] }, undefined],
    [{ ports, clusterIP: '10.200.0.5' }, /the provided network does not match the current range/],
  ];
  for (const [spec, refusal] of cases) {
    const write = () => reserve(addresses, service(spec));
    if (refusal === undefined) assert.doesNotThrow(write);
    else assert.throws(write, refusal);
  }
});

const external = (spec: ServiceSpec): Service =>
  service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...spec });

test('a balancer without ports of its own still has one for its health and those it names', () => {
  const addresses = make();
  const draft = external({
    allocateLoadBalancerNodePorts: false,
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 81, nodePort: 30081 },
    ],
  });
  reserve(addresses, draft)?.commit();
  assert.deepEqual(
    draft.spec.ports?.map(({ nodePort }) => nodePort),
    [undefined, 30081],
  );
  assert.ok((draft.spec.healthCheckNodePort ?? 0) >= 30_000);
  const other = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30081 }] });
  assert.throws(() => reserve(addresses, other), /provided port is already allocated/);
});

test("a port of the nodes is one service's, whatever the protocol", () => {
  const addresses = make();
  const both = service({
    type: 'NodePort',
    ports: [
      { name: 'u', port: 53, protocol: 'UDP' },
      { name: 't', port: 53, protocol: 'TCP', nodePort: 30053 },
    ],
  });
  reserve(addresses, both)?.commit();
  assert.deepEqual(
    both.spec.ports?.map(({ nodePort }) => nodePort),
    [30053, 30053],
  );
  const other = service({
    type: 'NodePort',
    ports: [{ port: 80, protocol: 'SCTP', nodePort: 30053 }],
  });
  assert.throws(() => reserve(addresses, other), /provided port is already allocated/);
});
