/** Checks of autoscalers as Kubernetes makes them, with its texts. Called by both versions, on the form of this one. */
import { eachOf, oneOf, requiredText } from '../../core/v1/pod/validate-values.js';
import { quantitySign } from '../../quantity.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  notSupported,
  required,
  invalidBecause,
} from '../../validation/field-error.js';
import { dns1123LabelErrors, pathSegmentNameErrors } from '../../validation/names.js';
import { maxPolicyPeriodSeconds, maxStabilizationSeconds } from './limits.js';
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  ExternalMetricSource,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from './types.js';

const segment = (field: string, value: string): FieldError[] =>
  value === '' ? [required(field)] : invalidBecause(field, value, pathSegmentNameErrors(value));

/** Checks a reference; undefined options mean that its API version was there before and is left alone. */
function validateReference(
  reference: CrossVersionObjectReference,
  field: string,
  version: { readonly mayBeCore: boolean } | undefined,
): FieldError[] {
  const errors = [
    ...segment(child(field, 'kind'), reference.kind),
    ...segment(child(field, 'name'), reference.name),
  ];
  if (version === undefined) return errors;
  const { apiVersion = '' } = reference;
  const path = child(field, 'apiVersion');
  const parts = apiVersion.split('/');
  if (parts.length > 2) {
    return [...errors, invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const group = parts.length === 2 ? parts[0] : '';
  return group === '' && !version.mayBeCore
    ? [...errors, invalid(path, apiVersion, 'apiVersion must specify API group')]
    : errors;
}

const validateIdentifier = ({ name }: MetricIdentifier, field: string): FieldError[] => {
  const path = child(field, 'name');
  return name === ''
    ? [required(path, 'must specify a metric name')]
    : invalidBecause(path, name, pathSegmentNameErrors(name));
};

const targetTypes = ['Utilization', 'Value', 'AverageValue'];

function validateTarget(target: MetricTarget, field: string): FieldError[] {
  const { type, value, averageValue, averageUtilization } = target;
  const path = child(field, 'type');
  const positive = (name: string, amount: string | undefined): FieldError[] =>
    amount !== undefined && quantitySign(amount) <= 0
      ? [invalid(child(field, name), amount, 'must be positive')]
      : [];
  const given: string = type;
  return [
    ...(given === '' ? [required(path, 'must specify a metric target type')] : []),
    ...(targetTypes.includes(given)
      ? []
      : [invalid(path, given, 'must be either Utilization, Value, or AverageValue')]),
    ...positive('value', value),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [invalid(child(field, 'averageUtilization'), averageUtilization, 'must be greater than 0')]
      : []),
    ...positive('averageValue', averageValue),
  ];
}

/** A target of a resource is either an amount or a percentage of the request. */
function validateUsageTarget(target: MetricTarget, field: string): FieldError[] {
  const { averageUtilization, averageValue } = target;
  const errors = validateTarget(target, field);
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization';
    errors.push(required(child(field, 'averageUtilization'), detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization';
    errors.push(forbidden(child(field, 'averageValue'), detail));
  }
  return errors;
}

const neitherValue = (target: MetricTarget): boolean =>
  target.value === undefined && target.averageValue === undefined;

function validateObjectSource(
  { describedObject, metric, target }: ObjectMetricSource,
  field: string,
  keepVersion: boolean,
): FieldError[] {
  const version = keepVersion ? undefined : { mayBeCore: true };
  const errors = [
    ...validateReference(describedObject, child(field, 'describedObject'), version),
    ...validateIdentifier(metric, child(field, 'metric')),
    ...validateTarget(target, child(field, 'target')),
  ];
  if (!neitherValue(target)) return errors;
  const detail = 'must set either a target value or averageValue';
  return [...errors, required(child(field, 'target', 'averageValue'), detail)];
}

function validateExternalSource(
  { metric, target }: ExternalMetricSource,
  field: string,
): FieldError[] {
  const errors = [
    ...validateIdentifier(metric, child(field, 'metric')),
    ...validateTarget(target, child(field, 'target')),
  ];
  if (neitherValue(target)) {
    const detail = 'must set either a target value for metric or a per-pod target';
    errors.push(required(child(field, 'target', 'averageValue'), detail));
  }
  if (target.value !== undefined && target.averageValue !== undefined) {
    const detail = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbidden(child(field, 'target', 'value'), detail));
  }
  return errors;
}

const validatePodsSource = ({ metric, target }: PodsMetricSource, field: string): FieldError[] => [
  ...validateIdentifier(metric, child(field, 'metric')),
  ...validateTarget(target, child(field, 'target')),
  ...(target.averageValue === undefined
    ? [
        required(
          child(field, 'target', 'averageValue'),
          'must specify a positive target averageValue',
        ),
      ]
    : []),
];

const validateResourceSource = (
  { name, target }: ResourceMetricSource,
  field: string,
): FieldError[] => [
  ...requiredText(child(field, 'name'), name, 'must specify a resource name'),
  ...validateUsageTarget(target, child(field, 'target')),
];

const validateContainerSource = (
  { name, container, target }: ContainerResourceMetricSource,
  field: string,
): FieldError[] => [
  ...requiredText(child(field, 'name'), name, 'must specify a resource name'),
  ...(container === ''
    ? [required(child(field, 'container'), 'must specify a container')]
    : invalidBecause(child(field, 'container'), container, dns1123LabelErrors(container))),
  ...validateUsageTarget(target, child(field, 'target')),
];

const sourceNames = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;
const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** Checks the first source of a metric; any other is refused as a whole. */
function validateSource(metric: MetricSpec, field: string, keepVersion: boolean): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric;
  if (object !== undefined) {
    return validateObjectSource(object, child(field, 'object'), keepVersion);
  }
  if (external !== undefined) return validateExternalSource(external, child(field, 'external'));
  if (pods !== undefined) return validatePodsSource(pods, child(field, 'pods'));
  if (resource !== undefined) return validateResourceSource(resource, child(field, 'resource'));
  return containerResource === undefined
    ? []
    : validateContainerSource(containerResource, child(field, 'containerResource'));
}

