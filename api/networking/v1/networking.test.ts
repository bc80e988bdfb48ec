import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { ingressClasses } from './ingress-class.js';
import { ingresses } from './ingress.js';
import { ipAddresses } from './ip-address.js';
import { networkPolicies } from './network-policy.js';
import { serviceCidrs } from './service-cidr.js';
import type {
  HTTPIngressPath,
  Ingress,
  IngressClass,
  IngressSpec,
  IPAddress,
  NetworkPolicy,
  NetworkPolicySpec,
  ServiceCIDR,
} from './types.js';

const metadata = (): ObjectMeta => ({
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:03:05Z',
});
const texts = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const apiVersion = 'networking.k8s.io/v1';

function ingress(spec: IngressSpec, annotations?: Record<string, string>): Ingress {
  const object: Ingress = {
    apiVersion,
    kind: 'Ingress',
    metadata: { ...metadata(), ...(annotations === undefined ? {} : { annotations }) },
    spec,
    status: {},
  };
  ingresses.defaults?.(object);
  return object;
}

const backend = (): HTTPIngressPath['backend'] => ({
  service: { name: 'web', port: { number: 80 } },
});
const withPath = (path: Partial<HTTPIngressPath>): IngressSpec => ({
  rules: [{ http: { paths: [{ pathType: 'Prefix', backend: backend(), ...path }] } }],
});

test('ingress refuses what Kubernetes refuses', () => {
  const path = 'spec.rules[0].http.paths[0]';
  const cases: [IngressSpec, string[]][] = [
    [{}, ['spec: Invalid value: "null": either `defaultBackend` or `rules` must be specified']],
    [
      { rules: [{ host: '1.2.3.4' }] },
      ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
    ],
    [{ rules: [{ http: { paths: [] } }] }, ['spec.rules[0].http.paths: Required value']],
    [
      { rules: [{ http: { paths: [{ backend: backend() } as HTTPIngressPath] } }] },
      [`${path}.pathType: Required value: pathType must be specified`],
    ],
    [withPath({ path: 'a' }), [`${path}.path: Invalid value: "a": must be an absolute path`]],
    [withPath({ path: '/a//b' }), [`${path}.path: Invalid value: "/a//b": must not contain '//'`]],
    [withPath({ path: '/a/..' }), [`${path}.path: Invalid value: "/a/..": cannot end with '/..'`]],
    [withPath({ pathType: 'ImplementationSpecific' }), []],
    [
      withPath({ path: '/', backend: {} }),
      [`${path}.backend: Invalid value: "": resource or service backend is required`],
    ],
    // Services may be called so since 1.34.
    [withPath({ path: '/', backend: { service: { name: '1web', port: { number: 80 } } } }), []],
    [
      withPath({ path: '/', backend: { service: { name: 'web' } } }),
      [`${path}.backend: Required value: port name or number is required`],
    ],
    [
      withPath({ path: '/', backend: { ...backend(), resource: { kind: 'K', name: 'n' } } }),
      [`${path}.backend: Invalid value: "": cannot set both resource and service backends`],
    ],
  ];
  for (const [spec, expected] of cases) {
    assert.deepEqual(texts(ingresses.validate(ingress(spec))), expected);
  }
});

test('ingress contradicting its class annotation is refused only when new', () => {
  const object = ingress(
    { ingressClassName: 'a', ...withPath({ path: '/' }) },
    { 'kubernetes.io/ingress.class': 'b' },
  );
  assert.deepEqual(texts(ingresses.validate(object)), []);
  assert.deepEqual(texts(ingresses.validateCreate?.(object)), [
    'annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified',
  ]);
});

test('ingress status holds addresses and names', () => {
  const object = ingress(withPath({ path: '/' }));
  object.status = { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '1.2.3.4' }] } };
  assert.deepEqual(texts(ingresses.validateStatusUpdate?.(object, object)), [
    'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
  ]);
});

test('ingress shows hosts, address and ports', () => {
  const cells = (object: Ingress): unknown[] =>
    (ingresses.columns ?? []).slice(1, 5).map(({ cell }) => cell(object, 0));
  assert.deepEqual(cells(ingress(withPath({ path: '/' }))), ['<none>', '*', '', '80']);
  const object = ingress({
    ingressClassName: 'c',
    tls: [{}],
    rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })),
  });
  object.status = { loadBalancer: { ingress: [{ ip: '10.0.0.2' }, { hostname: 'lb' }] } };
  assert.deepEqual(cells(object), ['c', 'a,b,c + 1 more...', '10.0.0.2,lb', '80, 443']);
});

function ingressClass(spec: IngressClass['spec']): IngressClass {
  const object: IngressClass = { apiVersion, kind: 'IngressClass', metadata: metadata(), spec };
  ingressClasses.defaults?.(object);
  return object;
}

