/** What fairness does, under Kubernetes' names; brought up to date when metrics are scraped, so that requests pay nothing. */
import { latencyBucketsSeconds } from '../../../machinery/metrics/metrics.js';
import type { GaugeMetric, Metrics } from '../../../machinery/metrics/metrics.js';
import type { Fairness } from './fairness.js';
import type { FlowCounts } from './flow-counts.js';
import type { PriorityLevel } from './priority-level.js';

const prefix = 'apiserver_flowcontrol_';
const levelLabels = ['priority_level'];
const flowLabels = ['flow_schema', 'priority_level'];

type LevelFigure = readonly [GaugeMetric, (level: PriorityLevel) => number];

function levelFigures(metrics: Metrics): readonly LevelFigure[] {
  const gauge = (
    name: string,
    help: string,
    read: (level: PriorityLevel) => number,
  ): LevelFigure => [metrics.gauge({ name: `${prefix}${name}`, help, labels: levelLabels }), read];
  return [
    gauge(
      'nominal_limit_seats',
      'The level’s share of the seats.',
      (level) => level.limits.nominal,
    ),
    gauge('lower_limit_seats', 'Seats that are kept for the level.', (level) => level.limits.least),
    gauge('upper_limit_seats', 'Seats the level may have.', (level) => level.limits.most),
  ];
}

type FlowFigure = readonly [GaugeMetric, (counts: FlowCounts) => number];

function flowFigures(metrics: Metrics): readonly FlowFigure[] {
  const gauge = (name: string, help: string, read: (counts: FlowCounts) => number): FlowFigure => [
    metrics.gauge({ name: `${prefix}${name}`, help, labels: flowLabels }),
    read,
  ];
  return [
    gauge('current_inqueue_requests', 'Requests that wait.', ({ waiting }) => waiting),
    gauge('current_inqueue_seats', 'Seats of requests that wait.', (flow) => flow.waitingSeats),
    gauge('current_executing_requests', 'Requests that are served.', (flow) => flow.executing),
    gauge(
      'current_executing_seats',
      'Seats of requests that are served.',
      (flow) => flow.executingSeats,
    ),
  ];
}

/** Makes what has to be called before every scrape. */
export function fairnessFigures(metrics: Metrics, fairness: Fairness): () => void {
  const levels = levelFigures(metrics);
  const flows = flowFigures(metrics);
  const dispatched = metrics.counter({
    name: `${prefix}dispatched_requests_total`,
    help: 'Requests that were served.',
    labels: flowLabels,
  });
  const rejected = metrics.counter({
    name: `${prefix}rejected_requests_total`,
    help: 'Requests that were refused, by why.',
    labels: [...flowLabels, 'reason'],
  });
  const waits = metrics.histogram({
    name: `${prefix}request_wait_duration_seconds`,
    help: 'How long requests waited that had to, and whether they were served then.',
    labels: [...flowLabels, 'execute'],
    buckets: latencyBucketsSeconds,
  });
  const settle = (counts: FlowCounts): void => {
    const labels = { flow_schema: counts.schema, priority_level: counts.level };
    for (const [gauge, read] of flows) gauge.set(read(counts), labels);
    dispatched.increment(labels, counts.dispatched);
    counts.dispatched = 0;
    for (const [reason, count] of Object.entries(counts.rejected)) {
      rejected.increment({ ...labels, reason }, count);
      Reflect.deleteProperty(counts.rejected, reason);
    }
    for (const { seconds, isServed } of counts.waits.splice(0)) {
      waits.observe(seconds, { ...labels, execute: String(isServed) });
    }
  };
  return () => {
    const { state } = fairness;
    for (const level of state.levels) {
      for (const [gauge, read] of levels) gauge.set(read(level), { priority_level: level.name });
    }
    for (const counts of state.counts) settle(counts);
  };
}
