/** What `/metrics` tells of admission beside webhooks, under Kubernetes' names. */
import type { Metrics } from '../../machinery/metrics/metrics.js';

/** What became of an expression that was evaluated. */
export type ExpressionError = 'no_error' | 'compile_error' | 'invalid_error' | 'out_of_budget';

export interface MutationObservation {
  readonly policy: string;
  readonly binding: string;
  readonly error: ExpressionError;
  readonly tookMs: number;
}

export interface ValidationObservation extends MutationObservation {
  readonly action: 'allow' | 'audit' | 'deny' | 'warn';
}

/** A plugin, or all of them together, being asked about requests. */
export interface AdmissionStep {
  readonly type: 'admit' | 'validate';
  readonly operation: string;
  /** Undefined for all of them together. */
  readonly plugin?: string;
}

/** Told how long a step took for one request, and whether it ended in a refusal. */
export type StepEnded = (tookMs: number, rejected: boolean) => void;

export interface AdmissionMetrics {
  /** Asked once for each step. */
  readonly stepEnded: (step: AdmissionStep) => StepEnded;
  /** An expression of a policy found fault, or failed. */
  readonly validated: (observation: ValidationObservation) => void;
  /** A mutation of a policy was made, or failed. */
  readonly mutated: (observation: MutationObservation) => void;
}

/** Counts nothing. */
export const noAdmissionMetrics: AdmissionMetrics = {
  stepEnded: () => () => undefined,
  validated: () => undefined,
  mutated: () => undefined,
};

/** Told by how the message begins. */
export function expressionErrorOf(message: string): ExpressionError {
  if (message.startsWith('compilation')) return 'compile_error';
  return message.includes('running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}

/** Half a microsecond is what the cheapest expression takes. */
const expressionBuckets = [0.0000005, 0.001, 0.01, 0.1, 1];

/** Declares the metrics. */
export function createAdmissionMetrics(metrics: Metrics): AdmissionMetrics {
  const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
  const together = metrics.seriesHistogram({
    name: 'apiserver_admission_step_admission_duration_seconds',
    help: 'How long all admission plugins together took for a request.',
    buckets,
  });
  const single = metrics.seriesHistogram({
    name: 'apiserver_admission_controller_admission_duration_seconds',
    help: 'How long one admission plugin took for a request.',
    buckets,
  });
  const ofPolicies = (kind: 'mutating' | 'validating', names: readonly string[]) => {
    const name = `apiserver_${kind}_admission_policy_check`;
    return {
      total: metrics.counter({
        name: `${name}_total`,
        help: `Expressions of ${kind} admission policies that mattered to a request.`,
        labels: names,
      }),
      duration: metrics.histogram({
        name: `${name}_duration_seconds`,
        help: `How long expressions of ${kind} admission policies took.`,
        labels: names,
        buckets: expressionBuckets,
      }),
    };
  };
  const shared = ['error_type', 'policy', 'policy_binding'] as const;
  const mutating = ofPolicies('mutating', shared);
  const validating = ofPolicies('validating', ['enforcement_action', ...shared]);
  return {
    stepEnded: ({ type, operation, plugin }) => {
      const histogram = plugin === undefined ? together : single;
      const shown = { ...(plugin === undefined ? {} : { name: plugin }), operation, type };
      const passed = histogram.observer({ ...shown, rejected: 'false' });
      const refused = histogram.observer({ ...shown, rejected: 'true' });
      return (tookMs, rejected) => {
        (rejected ? refused : passed)(tookMs / 1000);
      };
    },
    mutated: ({ policy, binding, error, tookMs }) => {
      const labels = { policy, policy_binding: binding, error_type: error };
      mutating.total.increment(labels);
      mutating.duration.observe(tookMs / 1000, labels);
    },
    validated: ({ policy, binding, error, action, tookMs }) => {
      const labels = {
        policy,
        policy_binding: binding,
        error_type: error,
        enforcement_action: action,
      };
      validating.total.increment(labels);
      validating.duration.observe(tookMs / 1000, labels);
    },
  };
}