test('ingress class defaults the scope of its parameters and checks them', () => {
  const object = ingressClass({ controller: 'a.io/b', parameters: { kind: 'K', name: 'n' } });
  assert.equal(object.spec.parameters?.scope, 'Cluster');
  assert.deepEqual(texts(ingressClasses.validate(object)), []);
  const cases: [IngressClass['spec'], string[]][] = [
    [{}, ['spec.controller: Required value']],
    [
      { controller: 'nginx' },
      [
        'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
      ],
    ],
    [
      { controller: 'a.io/b', parameters: { kind: 'K', name: 'n', scope: 'Namespace' } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      { controller: 'a.io/b', parameters: { kind: '', name: 'a/b', scope: 'X' } },
      [
        'spec.parameters.kind: Required value',
        `spec.parameters.name: Invalid value: "a/b": may not contain '/'`,
        'spec.parameters.scope: Unsupported value: "X": supported values: "Cluster", "Namespace"',
      ],
    ],
  ];
  for (const [spec, expected] of cases) {
    assert.deepEqual(texts(ingressClasses.validate(ingressClass(spec))), expected);
  }
});

function policy(spec: NetworkPolicySpec): NetworkPolicy {
  const object: NetworkPolicy = { apiVersion, kind: 'NetworkPolicy', metadata: metadata(), spec };
  networkPolicies.defaults?.(object);
  return object;
}

test('network policy gets its directions and protocols', () => {
  assert.deepEqual(policy({}).spec, { podSelector: {}, policyTypes: ['Ingress'] });
  assert.deepEqual(policy({ egress: [{ ports: [{ port: 53 }] }] }).spec, {
    podSelector: {},
    egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('network policy checks ports, ranges and warns of odd ranges', () => {
  const ports = (port: object): string[] =>
    texts(networkPolicies.validate(policy({ ingress: [{ ports: [port] }] })));
  const at = 'spec.ingress[0].ports[0]';
  assert.deepEqual(ports({ port: 80, endPort: 79 }), [
    `${at}.endPort: Invalid value: 80: must be greater than or equal to \`port\``,
  ]);
  assert.deepEqual(ports({ endPort: 79 }), [
    `${at}.endPort: Invalid value: 79: may not be specified when \`port\` is not specified`,
  ]);
  assert.deepEqual(ports({ port: 'web', endPort: 79 }), [
    `${at}.endPort: Invalid value: 79: may not be specified when \`port\` is non-numeric`,
  ]);
  const odd = policy({ egress: [{ to: [{ ipBlock: { cidr: '10.0.0.7/8' } }] }] });
  assert.deepEqual(texts(networkPolicies.validate(odd)), []);
  assert.deepEqual(networkPolicies.strategy.warnings?.(odd, undefined), [
    'spec.egress[0].to[0].ipBlock.cidr: CIDR value "10.0.0.7/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.7/32"?)',
  ]);
});

test('ip address names its parent and never changes it', () => {
  const address = (parentRef?: IPAddress['spec']['parentRef']): IPAddress => {
    const object = {
      apiVersion,
      kind: 'IPAddress',
      metadata: { ...metadata(), name: '10.96.0.1' },
      spec: parentRef === undefined ? {} : { parentRef },
    } as IPAddress;
    ipAddresses.defaults?.(object);
    return object;
  };
  const parent = { resource: 'services', namespace: 'default', name: 'kubernetes' };
  assert.deepEqual(texts(ipAddresses.validate(address())), ['spec.parentRef: Required value']);
  assert.deepEqual(texts(ipAddresses.validate(address(parent))), []);
  assert.equal(ipAddresses.columns?.[1]?.cell(address(parent), 0), 'services/default/kubernetes');
  assert.equal(
    ipAddresses.validateUpdate?.(address({ ...parent, name: 'b' }), address(parent))[0]?.field,
    'spec.parentRef',
  );
});

test('service cidr holds canonical ranges, one a family, and may only gain a family', () => {
  const cidr = (...cidrs: string[]): ServiceCIDR => {
    const object: ServiceCIDR = {
      apiVersion,
      kind: 'ServiceCIDR',
      metadata: metadata(),
      spec: { cidrs },
      status: {},
    };
    serviceCidrs.defaults?.(object);
    return object;
  };
  const refused = (...cidrs: string[]): string[] => texts(serviceCidrs.validate(cidr(...cidrs)));
  assert.deepEqual(refused(), ['spec.cidrs: Required value: at least one CIDR required']);
  assert.deepEqual(refused('10.0.0.1/24'), [
    'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length',
  ]);
  assert.deepEqual(refused('FD00:0::/64'), [
    'spec.cidrs[0]: Invalid value: "FD00:0::/64": must be in canonical form ("fd00::/64")',
  ]);
  assert.deepEqual(refused('10.0.0.0/24', '10.1.0.0/24'), [
    'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ]);
  const update = (from: ServiceCIDR, to: ServiceCIDR): string[] =>
    texts(serviceCidrs.validateUpdate?.(to, from));
  assert.deepEqual(update(cidr('10.0.0.0/24'), cidr('10.0.0.0/24', 'fd00::/64')), []);
  assert.deepEqual(update(cidr('10.0.0.0/24'), cidr('10.1.0.0/24')), [
    'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable',
  ]);
});
