/**
 * What autoscaling/v2 can say and v1 has no field for travels in annotations of the v1 form, as JSON in the spelling of v1's
 * day: metrics beside CPU, what was measured, conditions, and how fast to scale. Pure.
 *
 * Called by the conversion between the two versions.
 */
import { withoutUndefined } from '../../without-undefined.js';
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../v2/types.js';
import { isJsonObject, type JsonObject } from '../../patch/json-value.js';

/** The annotations by what they hold. */
export const roundTripAnnotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

/** The value of an annotation; undefined where it is none or cannot be read, which Kubernetes ignores as well. */
export function parseAnnotation(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const usageFields = ({ averageUtilization, averageValue }: MetricTarget): JsonObject => ({
  targetAverageUtilization: averageUtilization,
  targetAverageValue: averageValue,
});

/** A metric in the spelling of v1. */
export function oldMetric(metric: MetricSpec): JsonObject {
  const { type, object, pods, resource, containerResource, external } = metric;
  return withoutUndefined({
    type,
    resource:
      resource && withoutUndefined({ name: resource.name, ...usageFields(resource.target) }),
    containerResource:
      containerResource &&
      withoutUndefined({
        name: containerResource.name,
        container: containerResource.container,
        ...usageFields(containerResource.target),
      }),
    pods:
      pods &&
      withoutUndefined({
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? '0',
        selector: pods.metric.selector,
      }),
    object:
      object &&
      withoutUndefined({
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? '0',
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    external:
      external &&
      withoutUndefined({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  });
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const amount = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** A metric's name and selector, which v1 spells differently from source to source. */
const identifier = (name: unknown, selector: unknown): JsonObject =>
  withoutUndefined({ name: text(name), selector: isJsonObject(selector) ? selector : undefined });

function usageTarget(source: JsonObject): JsonObject {
  const averageUtilization = count(source.targetAverageUtilization);
  const averageValue = amount(source.targetAverageValue);
  const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization';
  return withoutUndefined({ type, averageUtilization, averageValue });
}

const valueTarget = (value: string | undefined, averageValue: string | undefined): JsonObject =>
  averageValue === undefined
    ? withoutUndefined({ type: 'Value', value })
    : { type: 'AverageValue', averageValue };

type Reader = (source: JsonObject) => JsonObject;

/** What each source says beside the value to reach, or the value that was measured. */
const identityReaders: Readonly<Record<string, Reader>> = {
  resource: ({ name }) => ({ name: text(name) }),
  containerResource: ({ name, container }) => ({ name: text(name), container: text(container) }),
  pods: ({ metricName, selector }) => ({ metric: identifier(metricName, selector) }),
  object: ({ target, metricName, selector }) => ({
    describedObject: target ?? { kind: '', name: '' },
    metric: identifier(metricName, selector),
  }),
  external: ({ metricName, metricSelector }) => ({
    metric: identifier(metricName, metricSelector),
  }),
};

const targetReaders: Readonly<Record<string, Reader>> = {
  resource: usageTarget,
  containerResource: usageTarget,
  pods: (source) => valueTarget(undefined, amount(source.targetAverageValue) ?? '0'),
  object: (source) => valueTarget(amount(source.targetValue), amount(source.averageValue)),
  external: (source) => valueTarget(amount(source.targetValue), amount(source.targetAverageValue)),
};

const currentUsage: Reader = (source) =>
  withoutUndefined({
    averageUtilization: count(source.currentAverageUtilization),
    averageValue: amount(source.currentAverageValue),
  });

const currentReaders: Readonly<Record<string, Reader>> = {
  resource: currentUsage,
  containerResource: currentUsage,
  pods: currentUsage,
  object: ({ currentValue, averageValue }) =>
    withoutUndefined({ value: amount(currentValue), averageValue: amount(averageValue) }),
  external: ({ currentValue, currentAverageValue }) =>
    withoutUndefined({ value: amount(currentValue), averageValue: amount(currentAverageValue) }),
};

function readList(
  value: unknown,
  member: 'target' | 'current',
  readers: Readonly<Record<string, Reader>>,
): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((entry) => {
    const sources = Object.entries(readers).flatMap(([name, read]) => {
      const source = entry[name];
      if (!isJsonObject(source)) return [];
      return [[name, { ...identityReaders[name]?.(source), [member]: read(source) }] as const];
    });
    return { type: text(entry.type), ...Object.fromEntries(sources) };
  });
}

/** The metrics of an annotation; the kind's validation sees to what is wrong in them. */
export const newMetrics = (value: unknown): MetricSpec[] =>
  readList(value, 'target', targetReaders) as unknown as MetricSpec[];

/** What was measured, from an annotation. */
export const newMetricStatuses = (value: unknown): MetricStatus[] =>
  readList(value, 'current', currentReaders) as unknown as MetricStatus[];

const oldUsage = ({ averageUtilization, averageValue }: MetricValueStatus): JsonObject => ({
  currentAverageUtilization: averageUtilization,
  currentAverageValue: averageValue ?? '0',
});

/** What was measured, in the spelling of v1. */
export function oldMetricStatus(status: MetricStatus): JsonObject {
  const { type, object, pods, resource, containerResource, external } = status;
  return withoutUndefined({
    type,
    resource: resource && withoutUndefined({ name: resource.name, ...oldUsage(resource.current) }),
    containerResource:
      containerResource &&
      withoutUndefined({
        name: containerResource.name,
        container: containerResource.container,
        ...oldUsage(containerResource.current),
      }),
    pods:
      pods &&
      withoutUndefined({
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? '0',
        selector: pods.metric.selector,
      }),
    object:
      object &&
      withoutUndefined({
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? '0',
        averageValue: object.current.averageValue,
        selector: object.metric.selector,
      }),
    external:
      external &&
      withoutUndefined({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? '0',
        currentAverageValue: external.current.averageValue,
      }),
  });
}

/** The rules in the spelling of Kubernetes' own code, which is what its annotation has always held. */
const oldRules = (rules: HPAScalingRules | undefined): JsonObject | null =>
  rules === undefined
    ? null
    : {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies: (rules.policies ?? []).map(({ type, value, periodSeconds }) => ({
          Type: type,
          Value: value,
          PeriodSeconds: periodSeconds,
        })),
        Tolerance: rules.tolerance ?? null,
      };

/** How fast to scale, for the annotation. */
export const oldBehavior = ({
  scaleUp,
  scaleDown,
}: HorizontalPodAutoscalerBehavior): JsonObject => ({
  ScaleUp: oldRules(scaleUp),
  ScaleDown: oldRules(scaleDown),
});

/** A member whatever the case of its name, as Go reads JSON. */
const member = (fields: JsonObject, name: string): unknown =>
  Object.entries(fields).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ??
  undefined;

function newRules(value: unknown): HPAScalingRules | undefined {
  if (!isJsonObject(value)) return undefined;
  const policies = member(value, 'policies');
  const rules: JsonObject = withoutUndefined({
    stabilizationWindowSeconds: count(member(value, 'stabilizationWindowSeconds')),
    selectPolicy: member(value, 'selectPolicy'),
    tolerance: amount(member(value, 'tolerance')),
    policies: Array.isArray(policies)
      ? policies.filter(isJsonObject).map(
          (policy) =>
            ({
              type: text(member(policy, 'type')),
              value: count(member(policy, 'value')) ?? 0,
              periodSeconds: count(member(policy, 'periodSeconds')) ?? 0,
            }) as HPAScalingPolicy,
        )
      : undefined,
  });
  return rules;
}

/** How fast to scale, from an annotation. */
export function newBehavior(value: unknown): HorizontalPodAutoscalerBehavior | undefined {
  if (!isJsonObject(value)) return undefined;
  const [scaleUp, scaleDown] = [
    newRules(member(value, 'scaleUp')),
    newRules(member(value, 'scaleDown')),
  ];
  return {
    ...(scaleUp === undefined ? {} : { scaleUp }),
    ...(scaleDown === undefined ? {} : { scaleDown }),
  };
}
