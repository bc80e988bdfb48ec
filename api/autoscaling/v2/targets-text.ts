/** The `TARGETS` column of autoscalers: what was measured over what is aimed at, metric by metric. Pure. */
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from './types.js';

const unknownValue = '<unknown>';
const shownMetrics = 2;

type AmountName = 'value' | 'averageValue';

const amounts = (
  target: MetricTarget,
  current: MetricValueStatus | undefined,
  name: AmountName,
): string => `${current?.[name] ?? unknownValue}/${target[name] ?? unknownValue}`;

/** A value of one object or from outside, as a whole or for each pod. */
const valueText = (target: MetricTarget, current: MetricValueStatus | undefined): string =>
  target.averageValue === undefined
    ? amounts(target, current, 'value')
    : `${amounts(target, current, 'averageValue')} (avg)`;

const percent = (value: number | undefined, absent: string): string =>
  value === undefined ? absent : `${String(value)}%`;

/** The use of a resource, as an amount or in percent of the request. */
function usageText(
  name: string,
  target: MetricTarget,
  current: MetricValueStatus | undefined,
): string {
  const text =
    target.averageValue === undefined
      ? `${percent(current?.averageUtilization, unknownValue)}/${percent(target.averageUtilization, '<auto>')}`
      : amounts(target, current, 'averageValue');
  return `${name}: ${text}`;
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { external, pods, object, resource, containerResource } = metric;
  if (external !== undefined) return valueText(external.target, status?.external?.current);
  if (pods !== undefined) return amounts(pods.target, status?.pods?.current, 'averageValue');
  if (object !== undefined) return valueText(object.target, status?.object?.current);
  if (resource !== undefined) {
    return usageText(resource.name, resource.target, status?.resource?.current);
  }
  if (containerResource === undefined) return '<unknown type>';
  const { name, target } = containerResource;
  return usageText(name, target, status?.containerResource?.current);
}

/** The first metrics of an autoscaler, and how many more there are. */
export function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const texts = metrics
    .slice(0, shownMetrics)
    .map((metric, position) => metricText(metric, status.currentMetrics?.[position]));
  const more = metrics.length - texts.length;
  return more > 0 ? `${texts.join(', ')} + ${String(more)} more...` : texts.join(', ');
}
