import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../validation/field-error.js';
import { familyErrors } from './service-families.js';
import { services } from './service.js';
import type { Service, ServiceSpec } from './types.js';
import { validateServiceStatus } from './service-validation.js';

const now = Date.parse('2026-01-02T03:04:05Z');

const service = (spec: ServiceSpec): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-02T03:03:05Z',
  },
  spec: structuredClone(spec),
  status: {},
});

function created(spec: ServiceSpec): Service {
  const draft = service(spec);
  services.defaults?.(draft);
  services.strategy.prepareForCreate?.(draft, now);
  return draft;
}

function updated(stored: Service, change: Partial<ServiceSpec>): Service {
  const draft = service({ ...stored.spec, ...change });
  services.defaults?.(draft);
  services.strategy.prepareForUpdate?.(draft, stored, now);
  return draft;
}

/** A stored Service as the server's allocators leave it. */
function stored(spec: ServiceSpec): Service {
  const object = created(spec);
  object.spec.clusterIP = '10.96.0.7';
  object.spec.clusterIPs = ['10.96.0.7'];
  object.spec.ports?.forEach((port, at) => {
    if (object.spec.type !== 'ClusterIP') port.nodePort = 30_000 + at;
  });
  return object;
}

const texts = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);
const summary = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, reason }) => `${field} ${reason}`);

test('service gets the defaults of a cluster-internal address', () => {
  assert.deepEqual(created({ ports: [{ port: 80 }] }).spec, {
    ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
  });
});

test('service with client affinity gets a timeout, without it loses the settings', () => {
  const sticky = created({ ports: [{ port: 80 }], sessionAffinity: 'ClientIP' });
  assert.deepEqual(sticky.spec.sessionAffinityConfig, { clientIP: { timeoutSeconds: 10_800 } });
  const loose = created({
    ports: [{ port: 80 }],
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } },
  });
  assert.equal(loose.spec.sessionAffinityConfig, undefined);
});

test('headless service without a selector takes both IP families', () => {
  const { spec } = created({ clusterIP: 'None' });
  assert.deepEqual(spec.clusterIPs, ['None']);
  assert.deepEqual([spec.ipFamilyPolicy, spec.ipFamilies], ['RequireDualStack', ['IPv4', 'IPv6']]);
  assert.deepEqual(services.validate(created({ clusterIP: 'None' })), []);
});

const refused: readonly { name: string; spec: ServiceSpec; errors: string[] }[] = [
  { name: 'without ports', spec: {}, errors: ['spec.ports FieldValueRequired'] },
  {
    name: 'with two ports of which one has no name',
    spec: { ports: [{ port: 80, name: 'a' }, { port: 81 }] },
    errors: ['spec.ports[1].name FieldValueRequired'],
  },
  {
    name: 'with the same port and name twice',
    spec: {
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'a' },
      ],
    },
    errors: ['spec.ports[1].name FieldValueDuplicate', 'spec.ports[1] FieldValueDuplicate'],
  },
  {
    name: 'with a port that is none',
    spec: { ports: [{ port: 70_000, targetPort: 'no_name' }] },
    errors: ['spec.ports[0].port FieldValueInvalid', 'spec.ports[0].targetPort FieldValueInvalid'],
  },
  {
    name: 'with a node port but no NodePort type',
    spec: { ports: [{ port: 80, nodePort: 30_999 }] },
    errors: ['spec.ports[0].nodePort FieldValueForbidden'],
  },
  {
    name: 'that is headless and a NodePort',
    spec: { type: 'NodePort', clusterIP: 'None', ports: [{ port: 80 }] },
    errors: ['spec.clusterIPs[0] FieldValueInvalid'],
  },
  {
    name: 'of type ExternalName with an address and without a name',
    spec: { type: 'ExternalName', clusterIP: '10.96.0.9' },
    errors: ['spec.clusterIPs FieldValueForbidden', 'spec.externalName FieldValueRequired'],
  },
  {
    name: 'with a loopback external address',
    spec: { ports: [{ port: 80 }], externalIPs: ['127.0.0.1'] },
    errors: ['spec.externalIPs[0] FieldValueInvalid'],
  },
  {
    name: 'with two addresses of one family',
    spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', '10.96.0.2'] },
    errors: ['spec.ipFamilyPolicy FieldValueInvalid', 'spec.clusterIPs FieldValueInvalid'],
  },
  {
    name: 'whose address is of another family than it says',
    spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.1', ipFamilies: ['IPv6'] },
    errors: ['spec.clusterIPs[0] FieldValueInvalid'],
  },
];

