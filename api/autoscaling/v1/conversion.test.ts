import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { created, refusals } from '../../schema/drafts.test.js';
import { horizontalPodAutoscalers as stored } from '../v2/horizontal-pod-autoscaler.js';
import type { HorizontalPodAutoscaler, MetricSpec } from '../v2/types.js';
import { autoscalerFromStored, storedAutoscalerFrom } from './conversion.js';
import { horizontalPodAutoscalers as first } from './horizontal-pod-autoscaler.js';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };

const percent = fc.integer({ min: 1, max: 100 });
const amount = fc.integer({ min: 1, max: 9 }).map(String);
const name = fc.constantFrom('cpu', 'memory', 'requests');
const identifier = fc.oneof(
  fc.record({ name }),
  fc.record({ name, selector: fc.constant({ matchLabels: { a: 'b' } }) }),
);
const usage = fc.oneof(
  percent.map((averageUtilization) => ({ type: 'Utilization' as const, averageUtilization })),
  amount.map((averageValue) => ({ type: 'AverageValue' as const, averageValue })),
);
const perPod = amount.map((averageValue) => ({ type: 'AverageValue' as const, averageValue }));
const value = fc.oneof(
  perPod,
  amount.map((whole) => ({ type: 'Value' as const, value: whole })),
);
const metric: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc.record({
    type: fc.constant('Resource' as const),
    resource: fc.record({ name, target: usage }),
  }),
  fc.record({
    type: fc.constant('ContainerResource' as const),
    containerResource: fc.record({ name, container: name, target: usage }),
  }),
  fc.record({
    type: fc.constant('Pods' as const),
    pods: fc.record({ metric: identifier, target: perPod }),
  }),
  fc.record({
    type: fc.constant('Object' as const),
    object: fc.record({
      describedObject: fc.constant(scaleTargetRef),
      metric: identifier,
      target: value,
    }),
  }),
  fc.record({
    type: fc.constant('External' as const),
    external: fc.record({ metric: identifier, target: value }),
  }),
);

const isCpuShare = ({ resource }: MetricSpec): boolean =>
  resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

test('autoscalers survive the way to their first version and back', () => {
  fc.assert(
    fc.property(fc.array(metric, { minLength: 1, maxLength: 4 }), fc.boolean(), (all, fast) => {
      // The first version has one field for CPU in percent, which goes first again.
      const metrics = [
        ...all.filter(isCpuShare).slice(0, 1),
        ...all.filter((one) => !isCpuShare(one)),
      ];
      const behavior = { scaleUp: { selectPolicy: 'Disabled', tolerance: '100m' } };
      const spec = { scaleTargetRef, maxReplicas: 3, metrics, ...(fast ? { behavior } : {}) };
      const object = created(stored, { spec });
      object.status = {
        currentReplicas: 1,
        desiredReplicas: 2,
        observedGeneration: 3,
        lastScaleTime: '2026-01-02T03:04:05Z',
        conditions: [{ type: 'AbleToScale', status: 'True', reason: 'Ready' }],
        currentMetrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', current: { averageUtilization: 9, averageValue: '1' } },
          },
          {
            type: 'External',
            external: { metric: { name: 'q' }, current: { value: '5' } },
          },
        ],
      };
      assert.deepEqual(storedAutoscalerFrom(autoscalerFromStored(object)), object);
    }),
  );
});

const annotation = (what: string): string => `autoscaling.alpha.kubernetes.io/${what}`;

test('the first version says in annotations what it has no field for', () => {
  const object: HorizontalPodAutoscaler = created(
    stored,
    {
      spec: {
        scaleTargetRef,
        maxReplicas: 3,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 40 } },
          },
          {
            type: 'Resource',
            resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
          },
        ],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      },
    },
    { annotations: { own: 'kept' } },
  );
  const { metadata, spec } = autoscalerFromStored(object);
  assert.equal(spec.targetCPUUtilizationPercentage, 40);
  assert.equal(metadata.annotations?.own, 'kept');
  assert.deepEqual(JSON.parse(metadata.annotations[annotation('metrics')] ?? ''), [
    { type: 'Resource', resource: { name: 'memory', targetAverageValue: '1Gi' } },
  ]);
  const behavior = JSON.parse(metadata.annotations[annotation('behavior')] ?? '') as {
    ScaleDown: unknown;
  };
  assert.deepEqual(behavior.ScaleDown, {
    StabilizationWindowSeconds: 60,
    SelectPolicy: 'Max',
    Policies: [{ Type: 'Percent', Value: 100, PeriodSeconds: 15 }],
    Tolerance: null,
  });
});

test('annotations that cannot be read count for nothing', () => {
  for (const text of ['', '{', '7', '[1]', '{"ScaleUp":4}']) {
    const annotations = { [annotation('metrics')]: text, [annotation('behavior')]: text };
    const object = created(first, { spec: { scaleTargetRef, maxReplicas: 3 } }, { annotations });
    const { spec, metadata } = storedAutoscalerFrom(object);
    assert.equal(spec.metrics?.[0]?.resource?.target.averageUtilization, 80, text);
    assert.equal(metadata.annotations, undefined);
  }
});

test('autoscalers of the first version are checked as those of the second', () => {
  const object = created(first, {
    spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 0 },
  });
  assert.deepEqual(refusals(first.validate(object)), [
    'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
  ]);
  const plain = created(first, { spec: { scaleTargetRef, maxReplicas: 3 } });
  assert.equal(plain.spec.targetCPUUtilizationPercentage, 80);
  assert.deepEqual(refusals(first.validate(plain)), []);
});

test('an autoscaler that has seen no replicas shows none in its second version', () => {
  const draft = created(first, { spec: { scaleTargetRef, maxReplicas: 3 } });
  assert.equal(draft.status.currentReplicas, 0);
  assert.deepEqual(storedAutoscalerFrom(draft).status, { desiredReplicas: 0 });
});
