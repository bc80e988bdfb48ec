import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { FieldError } from '../../../validation/field-error.js';
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from '../types.js';
import { pods } from './pod.js';
import { validatePodResize } from './validate-resize.js';
import { validateEphemeralContainersUpdate } from './validate-update.js';

const now = Date.parse('2026-01-01T00:10:00Z');

const podFrom = (spec: Partial<PodSpec>, status: PodStatus = {}): Pod => {
  const draft: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'a',
      namespace: 'd',
      uid: 'u',
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { containers: [{ name: 'c', image: 'app:1' }], ...spec },
    status,
  };
  pods.defaults?.(draft);
  return draft;
};

const texts = (errors: readonly FieldError[]): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`);

const withContainer = (container: Partial<Container>): Pod =>
  podFrom({ containers: [{ name: 'c', image: 'app:1', ...container }] });

test('pods fill the fields that Kubernetes fills', () => {
  const { spec } = podFrom({
    hostNetwork: true,
    containers: [
      {
        name: 'c',
        image: 'app',
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: '0.5' }, requests: { memory: '1024Mi' } },
        readinessProbe: { httpGet: { port: 80 } },
        env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      },
    ],
    volumes: [{ name: 'v' }, { name: 's', secret: { secretName: 's' } }],
  });
  assert.deepEqual(spec.containers[0], {
    name: 'c',
    image: 'app',
    ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
    resources: { limits: { cpu: '500m' }, requests: { cpu: '500m', memory: '1Gi' } },
    readinessProbe: {
      httpGet: { path: '/', port: 80, scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    env: [{ name: 'N', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
    imagePullPolicy: 'Always',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  assert.deepEqual(spec.volumes, [
    { name: 'v', emptyDir: {} },
    { name: 's', secret: { secretName: 's', defaultMode: 420 } },
  ]);
  assert.equal(spec.dnsPolicy, 'ClusterFirst');
  assert.equal(spec.terminationGracePeriodSeconds, 30);
  assert.equal(spec.enableServiceLinks, true);
  assert.deepEqual(pods.validate(podFrom(spec)), []);
});

test('pods pull what moves always and what is pinned once', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  for (const [image, policy] of [
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['app:1.0', 'IfNotPresent'],
    ['reg.example:5000/app', 'Always'],
    [`app@${digest}`, 'IfNotPresent'],
    [`app:latest@${digest}`, 'Always'],
  ] as const) {
    assert.equal(withContainer({ image }).spec.containers[0]?.imagePullPolicy, policy, image);
  }
});

const refused: readonly (readonly [Partial<PodSpec>, string])[] = [
  [{ containers: [] }, 'spec.containers: Required value'],
  [
    { restartPolicy: 'Sometimes' as 'Never' },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    { dnsPolicy: 'None' },
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  [
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    'spec.tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\'',
  ],
  [
    { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] },
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    { initContainers: [{ name: 'c', image: 'i' }] },
    'spec.initContainers[0].name: Duplicate value: "c"',
  ],
  [
    { activeDeadlineSeconds: 0 },
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  [
    { nodeName: 'n', schedulingGates: [{ name: 'g' }] },
    'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
  ],
  [
    { shareProcessNamespace: true, hostPID: true },
    'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
  ],
  [
    { securityContext: { runAsUser: -1 } },
    'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  [
    {
      topologySpreadConstraints: [
        { maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
      ],
    },
    'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
  ],
];

test('pods refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(texts(pods.validate(podFrom(spec))), [expected]);
  }
});

const refusedContainers: readonly (readonly [Partial<Container>, string])[] = [
  [{ image: '' }, 'image: Required value'],
  [{ livenessProbe: {} }, 'livenessProbe: Required value: must specify a handler type'],
  [
    { livenessProbe: { exec: { command: ['a'] }, successThreshold: 2 } },
    'livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [{ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, 'volumeMounts[0].name: Not found: "v"'],
  [
    { env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }] },
    'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nothing": error converting fieldPath: field label not supported: spec.nothing',
  ],
  [
    { resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } },
    'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    { resources: { requests: { 'example.com/gpu': '1' } } },
    'resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    { ports: [{ containerPort: 70000 }] },
    'ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
];

test('pods refuse malformed containers in the words of Kubernetes', () => {
  for (const [container, expected] of refusedContainers) {
    assert.deepEqual(texts(pods.validate(withContainer(container))), [
      `spec.containers[0].${expected}`,
    ]);
  }
});

test('pods start Pending with their QoS class, and gated ones say so', () => {
  const plain = podFrom({});
  pods.strategy.prepareForCreate?.(plain, now);
  assert.deepEqual(plain.status, { phase: 'Pending', qosClass: 'BestEffort' });
  const gated = podFrom({ schedulingGates: [{ name: 'g' }] });
  pods.strategy.prepareForCreate?.(gated, now);
  assert.equal(gated.status.conditions?.[0]?.reason, 'SchedulingGated');
});

test('pods wait for their agent on delete only where they have one', () => {
  const grace = (pod: Pod, seconds?: number): number | undefined =>
    pods.strategy.deletionGracePeriodSeconds?.(
      pod,
      seconds === undefined ? {} : { gracePeriodSeconds: seconds },
    );
  assert.equal(grace(podFrom({})), 0);
  assert.equal(grace(podFrom({ nodeName: 'n' })), 30);
  assert.equal(grace(podFrom({ nodeName: 'n' }), 5), 5);
  assert.equal(grace(podFrom({ nodeName: 'n' }), -5), 1);
  assert.equal(grace(podFrom({ nodeName: 'n' }, { phase: 'Failed' })), 0);
});

test('pods allow new images and further tolerations, and nothing else', () => {
  const stored = podFrom({ tolerations: [{ key: 'a', operator: 'Exists' }] });
  const updated = (change: (pod: Pod) => void): string[] => {
    const pod = structuredClone(stored);
    change(pod);
    return texts(pods.validateUpdate?.(pod, stored) ?? []);
  };
  assert.deepEqual(
    updated(({ spec }) => {
      spec.containers[0] = { ...spec.containers[0], name: 'c', image: 'app:2' };
      spec.tolerations?.push({ key: 'b', operator: 'Exists' });
      spec.activeDeadlineSeconds = 9;
    }),
    [],
  );
  assert.deepEqual(
    updated(({ spec }) => {
      spec.tolerations = [];
    }),
    [
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
  );
  assert.deepEqual(
    updated(({ spec }) => {
      spec.containers.push({ name: 'd', image: 'x' });
    }),
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  );
  const [frozen = ''] = updated(({ spec }) => {
    spec.hostPID = true;
  });
  assert.match(frozen, /^spec: Forbidden: pod updates may not change fields other than .*image/);
  assert.match(frozen, /changed: spec\.hostPID$/);
});

test('pods that are gated may be narrowed but not moved', () => {
  const stored = podFrom({
    schedulingGates: [{ name: 'g' }],
    nodeSelector: { a: 'b' },
    affinity: { podAffinity: {} },
  });
  const next = structuredClone(stored);
  next.spec.nodeSelector = { a: 'b', c: 'd' };
  next.spec.schedulingGates = [];
  assert.deepEqual(pods.validateUpdate?.(next, stored), []);
  next.spec.nodeSelector = { c: 'd' };
  assert.equal(pods.validateUpdate(next, stored).length, 1);
});

test('ephemeral containers may be added but not changed', () => {
  const stored = podFrom({});
  stored.metadata.resourceVersion = '1';
  const next = structuredClone(stored);
  next.spec.ephemeralContainers = [{ name: 'debug', image: 'busybox:1' }];
  pods.defaults?.(next);
  assert.deepEqual(validateEphemeralContainersUpdate(next, stored), []);
  const changed = structuredClone(next);
  changed.spec.ephemeralContainers = [];
  assert.equal(validateEphemeralContainersUpdate(changed, next).length, 1);
});

test('resizing changes CPU and memory only, within the QoS class', () => {
  const stored = withContainer({ resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } });
  const resized = (resources: Container['resources'], image = 'app:1'): number => {
    const next = structuredClone(stored);
    next.spec.containers[0] = { ...next.spec.containers[0], name: 'c', image, resources };
    return validatePodResize(next, stored).length;
  };
  assert.equal(resized({ requests: { cpu: '1500m' }, limits: { cpu: '2' } }), 0);
  assert.equal(resized({ requests: { cpu: '1' }, limits: { cpu: '2' } }, 'app:2'), 1);
  // Neither requests nor limits may go, and the class would change.
  assert.equal(resized({}), 3);
});

const statusOf = (
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  name: 'c',
  image: 'app:1',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const done = { terminated: { exitCode: 0, reason: 'Completed' } };
const crashed = { terminated: { exitCode: 1, reason: 'Error' } };

const row = (pod: Pod): unknown[] => (pods.columns ?? []).map(({ cell }) => cell(pod, now));

const statuses: readonly (readonly [string, Partial<PodSpec>, PodStatus, readonly string[]])[] = [
  ['scheduling', {}, { phase: 'Pending' }, ['0/1', 'Pending', '0']],
  [
    'ready',
    {},
    { phase: 'Running', containerStatuses: [statusOf(running, { ready: true })] },
    ['1/1', 'Running', '0'],
  ],
  [
    'crashing',
    {},
    {
      phase: 'Running',
      containerStatuses: [
        statusOf(
          { waiting: { reason: 'CrashLoopBackOff' } },
          {
            restartCount: 3,
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:05:00Z' } },
          },
        ),
      ],
    },
    ['0/1', 'CrashLoopBackOff', '3 (5m ago)'],
  ],
  [
    'killed',
    {},
    {
      phase: 'Failed',
      containerStatuses: [statusOf({ terminated: { exitCode: 137, signal: 9 } })],
    },
    ['0/1', 'Signal:9', '0'],
  ],
  [
    'ended',
    {},
    { phase: 'Failed', containerStatuses: [statusOf({ terminated: { exitCode: 3 } })] },
    ['0/1', 'ExitCode:3', '0'],
  ],
  [
    'initialising',
    {
      initContainers: [
        { name: 'i', image: 'x' },
        { name: 'j', image: 'x' },
      ],
    },
    {
      phase: 'Pending',
      initContainerStatuses: [
        statusOf({ terminated: { exitCode: 0 } }, { name: 'i' }),
        statusOf(running, { name: 'j' }),
      ],
    },
    ['0/1', 'Init:1/2', '0'],
  ],
  [
    'failing to initialise',
    { initContainers: [{ name: 'i', image: 'x' }] },
    {
      phase: 'Pending',
      initContainerStatuses: [
        statusOf({ waiting: { reason: 'ImagePullBackOff' } }, { name: 'i', restartCount: 2 }),
      ],
    },
    ['0/1', 'Init:ImagePullBackOff', '2'],
  ],
  [
    'with a sidecar',
    { initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always' }] },
    {
      phase: 'Running',
      initContainerStatuses: [statusOf(running, { name: 'i', started: true, ready: true })],
      containerStatuses: [statusOf(running, { ready: true })],
    },
    ['2/2', 'Running', '0'],
  ],
  [
    'gated',
    {},
    {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
    },
    ['0/1', 'SchedulingGated', '0'],
  ],
  ['evicted', {}, { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', '0']],
  [
    'that failed beside one that is done',
    {},
    { phase: 'Failed', containerStatuses: [statusOf(done), statusOf(crashed)] },
    ['0/1', 'Error', '0'],
  ],
  [
    'that failed beside one that is done and one that runs',
    {},
    {
      phase: 'Running',
      containerStatuses: [statusOf(done), statusOf(crashed), statusOf(running, { ready: true })],
    },
    ['1/1', 'Error', '0'],
  ],
  [
    'not ready with one that is done',
    {},
    {
      phase: 'Running',
      containerStatuses: [statusOf(done), statusOf(running, { ready: true })],
    },
    ['1/1', 'NotReady', '0'],
  ],
  [
    'ready with one that is done',
    {},
    {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [statusOf(done), statusOf(crashed), statusOf(running, { ready: true })],
    },
    ['1/1', 'Running', '0'],
  ],
];

test('pods show the status that kubectl users know', () => {
  for (const [name, spec, status, expected] of statuses) {
    assert.deepEqual(row(podFrom(spec, status)).slice(1, 4), expected, name);
  }
  const leaving = podFrom({}, { phase: 'Running' });
  leaving.metadata.deletionTimestamp = '2026-01-01T00:09:00Z';
  assert.equal(row(leaving)[2], 'Terminating');
  assert.deepEqual(
    row(podFrom({ nodeName: 'n' }, { phase: 'Running', podIP: '10.0.0.1' })).slice(4),
    ['10m', '10.0.0.1', 'n', '<none>', '<none>'],
  );
});

test('pods warn of what is allowed but hardly meant', () => {
  const pod = withContainer({ env: [{ name: 'A' }, { name: 'A' }] });
  assert.deepEqual(pods.strategy.warnings?.(pod, undefined), [
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});
