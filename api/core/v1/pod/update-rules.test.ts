import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedAs } from '../../../schema/drafts.test.js';
import type { PodStatus } from '../types.js';
import { container, pod, refuses, texts, withContainer } from './fixtures.test.js';
import { pods } from './pod.js';
import { validatePodResize } from './validate-resize.js';
import { validatePodStatusUpdate } from './validate-status.js';
import { validateEphemeralContainersUpdate, validatePodUpdate } from './validate-update.js';

test('what was wrong with a stored pod already may stay, and nothing else', () => {
  const stored = storedAs(pod({ tolerations: [{ key: 'k', operator: 'Lt', value: '1' }] }));
  assert.deepEqual(pods.validate(stored, stored), []);
  const draft = structuredClone(stored);
  draft.spec.tolerations?.push({ key: 'k', operator: 'Gt', value: '1' });
  refuses(pods.validate(draft, stored), ['spec.tolerations[1].operator: Unsupported value'], draft);
});

const updates: readonly (readonly [stored: object, draft: object, expected: readonly string[]])[] =
  [
    [
      {},
      { initContainers: [{ name: 'i', image: 'i' }] },
      ['spec.initContainers: Forbidden: pod updates may not add or remove containers'],
    ],
    [
      { schedulingGates: [{ name: 'a' }] },
      { schedulingGates: [{ name: 'a' }, { name: 'b' }] },
      [
        "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'b'",
      ],
    ],
    [
      { activeDeadlineSeconds: 5 },
      { activeDeadlineSeconds: 6, hostname: 'x' },
      [
        'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
      ],
    ],
    [
      { activeDeadlineSeconds: 5 },
      {},
      [
        'spec.activeDeadlineSeconds: Invalid value: "null": must not update from a positive integer',
      ],
    ],
    [{}, { activeDeadlineSeconds: 5 }, []],
    [{ terminationGracePeriodSeconds: -1 }, { terminationGracePeriodSeconds: 1 }, []],
  ];

test('updates of a pod change what Kubernetes lets them change', () => {
  for (const [before, after, expected] of updates) {
    refuses(validatePodUpdate(pod(after), storedAs(pod(before))), expected, after);
  }
});

test('annotations that say how a pod came to be and is confined stay as they are', () => {
  const mirror = 'kubernetes.io/config.mirror';
  const appArmor = 'container.apparmor.security.beta.kubernetes.io/c';
  const stored = storedAs(pod({}, { annotations: { [mirror]: '1' } }));
  const draft = pod({}, { annotations: { [appArmor]: 'unconfined' } });
  draft.spec = stored.spec;
  refuses(
    validatePodUpdate(draft, stored),
    [
      `metadata.annotations[${mirror}]: Forbidden: may not remove or update mirror pod annotation`,
      `metadata.annotations[${appArmor}]: Forbidden: may not add AppArmor annotations`,
    ],
    draft.metadata.annotations,
  );
});

test('pods that a node has from elsewhere get no ephemeral containers and are not resized', () => {
  const annotations = { 'kubernetes.io/config.mirror': '1' };
  const stored = storedAs(pod({ nodeName: 'n' }, { annotations }));
  assert.deepEqual(texts(validateEphemeralContainersUpdate(stored, stored)), [
    '[]: Forbidden: static pods do not support ephemeral containers',
  ]);
  assert.deepEqual(texts(validatePodResize(stored, stored)), [
    '[]: Forbidden: static pods cannot be resized',
  ]);
});

test('ephemeral containers are refused what they cannot have', () => {
  const stored = storedAs(pod({}));
  const draft = structuredClone(stored);
  draft.spec.ephemeralContainers = [
    { name: 'e', image: 'i', ports: [{ containerPort: 1 }], lifecycle: {}, resources: {} },
  ];
  pods.defaults?.(draft);
  refuses(
    validateEphemeralContainersUpdate(draft, stored),
    [
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
      'spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container',
    ],
    draft.spec.ephemeralContainers,
  );
});