for (const { name, spec, errors } of refused) {
  test(`service ${name} is refused`, () => {
    assert.deepEqual(summary(services.validate(created(spec))), errors);
  });
}

test('service keeps its address and node ports where a client leaves them out', () => {
  const before = stored({ type: 'NodePort', ports: [{ port: 80 }] });
  const after = updated(before, {
    clusterIP: undefined,
    clusterIPs: undefined,
    ports: [{ port: 80, targetPort: 8080 }],
  });
  assert.equal(after.spec.clusterIP, '10.96.0.7');
  assert.equal(after.spec.ports?.[0]?.nodePort, 30_000);
  assert.deepEqual(services.validate(after), []);
  assert.deepEqual(services.validateUpdate?.(after, before), []);
});

test('service drops what its new type has no use for', () => {
  const before = stored({ type: 'NodePort', ports: [{ port: 80 }] });
  const inside = updated(before, { type: 'ClusterIP' });
  assert.equal(inside.spec.ports?.[0]?.nodePort, undefined);
  assert.equal(inside.spec.externalTrafficPolicy, undefined);
  const alias = updated(before, { type: 'ExternalName', externalName: 'a.example.com' });
  assert.equal(alias.spec.clusterIP, undefined);
  assert.deepEqual(services.validate(alias), []);
});

test('service may not change its address', () => {
  const before = stored({ ports: [{ port: 80 }] });
  for (const clusterIP of ['10.96.55.5', 'None']) {
    const after = updated(before, { clusterIP });
    assert.deepEqual(summary(services.validateUpdate?.(after, before) ?? []), [
      'spec.clusterIPs[0] FieldValueInvalid',
    ]);
  }
});

test('service keeps node ports by the names of its ports', () => {
  const before = stored({
    type: 'NodePort',
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ],
  });
  const after = updated(before, {
    ports: [
      { name: 'b', port: 8081 },
      { name: 'c', port: 80 },
    ],
  });
  assert.deepEqual(
    after.spec.ports?.map(({ nodePort }) => nodePort),
    [30_001, undefined],
  );
});

test('service says what is wrong with another address where only the one field is sent', () => {
  const before = stored({ ports: [{ port: 80 }] });
  const after = updated(before, { clusterIP: '10.96.55.5', clusterIPs: undefined });
  assert.deepEqual(after.spec.clusterIPs, ['10.96.55.5']);
  assert.deepEqual(summary(services.validate(after)), []);
});

test('balancer keeps the node ports it has when it is to get no more', () => {
  const before = stored({ type: 'LoadBalancer', ports: [{ port: 80 }] });
  const after = updated(before, { allocateLoadBalancerNodePorts: false });
  assert.equal(after.spec.ports?.[0]?.nodePort, 30_000);
  const without = updated(before, {
    allocateLoadBalancerNodePorts: false,
    ports: [{ port: 80 }],
  });
  assert.equal(without.spec.ports?.[0]?.nodePort, undefined);
});

test('service that is no balancer any more forgets what the balancer said', () => {
  const before = stored({ type: 'LoadBalancer', ports: [{ port: 80 }] });
  before.status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  const draft = service({ ...before.spec, type: 'ClusterIP' });
  draft.status = before.status;
  services.strategy.prepareForUpdate?.(draft, before, now);
  assert.deepEqual(draft.status, { loadBalancer: {} });
  assert.equal(before.status.loadBalancer?.ingress?.length, 1);
});

