/** Between autoscaling/v1, which knows CPU only, and autoscaling/v2, in which autoscalers are stored. */
import type { KubeObject } from '../../meta/v1/types.js';
import { withoutUndefined } from '../../without-undefined.js';
import { defaultAutoscalerSpec } from '../v2/horizontal-pod-autoscaler.js';
import type {
  HorizontalPodAutoscaler as StoredAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerSpec as StoredSpec,
  MetricSpec,
  MetricStatus,
} from '../v2/types.js';
import {
  newBehavior,
  newMetrics,
  newMetricStatuses,
  oldBehavior,
  oldMetric,
  oldMetricStatus,
  parseAnnotation,
  roundTripAnnotations as names,
} from './annotations.js';
import type { HorizontalPodAutoscaler } from './types.js';

const isCpu = ({ resource }: MetricSpec | MetricStatus): boolean => resource?.name === 'cpu';

/** The metric that v1 has a field for: CPU in percent of the request. */
const isCpuUtilization = (metric: MetricSpec): boolean =>
  isCpu(metric) && metric.resource?.target.averageUtilization !== undefined;

function withoutRoundTrip(
  annotations: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const own = Object.entries(annotations ?? {}).filter(
    ([name]) => !(Object.values(names) as string[]).includes(name),
  );
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

function storedSpecFrom(object: HorizontalPodAutoscaler): StoredSpec {
  const { annotations } = object.metadata;
  const { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage } = object.spec;
  const cpu: MetricSpec[] =
    targetCPUUtilizationPercentage === undefined
      ? []
      : [
          {
            type: 'Resource',
            resource: {
              name: 'cpu',
              target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage },
            },
          },
        ];
  const spec = withoutUndefined<StoredSpec>({
    scaleTargetRef,
    minReplicas,
    maxReplicas,
    metrics: [...cpu, ...newMetrics(parseAnnotation(annotations?.[names.metrics]))],
    behavior: newBehavior(parseAnnotation(annotations?.[names.behavior])),
  });
  defaultAutoscalerSpec(spec);
  return spec;
}

/** The stored form of a v1 autoscaler. */
export function storedAutoscalerFrom(object: HorizontalPodAutoscaler): StoredAutoscaler {
  const { annotations } = object.metadata;
  const { status } = object as Partial<HorizontalPodAutoscaler>;
  const measured = newMetricStatuses(parseAnnotation(annotations?.[names.currentMetrics]));
  const cpu = status?.currentCPUUtilizationPercentage;
  if (cpu !== undefined && !measured.some(isCpu)) {
    const current = { averageUtilization: cpu };
    measured.unshift({ type: 'Resource', resource: { name: 'cpu', current } });
  }
  const conditions = parseAnnotation(annotations?.[names.conditions]);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: withoutUndefined({ ...object.metadata, annotations: withoutRoundTrip(annotations) }),
    spec: storedSpecFrom(object),
    status: withoutUndefined({
      observedGeneration: status?.observedGeneration,
      lastScaleTime: status?.lastScaleTime,
      // No replicas show as nothing where metrics are lists.
      currentReplicas: status?.currentReplicas === 0 ? undefined : status?.currentReplicas,
      desiredReplicas: status?.desiredReplicas ?? 0,
      currentMetrics: measured.length === 0 ? undefined : measured,
      conditions: Array.isArray(conditions)
        ? (conditions as HorizontalPodAutoscalerCondition[])
        : undefined,
    }),
  };
}

const isStored = (object: KubeObject): object is StoredAutoscaler =>
  object.kind === 'HorizontalPodAutoscaler' && object.apiVersion === 'autoscaling/v2';

const jsonOf = (list: readonly unknown[] | undefined): string | undefined =>
  list === undefined || list.length === 0 ? undefined : JSON.stringify(list);

/** The v1 form of a stored autoscaler. Throws on anything else: the store would be corrupt. */
export function autoscalerFromStored(stored: KubeObject): HorizontalPodAutoscaler {
  if (!isStored(stored)) {
    throw new Error(`expected a stored autoscaler, found ${stored.apiVersion} ${stored.kind}`);
  }
  const { metadata, spec, status } = stored;
  const metrics = spec.metrics ?? [];
  const { behavior } = spec;
  const extra = withoutUndefined({
    [names.metrics]: jsonOf(metrics.filter((metric) => !isCpuUtilization(metric)).map(oldMetric)),
    [names.currentMetrics]: jsonOf(status.currentMetrics?.map(oldMetricStatus)),
    [names.conditions]: jsonOf(status.conditions),
    [names.behavior]: behavior === undefined ? undefined : JSON.stringify(oldBehavior(behavior)),
  }) as Record<string, string>;
  const annotations = { ...metadata.annotations, ...extra };
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: withoutUndefined({
      ...metadata,
      annotations: Object.keys(annotations).length === 0 ? undefined : annotations,
    }),
    spec: withoutUndefined({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      targetCPUUtilizationPercentage:
        metrics.find(isCpuUtilization)?.resource?.target.averageUtilization,
    }),
    status: withoutUndefined({
      observedGeneration: status.observedGeneration,
      lastScaleTime: status.lastScaleTime,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas,
      currentCPUUtilizationPercentage:
        status.currentMetrics?.find(isCpu)?.resource?.current.averageUtilization,
    }),
  };
}
