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

export interface StepObservation {
  readonly type: 'admit' | 'validate';
  readonly operation: string;
  /** Undefined for all of them together. */
  readonly plugin?: string;
  readonly rejected: boolean;
  readonly tookMs: number;
}

export interface AdmissionMetrics {
  /** A plugin, or all of them together, were asked about a request. */
  readonly stepped: (step: StepObservation) => void;
  /** An expression of a policy found fault, or failed. */
  readonly validated: (observation: ValidationObservation) => void;
  /** A mutation of a policy was made, or failed. */
  readonly mutated: (observation: MutationObservation) => void;
}

/** Counts nothing. */
export const noAdmissionMetrics: AdmissionMetrics = {
  stepped: () => undefined,
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
  const labels = ['operation', 'rejected', 'type'];
  const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];
  const step = metrics.histogram({
    name: 'apiserver_admission_step_admission_duration_seconds',
    help: 'How long all admission plugins together took for a request.',
    labels,
    buckets,
  });
  const controller = metrics.histogram({
    name: 'apiserver_admission_controller_admission_duration_seconds',
    help: 'How long one admission plugin took for a request.',
    labels: ['name', ...labels],
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
    stepped: ({ type, operation, plugin, rejected, tookMs }) => {
      const shown = { type, operation, rejected: String(rejected) };
      if (plugin === undefined) step.observe(tookMs / 1000, shown);
      else controller.observe(tookMs / 1000, { name: plugin, ...shown });
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