test('service gives up its second family by asking for one', () => {
  const before = created({ clusterIP: 'None' });
  const after = updated(before, { ipFamilyPolicy: 'SingleStack' });
  assert.deepEqual(after.spec.ipFamilies, ['IPv4']);
  assert.deepEqual(before.spec.ipFamilies, ['IPv4', 'IPv6']);
  const silent = updated(before, { ipFamilies: ['IPv4'] });
  assert.deepEqual(texts(familyErrors(silent.spec, before.spec)), [
    'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family',
  ]);
  const one = created({ clusterIP: 'None', ipFamilies: ['IPv6'] });
  assert.deepEqual(one.spec.ipFamilies, ['IPv6', 'IPv4']);
});

test('service may not have families that the cluster has no addresses of', () => {
  const ports = [{ port: 80 }];
  const refusals = (spec: ServiceSpec) => texts(familyErrors(created(spec).spec));
  assert.deepEqual(refusals({ ports, clusterIP: 'fd00::5' }), [
    'spec.clusterIPs[0]: Invalid value: ["fd00::5"]: IPv6 is not configured on this cluster',
  ]);
  assert.deepEqual(refusals({ ports, ipFamilies: ['IPv4', 'IPv6'] }), [
    "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple 'ipFamilies' are specified",
  ]);
  assert.deepEqual(refusals({ ports, ipFamilyPolicy: 'PreferDualStack' }), []);
});

const cells = (object: Service): unknown[] =>
  services.columns?.map((column) => column.cell(object, now)) ?? [];

test('service is listed like kubectl lists it', () => {
  assert.deepEqual(
    cells(stored({ type: 'NodePort', ports: [{ port: 80 }], selector: { b: '2', a: '1' } })),
    ['web', 'NodePort', '10.96.0.7', '<none>', '80:30000/TCP', '60s', 'a=1,b=2'],
  );
  const alias = created({ type: 'ExternalName', externalName: 'x.example.com' });
  assert.deepEqual(cells(alias), [
    'web',
    'ExternalName',
    '<none>',
    'x.example.com',
    '<none>',
    '60s',
    '<none>',
  ]);
  const balancer = stored({ type: 'LoadBalancer', ports: [{ port: 80 }] });
  assert.equal(cells(balancer)[3], '<pending>');
  balancer.status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  assert.equal(cells(balancer)[3], '192.0.2.1');
});

test('what a load balancer says of itself is checked', () => {
  const cases: readonly (readonly [object, string | undefined])[] = [
    [{ ip: '192.0.2.1', ipMode: 'VIP' }, undefined],
    [{ hostname: 'a.example' }, undefined],
    [
      { ip: 'x', ipMode: 'VIP' },
      '[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [{ ip: '192.0.2.1' }, '[0].ipMode: Required value: must be specified when `ip` is set'],
    [
      { ip: '192.0.2.1', ipMode: 'X' },
      '[0].ipMode: Unsupported value: "X": supported values: "Proxy", "VIP"',
    ],
    [
      { hostname: 'a', ipMode: 'VIP' },
      '[0].ipMode: Forbidden: may not be specified when `ip` is not set',
    ],
    [
      { hostname: '1.1.1.1' },
      '[0].hostname: Invalid value: "1.1.1.1": must be a DNS name, not an IP address',
    ],
  ];
  for (const [address, expected] of cases) {
    const service = stored({ type: 'LoadBalancer', ports: [{ port: 80 }] });
    service.status = { loadBalancer: { ingress: [address] } };
    const found = validateServiceStatus(service).map(
      ({ field, message }) => `${field}: ${message}`,
    );
    const field = 'status.loadBalancer.ingress';
    assert.deepEqual(found, expected === undefined ? [] : [`${field}${expected}`]);
  }
  const inner = stored({ ports: [{ port: 80 }] });
  inner.status = { loadBalancer: { ingress: [{ hostname: 'a' }] } };
  assert.match(validateServiceStatus(inner)[0]?.message ?? '', /may only be used when `spec.type`/);
});