function validateMetric(metric: MetricSpec, field: string, keepVersion: boolean): FieldError[] {
  const type: string = metric.type;
  const path = child(field, 'type');
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(path, 'must specify a metric source type'));
  if (!metricTypes.includes(type)) errors.push(notSupported(path, type, metricTypes));
  errors.push(...validateSource(metric, field, keepVersion));
  if (!metricTypes.includes(type)) return errors;
  const expected = `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  const given = sourceNames.filter((name) => metric[name] !== undefined);
  if (!given.some((name) => name === expected)) {
    const detail = 'must populate information for the given metric source';
    errors.push(required(child(field, expected), detail));
  }
  const others = given.length === 1 ? [] : given.filter((name) => name !== expected);
  return [
    ...errors,
    ...others.map((name) =>
      forbidden(child(field, name), 'must populate the given metric source only'),
    ),
  ];
}

const policyTypes = ['Percent', 'Pods'];

const validatePolicy = (policy: HPAScalingPolicy, field: string): FieldError[] => [
  ...(policyTypes.includes(policy.type)
    ? []
    : [notSupported(child(field, 'type'), policy.type, policyTypes)]),
  ...(policy.value > 0
    ? []
    : [invalid(child(field, 'value'), policy.value, 'must be greater than zero')]),
  ...(policy.periodSeconds > 0
    ? []
    : [invalid(child(field, 'periodSeconds'), policy.periodSeconds, 'must be greater than zero')]),
  ...(policy.periodSeconds > maxPolicyPeriodSeconds
    ? [
        invalid(
          child(field, 'periodSeconds'),
          policy.periodSeconds,
          `must be less than or equal to ${String(maxPolicyPeriodSeconds)}`,
        ),
      ]
    : []),
];

function validateRules(rules: HPAScalingRules | undefined, field: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window = 0, policies = [], tolerance } = rules;
  const path = child(field, 'stabilizationWindowSeconds');
  const errors: FieldError[] = [];
  if (window < 0) errors.push(invalid(path, window, 'must be greater than or equal to zero'));
  if (window > maxStabilizationSeconds) {
    const detail = `must be less than or equal to ${String(maxStabilizationSeconds)}`;
    errors.push(invalid(path, window, detail));
  }
  errors.push(
    ...oneOf(child(field, 'selectPolicy'), rules.selectPolicy, ['Disabled', 'Max', 'Min']),
  );
  if (policies.length === 0) {
    errors.push(required(child(field, 'policies'), 'must specify at least one Policy'));
  }
  errors.push(...eachOf(child(field, 'policies'), policies, validatePolicy));
  if (tolerance !== undefined && quantitySign(tolerance) < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalid(child(field, 'tolerance'), tolerance, detail));
  }
  return errors;
}

/** What an update may keep although a new object could not have it. */
interface Tolerated {
  readonly targetVersion: boolean;
  readonly noReplicas: boolean;
}

function validateReplicas(
  { minReplicas, maxReplicas }: HorizontalPodAutoscalerSpec,
  least: number,
): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < least) {
    const detail = `must be greater than or equal to ${String(least)}`;
    errors.push(invalid('spec.minReplicas', minReplicas, detail));
  }
  const path = 'spec.maxReplicas';
  if (maxReplicas < 1) errors.push(invalid(path, maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid(path, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  return errors;
}

function validateSpec(spec: HorizontalPodAutoscalerSpec, tolerated: Tolerated): FieldError[] {
  const { scaleTargetRef: target, metrics = [], behavior, minReplicas } = spec;
  const reachesOut = metrics.some(({ type }) => type === 'Object' || type === 'External');
  const version = { mayBeCore: target.kind === 'ReplicationController' };
  return [
    ...validateReplicas(spec, tolerated.noReplicas ? 0 : 1),
    ...validateReference(
      target,
      'spec.scaleTargetRef',
      tolerated.targetVersion ? undefined : version,
    ),
    ...eachOf('spec.metrics', metrics, (metric, field) =>
      validateMetric(metric, field, tolerated.targetVersion),
    ),
    ...(minReplicas === 0 && !reachesOut
      ? [
          forbidden(
            'spec.metrics',
            'must specify at least one Object or External metric to support scaling to zero replicas',
          ),
        ]
      : []),
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

const isNew = ({ metadata }: HorizontalPodAutoscaler): boolean =>
  ((metadata as Partial<HorizontalPodAutoscaler['metadata']>).resourceVersion ?? '') === '';

/** Checks a new autoscaler; its metadata is checked by the registry. Changes are left to `validateAutoscalerUpdate`. */
export const validateAutoscaler = (object: HorizontalPodAutoscaler): readonly FieldError[] =>
  isNew(object) ? validateSpec(object.spec, { targetVersion: false, noReplicas: false }) : [];

/** Checks a changed autoscaler: what was there before there were rules for it may stay. */
export function validateAutoscalerUpdate(
  { spec }: HorizontalPodAutoscaler,
  { spec: stored }: HorizontalPodAutoscaler,
): readonly FieldError[] {
  const [next, last] = [spec.scaleTargetRef, stored.scaleTargetRef];
  const sameTarget = next.apiVersion === last.apiVersion && next.kind === last.kind;
  return validateSpec(spec, { targetVersion: sameTarget, noReplicas: stored.minReplicas === 0 });
}

/** Checks the status of an autoscaler. */
export const validateAutoscalerStatus = ({
  status,
}: HorizontalPodAutoscaler): readonly FieldError[] =>
  (['currentReplicas', 'desiredReplicas'] as const).flatMap((name) => {
    const value = status[name] ?? 0;
    return value < 0
      ? [invalid(child('status', name), value, 'must be greater than or equal to 0')]
      : [];
  });
