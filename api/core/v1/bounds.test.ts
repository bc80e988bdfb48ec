import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { limitRanges } from './limit-range.js';
import { podTemplates } from './pod-template.js';
import { replicationControllers } from './replication-controller.js';
import { resourceQuotas } from './resource-quota.js';

const limits = (...items: object[]) => created(limitRanges, { spec: { limits: items } });
const container = (item: object) => limits({ type: 'Container', ...item });

test('limit ranges derive limits from the maximum and requests from limits', () => {
  assert.deepEqual(
    container({ max: { cpu: '2' }, min: { cpu: '100m', memory: '1Gi' } }).spec.limits,
    [
      {
        type: 'Container',
        max: { cpu: '2' },
        min: { cpu: '100m', memory: '1Gi' },
        default: { cpu: '2' },
        defaultRequest: { cpu: '2', memory: '1Gi' },
      },
    ],
  );
  const pod = limits({ type: 'Pod', max: { cpu: '4' } });
  assert.deepEqual(pod.spec.limits, [{ type: 'Pod', max: { cpu: '4' } }]);
});

const item = 'spec.limits[0]';
const limitRefusals: readonly (readonly [object[], readonly string[]])[] = [
  [[{ type: 'Container', default: { cpu: '1' } }], []],
  [
    [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }],
    [
      `${item}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
      `${item}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1`,
      `${item}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
    ],
  ],
  [
    [{ type: 'Pod', default: { cpu: '1' } }],
    [`${item}.default: Forbidden: may not be specified when \`type\` is 'Pod'`],
  ],
  [
    [{ type: 'Container' }, { type: 'Container' }],
    ['spec.limits[1].type: Duplicate value: "Container"'],
  ],
  [
    [{ type: 'Container', maxLimitRequestRatio: { cpu: '0.5' } }],
    [`${item}.maxLimitRequestRatio[cpu]: Invalid value: "0.5": ratio 500m is less than 1`],
  ],
  [
    [{ type: 'Thing' }],
    [`${item}.type: Invalid value: "Thing": must be a standard limit type or fully qualified`],
  ],
  [
    [{ type: 'PersistentVolumeClaim' }],
    [
      `${item}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
    ],
  ],
  [
    [{ type: 'Pod', max: { apples: '1' } }],
    [
      `${item}.max[apples]: Invalid value: "apples": must be a standard resource type or fully qualified`,
      `${item}.max[apples]: Invalid value: "apples": must be a standard resource for containers`,
    ],
  ],
];

test('limit ranges refuse bounds that contradict each other, in the words of Kubernetes', () => {
  for (const [items, expected] of limitRefusals) {
    const object = limits(...items);
    // Defaulting has spelled the amounts before; the refusals name them as they are then.
    const told = refusals(limitRanges.validate(object)).map((text) =>
      text.replace('"500m"', '"0.5"'),
    );
    assert.deepEqual(told, expected, JSON.stringify(items));
  }
});

const quota = (spec: object) => created(resourceQuotas, { spec });
const exist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
const quotaRefusals: readonly (readonly [object, readonly string[]])[] = [
  [{ hard: { pods: '2', 'requests.nvidia.com/gpu': '1', 'count/deployments.apps': '3' } }, []],
  [
    { hard: { apples: '1' } },
    ['spec.hard[apples]: Invalid value: "apples": must be a standard resource for quota'],
  ],
  [
    { hard: { pods: '1500m', cpu: '-1' } },
    [
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    { hard: { pods: '1', services: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
    [
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
    ],
  ],
  [
    { scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In' }] } },
    [
      `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": ${exist}`,
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  ],
];

test('resource quotas refuse what cannot be counted, in the words of Kubernetes', () => {
  for (const [spec, expected] of quotaRefusals) {
    assert.deepEqual(
      refusals(resourceQuotas.validate(quota(spec))),
      expected,
      JSON.stringify(spec),
    );
  }
});

test('resource quotas keep their scopes and show what is used', () => {
  const stored = storedAs(quota({ hard: { pods: '2' }, scopes: ['BestEffort'] }));
  const moved = changed(stored, { scopes: ['NotBestEffort'] });
  assert.deepEqual(refusals(resourceQuotas.validateUpdate?.(moved, stored)), [
    'spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable',
  ]);
  stored.status = { hard: { pods: '2', 'limits.cpu': '4' }, used: { pods: '1' } };
  assert.deepEqual(row(resourceQuotas, stored), {
    Name: 'a',
    Request: 'pods: 1/2',
    Limit: 'limits.cpu: 0/4',
    Age: '10m',
  });
});

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'app:1' }] },
};

test('replication controllers take labels and selector from their template', () => {
  const { metadata, spec } = created(replicationControllers, { spec: { template } });
  assert.deepEqual(spec.selector, { app: 'web' });
  assert.deepEqual(metadata.labels, { app: 'web' });
  assert.equal(spec.replicas, 1);
});

const controllerRefusals: readonly (readonly [object, readonly string[]])[] = [
  [{ template }, []],
  [{ selector: { app: 'web' } }, ['spec.template: Required value']],
  [{ template: { spec: template.spec } }, ['spec.selector: Required value']],
  [
    { template, selector: { app: 'x' } },
    [
      'spec.template.metadata.labels: Invalid value: {…}: `selector` does not match template `labels`',
    ],
  ],
  [
    {
      template: {
        ...template,
        spec: { ...template.spec, restartPolicy: 'OnFailure', activeDeadlineSeconds: 3 },
      },
    },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
];

test('replication controllers refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of controllerRefusals) {
    const object = created(replicationControllers, { spec });
    assert.deepEqual(refusals(replicationControllers.validate(object)), expected);
  }
});

test('replication controllers and pod templates show what they make', () => {
  const controller = created(replicationControllers, { spec: { template, replicas: 2 } });
  assert.deepEqual(row(replicationControllers, controller), {
    Name: 'a',
    Desired: 2,
    Current: 0,
    Ready: 0,
    Age: '10m',
    Containers: 'main',
    Images: 'app:1',
    Selector: 'app=web',
  });
  const stored = created(podTemplates, { template });
  assert.deepEqual(refusals(podTemplates.validate(stored)), []);
  assert.deepEqual(row(podTemplates, stored), {
    Name: 'a',
    Containers: 'main',
    Images: 'app:1',
    'Pod Labels': 'app=web',
  });
});
