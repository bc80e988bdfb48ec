import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { horizontalPodAutoscalers as autoscalers } from './horizontal-pod-autoscaler.js';
import type { HorizontalPodAutoscalerSpec } from './types.js';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const made = (spec: object) =>
  created(autoscalers, { spec: { scaleTargetRef, maxReplicas: 3, ...spec } });
const cpu = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } });

test('autoscalers aim at 80 percent of CPU where nothing else is said', () => {
  const { spec, status } = made({});
  assert.equal(spec.minReplicas, 1);
  assert.deepEqual(spec.metrics, [cpu({ type: 'Utilization', averageUtilization: 80 })]);
  assert.equal(spec.behavior, undefined);
  assert.deepEqual(status, { desiredReplicas: 0 });
});

test('autoscalers fill in how fast they scale once anything is said of it', () => {
  const { behavior } = made({ behavior: { scaleDown: { selectPolicy: 'Min' } } }).spec;
  assert.deepEqual(behavior, {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: {
      selectPolicy: 'Min',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
  });
});

const metric0 = 'spec.metrics[0]';
const refused: readonly (readonly [object, readonly string[]])[] = [
  [{}, []],
  [
    { maxReplicas: 0 },
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    { minReplicas: 0 },
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    { scaleTargetRef: { kind: 'Deployment', name: 'a/b', apiVersion: 'v1' } },
    [
      'spec.scaleTargetRef.name: Invalid value: "a/b": may not contain \'/\'',
      'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
    ],
  ],
  [{ scaleTargetRef: { kind: 'ReplicationController', name: 'a', apiVersion: 'v1' } }, []],
  [
    { metrics: [{ type: 'Moon' }] },
    [
      `${metric0}.type: Unsupported value: "Moon": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
    ],
  ],
  [
    { metrics: [{ type: 'Resource' }] },
    [`${metric0}.resource: Required value: must populate information for the given metric source`],
  ],
  [
    { metrics: [cpu({ type: 'Utilization' })] },
    [
      `${metric0}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
    ],
  ],
  [
    { metrics: [cpu({ type: 'Sum', averageUtilization: 0 })] },
    [
      `${metric0}.resource.target.type: Invalid value: "Sum": must be either Utilization, Value, or AverageValue`,
      `${metric0}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`,
    ],
  ],
  [
    {
      metrics: [
        {
          ...cpu({ type: 'Utilization', averageUtilization: 5 }),
          pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
        },
      ],
    },
    [`${metric0}.pods: Forbidden: must populate the given metric source only`],
  ],
  [
    {
      metrics: [
        { type: 'External', external: { metric: { name: '' }, target: { type: 'Value' } } },
      ],
    },
    [
      `${metric0}.external.metric.name: Required value: must specify a metric name`,
      `${metric0}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
    ],
  ],
  [
    {
      behavior: {
        scaleUp: { policies: [{ type: 'Pods', value: 0, periodSeconds: 2000 }], tolerance: '-1' },
        scaleDown: { selectPolicy: 'Any', stabilizationWindowSeconds: 4000, policies: [] },
      },
    },
    [
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800',
      'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
      'spec.behavior.scaleDown.selectPolicy: Unsupported value: "Any": supported values: "Disabled", "Max", "Min"',
      'spec.behavior.scaleDown.policies: Required value: must specify at least one Policy',
    ],
  ],
];

test('autoscalers refuse malformed specs in the words of Kubernetes', () => {
  for (const [spec, expected] of refused) {
    assert.deepEqual(refusals(autoscalers.validate(made(spec))), expected, JSON.stringify(spec));
  }
});

test('autoscalers from before API versions were checked may be changed otherwise', () => {
  const stored = storedAs(made({ scaleTargetRef: { kind: 'Deployment', name: 'web' } }));
  const update = (spec: Partial<HorizontalPodAutoscalerSpec>): string[] =>
    refusals(autoscalers.validateUpdate?.(changed(stored, spec), stored));
  assert.deepEqual(update({ maxReplicas: 5 }), []);
  assert.deepEqual(update({ maxReplicas: 0 }).length, 2);
  assert.deepEqual(update({ scaleTargetRef: { kind: 'StatefulSet', name: 'web' } }), [
    'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
  ]);
});

test('autoscalers show what they measure and what they aim at', () => {
  const object = made({
    metrics: [
      cpu({ type: 'Utilization', averageUtilization: 50 }),
      cpu({ type: 'AverageValue', averageValue: '200m' }),
      {
        type: 'External',
        external: { metric: { name: 'q' }, target: { type: 'Value', value: '9' } },
      },
    ],
  });
  object.status = {
    currentReplicas: 2,
    desiredReplicas: 2,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 31 } } },
    ],
  };
  assert.deepEqual(row(autoscalers, object), {
    Name: 'a',
    Reference: 'Deployment/web',
    Targets: 'cpu: 31%/50%, cpu: <unknown>/200m + 1 more...',
    MinPods: '1',
    MaxPods: 3,
    Replicas: 2,
    Age: '10m',
  });
});
