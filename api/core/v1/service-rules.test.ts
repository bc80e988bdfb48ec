import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, storedAs } from '../../schema/drafts.test.js';

import { services } from './service.js';
import type { Service, ServiceSpec } from './types.js';

const service = (spec: object): Service =>
  created(services, { spec: { ports: [{ port: 80 }], ...spec } });

const refused: readonly (readonly [spec: object, expected: readonly string[]])[] = [
  [
    { ports: [{ port: 80 }, { port: 80, name: 'b' }] },
    ['spec.ports[0].name: Required value', 'spec.ports[1]: Duplicate value: {…}'],
  ],
  [
    {
      type: 'LoadBalancer',
      loadBalancerSourceRanges: [' 10.0.0.0/8 ', '10.0.0.1/8', '010.0.0.0/8'],
    },
    [
      'spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      'spec.LoadBalancerSourceRanges[2]: Invalid value: "010.0.0.0/8": must not have leading 0s in IP or prefix length',
    ],
  ],
  [
    { externalIPs: ['x', '127.0.0.1'] },
    [
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    { type: 'NodePort', externalTrafficPolicy: 'Nobody' },
    [
      'spec.externalTrafficPolicy: Unsupported value: "Nobody": supported values: "Cluster", "Local"',
    ],
  ],
  [
    { clusterIP: 'None', clusterIPs: ['None', '10.96.0.5'] },
    [
      'spec.clusterIPs: Invalid value: ["None","10.96.0.5"]: \'None\' must be the first and only value',
    ],
  ],
  [
    {
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5', '10.96.0.6'],
      ipFamilyPolicy: 'RequireDualStack',
    },
    [
      'spec.clusterIPs: Invalid value: ["10.96.0.5","10.96.0.6"]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    { loadBalancerClass: 'a b' },
    ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  ],
  [
    { trafficDistribution: 'Far' },
    [
      'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
    ],
  ],
];

test('Services are refused where and as Kubernetes does', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(services.validate(service(spec))), expected, JSON.stringify(spec));
  }
});

test('annotations of a Service do not contradict each other or its type', () => {
  const annotations = {
    'service.kubernetes.io/topology-aware-hints': 'Auto',
    'service.kubernetes.io/topology-mode': 'None',
    'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, x',
  };
  const draft = created(services, { spec: { ports: [{ port: 80 }] } }, { annotations });
  assert.deepEqual(refusals(services.validate(draft)), [
    'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "None": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
    "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'",
    'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ]);
});

test('addresses and ranges that are stored may stay as they are written', () => {
  const stored = storedAs(
    service({
      type: 'LoadBalancer',
      externalIPs: ['010.0.0.1'],
      loadBalancerSourceRanges: ['10.0.0.1/8'],
    }),
  );
  assert.deepEqual(services.validate(changed(stored, {}), stored), []);
});

const dual: Partial<ServiceSpec> = {
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5', 'fd00::5'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'RequireDualStack',
};
const single: Partial<ServiceSpec> = {
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
};

const updates: readonly (readonly [
  before: Partial<ServiceSpec>,
  after: Partial<ServiceSpec>,
  expected: readonly string[],
])[] = [
  [single, dual, []],
  [dual, single, []],
  [
    dual,
    { ...single, ipFamilyPolicy: 'PreferDualStack' },
    [
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP',
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily',
    ],
  ],
  [
    single,
    { ...single, clusterIP: '10.96.0.6', clusterIPs: ['10.96.0.6'] },
    ['spec.clusterIPs[0]: Invalid value: ["10.96.0.6"]: may not change once set'],
  ],
  [
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30000 },
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30001 },
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
];

test('a Service keeps its first address and family, and the port of its health check', () => {
  for (const [before, after, expected] of updates) {
    const stored = storedAs(service({ ...before }));
    assert.deepEqual(
      refusals(services.validateUpdate?.(changed(stored, after), stored)),
      expected,
      JSON.stringify(after),
    );
  }
});