test('resizing neither removes what is requested nor reorders containers', () => {
  const resources = { requests: { cpu: '1', memory: '1Gi' } };
  const stored = storedAs(withContainer({ resources }));
  const draft = structuredClone(stored);
  draft.spec.containers = [
    { ...stored.spec.containers[0], name: 'c', resources: { requests: { cpu: '2' } } },
  ];
  refuses(
    validatePodResize(draft, stored),
    ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    draft.spec.containers,
  );
  draft.spec.containers = [{ ...stored.spec.containers[0], name: 'd' }];
  refuses(
    validatePodResize(draft, stored),
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
    draft.spec.containers,
  );
});

const status = (name: string, state: object) => ({
  name,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
});
const ended = (exitCode: number) => ({ terminated: { exitCode } });

const transitions: readonly (readonly [spec: object, exitCode: number, allowed: boolean])[] = [
  [{ restartPolicy: 'Always' }, 0, true],
  [{ restartPolicy: 'OnFailure' }, 1, true],
  [{ restartPolicy: 'OnFailure' }, 0, false],
  [{ restartPolicy: 'Never' }, 1, false],
  [{ restartPolicy: 'Never', containers: [{ ...container, restartPolicy: 'OnFailure' }] }, 1, true],
  [{ containers: [{ ...container, restartPolicy: 'Never' }] }, 1, false],
  [
    {
      restartPolicy: 'Never',
      containers: [
        {
          ...container,
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        },
      ],
    },
    42,
    true,
  ],
];

test('a container that ended for good stays ended', () => {
  for (const [spec, exitCode, allowed] of transitions) {
    const stored = storedAs(pod(spec));
    stored.status.containerStatuses = [status('c', ended(exitCode))];
    const draft = structuredClone(stored);
    draft.status.containerStatuses = [status('c', { running: {} })];
    const refusal =
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state';
    refuses(validatePodStatusUpdate(draft, stored), allowed ? [] : [refusal], spec);
  }
});

const statusCases: readonly (readonly [status: object, expected: readonly string[]])[] = [
  [{ observedGeneration: -1 }, ['status.observedGeneration: Invalid value: -1']],
  [
    { resourceClaimStatuses: [{ name: 'x' }] },
    ['status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry'],
  ],
  [
    { containerStatuses: [{ ...status('c', {}), user: { linux: { uid: -1, gid: 0 } } }] },
    ['status.containerStatuses[0].user.linux.uid: Invalid value: -1'],
  ],
  [
    {
      containerStatuses: [
        { ...status('c', {}), allocatedResourcesStatus: [{ name: 'a.b/c', resources: [] }] },
      ],
    },
    [
      'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "a.b/c": must match one of the container\'s resource requests',
    ],
  ],
  [{ podIPs: [{ ip: '010.1.1.1' }] }, ['status.podIPs[0]: Invalid value: "010.1.1.1"']],
  [
    { qosClass: 'Guaranteed' },
    ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  ],
];

test('a status is refused where and as Kubernetes does', () => {
  const stored = storedAs(pod({}));
  for (const [fields, expected] of statusCases) {
    const draft = { ...stored, status: { ...stored.status, ...(fields as PodStatus) } };
    refuses(validatePodStatusUpdate(draft, stored), expected, fields);
  }
  const bound = storedAs(pod({ nodeName: 'n' }));
  const draft = { ...bound, status: { ...bound.status, nominatedNodeName: 'm' } };
  refuses(
    validatePodStatusUpdate(draft, bound),
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound'],
    'nominated',
  );
});

test('a status that does not say which generation it is about leaves it as it was', () => {
  const stored = storedAs(pod({}));
  stored.status = {
    ...stored.status,
    observedGeneration: 2,
    conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }],
  };
  const draft = structuredClone(stored);
  draft.status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };
  pods.strategy.prepareForStatusUpdate?.(draft, stored, 0);
  assert.equal(draft.status.observedGeneration, 2);
  assert.equal(draft.status.conditions?.[0]?.observedGeneration, 1);
  assert.equal(draft.status.qosClass, 'BestEffort');
});
