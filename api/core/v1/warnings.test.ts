import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created } from '../../schema/drafts.test.js';
import { ingresses } from '../../networking/v1/ingress.js';
import { persistentVolumeClaims } from './persistent-volume-claim.js';
import { persistentVolumes } from './persistent-volume.js';
import { pods } from './pod/pod.js';
import { services } from './service.js';

type Cases = readonly (readonly [object, readonly string[]])[];

const podWarnings = (
  spec: object,
  annotations: Record<string, string> = {},
): readonly string[] | undefined => {
  const pod = created(
    pods,
    { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } },
    { annotations },
  );
  return pods.strategy.warnings?.(pod, undefined);
};

const withContainer = (container: object): object => ({
  containers: [{ name: 'c', image: 'i', ...container }],
});
const port = (more: object = {}): object => ({ containerPort: 80, ...more });
const term = { topologyKey: 'k' };

const podCases: Cases = [
  [{}, []],
  [
    withContainer({ resources: { limits: { memory: '100m', cpu: '100m' } } }),
    [
      'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
      'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
    ],
  ],
  [
    withContainer({
      env: [
        { name: 'A', value: 'x' },
        { name: 'A', value: '$(A)y' },
        { name: 'A', value: '$(A)' },
      ],
    }),
    [
      'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
    ],
  ],
  [
    withContainer({ ports: [port(), port()] }),
    ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
  ],
  [
    withContainer({ ports: [port({ hostPort: 80 }), port()] }),
    ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
  ],
  [
    withContainer({ ports: [port({ hostPort: 80 }), port({ hostPort: 80, hostIP: '1.1.1.1' })] }),
    [
      'spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]',
    ],
  ],
  [
    withContainer({ ports: [port({ hostIP: '1.1.1.1' })] }),
    [
      'spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.1.1.1}',
    ],
  ],
  [
    { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
  ],
  [
    { topologySpreadConstraints: [{ ...term, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] },
    [
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
    [
      'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    { imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] },
    [
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    { hostAliases: [{ ip: '::1' }, { ip: '::1' }, { ip: '0::1' }] },
    [
      'spec.hostAliases[1].ip: duplicate ip "::1"',
      'spec.hostAliases[2].ip: IPv6 address "0::1" should be in RFC 5952 canonical format ("::1")',
    ],
  ],
];

test('pods are created with the warnings of Kubernetes', () => {
  for (const [spec, expected] of podCases) {
    assert.deepEqual(podWarnings(spec), expected, JSON.stringify(spec));
  }
});

test('the warnings for a pod come in the order of Kubernetes', () => {
  const amount = { memory: '100m', 'ephemeral-storage': '100m' };
  const spec = {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    dnsConfig: { nameservers: ['0::1'] },
    imagePullSecrets: [{}],
    terminationGracePeriodSeconds: -1,
    ...withContainer({ resources: { limits: amount }, ports: [port(), port()] }),
  };
  const old = {
    'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
    'container.seccomp.security.alpha.kubernetes.io/c': 'runtime/default',
    'scheduler.alpha.kubernetes.io/critical-pod': '',
  };
  const places = (podWarnings(spec, old) ?? []).map((text) => text.replace(/: .*/, ''));
  assert.deepEqual(places, [
    'spec.nodeSelector[beta.kubernetes.io/os]',
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]',
    'spec.imagePullSecrets[0].name',
    'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]',
    'metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]',
    'spec.containers[0].resources.limits[memory]',
    'spec.containers[0].resources.requests[memory]',
    'spec.containers[0].resources.limits[ephemeral-storage]',
    'spec.containers[0].resources.requests[ephemeral-storage]',
    'spec.containers[0].ports[1]',
    'spec.terminationGracePeriodSeconds',
    'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector',
    'spec.dnsConfig.nameservers[0]',
  ]);
});

test('annotations that a field has replaced are told of where the field is not set', () => {
  const annotations = {
    'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
    'container.apparmor.security.beta.kubernetes.io/c': 'runtime/default',
  };
  assert.deepEqual(podWarnings({}, annotations), [
    'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead',
    'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead',
  ]);
  const profile = { type: 'RuntimeDefault' };
  const securityContext = { seccompProfile: profile, appArmorProfile: profile };
  assert.deepEqual(podWarnings({ securityContext }, annotations), []);
});

test('volumes that make several files of one path are told of', () => {
  const items = (...paths: readonly string[]) => paths.map((path) => ({ key: 'k', path }));
  const volumes = [
    { name: 'a', configMap: { name: 'm', items: items('x', 'x/y', 'z') } },
    {
      name: 'b',
      projected: {
        sources: [
          { secret: { name: 's', items: items('token') } },
          { serviceAccountToken: { path: 'token' } },
          {},
        ],
      },
    },
    { name: 'c', secret: { secretName: 's', items: items('p', 'q') } },
  ];
  assert.deepEqual(podWarnings({ volumes }), [
    'volume "a" (ConfigMap "m"): overlapping paths: "x/y" with "x"',
    'volume "b" (Projected ServiceAccountToken): overlapping paths: "token" with "token"',
    'volume "b" (Projected) has no sources provided',
  ]);
});

test('volumes and claims are created with the warnings of Kubernetes', () => {
  const annotations = { 'volume.beta.kubernetes.io/storage-class': 'x' };
  const deprecated =
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead';
  const amount = { storage: '1500m' };
  const volume = created(
    persistentVolumes,
    { spec: { capacity: amount, persistentVolumeReclaimPolicy: 'Recycle' } },
    { annotations },
  );
  assert.deepEqual(persistentVolumes.strategy.warnings?.(volume, undefined), [
    deprecated,
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.capacity[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
  const claim = created(
    persistentVolumeClaims,
    { spec: { resources: { requests: amount } } },
    { annotations },
  );
  assert.deepEqual(persistentVolumeClaims.strategy.warnings?.(claim, undefined), [
    deprecated,
    'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
  ]);
});

const serviceCases: Cases = [
  [
    { externalIPs: ['1.1.1.1'] },
    ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'],
  ],
  [
    { clusterIP: 'None', externalIPs: ['1.1.1.1'] },
    ['spec.externalIPs is ignored for headless services'],
  ],
  [
    { trafficDistribution: 'PreferClose' },
    ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ],
  [{ externalName: 'a.b' }, ['spec.externalName is ignored when spec.type is not "ExternalName"']],
  [
    { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.1/8'] },
    [
      'spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
    ],
  ],
];

test('services are written with the warnings of Kubernetes', () => {
  for (const [spec, expected] of serviceCases) {
    const service = created(services, { spec: { ports: [{ port: 80 }], ...spec } });
    const warnings = services.strategy.warnings?.(service, undefined);
    assert.deepEqual(warnings, expected, JSON.stringify(spec));
  }
});

test('a new ingress with the annotation of old is told of the field', () => {
  const ingress = created(ingresses, {}, { annotations: { 'kubernetes.io/ingress.class': 'x' } });
  const text = `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`;
  assert.deepEqual(ingresses.strategy.warnings?.(ingress, undefined), [text]);
  assert.deepEqual(ingresses.strategy.warnings(ingress, ingress), []);
});
