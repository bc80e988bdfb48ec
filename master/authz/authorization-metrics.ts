/** What is counted of authorisation, under Kubernetes' names. */
import type { Labels, Metrics } from '../../machinery/metrics/metrics.js';
import { shortLatencyBucketsSeconds } from '../../machinery/metrics/metrics.js';
import type { AuthorizerType } from './authorization-configuration.js';
import type { Authorization, Decision } from './authorizer.js';

export type WebhookResult = 'success' | 'timeout' | 'error';

export interface AuthorizationMetrics {
  /** An authoriser of this name as it is, but for the decisions it makes being counted. */
  readonly counted: (type: AuthorizerType, name: string, authorize: Authorization) => Authorization;
  readonly conditionsEvaluated: (
    name: string,
    outcome: boolean | { readonly error: string },
    durationMs: number,
  ) => void;
  readonly webhookAnswered: (name: string, result: WebhookResult, durationMs: number) => void;
  readonly webhookFailedOpen: (name: string, result: WebhookResult) => void;
}

/** Where nothing is counted. */
export const noAuthorizationMetrics: AuthorizationMetrics = {
  counted: (_type, _name, authorize) => authorize,
  conditionsEvaluated: () => undefined,
  webhookAnswered: () => undefined,
  webhookFailedOpen: () => undefined,
};

function webhookMetrics(
  metrics: Metrics,
): Pick<AuthorizationMetrics, 'webhookAnswered' | 'webhookFailedOpen'> {
  const evaluations = metrics.counter({
    name: 'apiserver_authorization_webhook_evaluations_total',
    help: 'Requests that authorization webhooks were asked about.',
    labels: ['name', 'result'],
  });
  const durations = metrics.histogram({
    name: 'apiserver_authorization_webhook_duration_seconds',
    help: 'Time authorization webhooks took to answer.',
    labels: ['name', 'result'],
    buckets: shortLatencyBucketsSeconds,
  });
  const failedOpen = metrics.counter({
    name: 'apiserver_authorization_webhook_evaluations_fail_open_total',
    help: 'Requests left to other authorizers because a webhook failed.',
    labels: ['name', 'result'],
  });
  return {
    webhookAnswered: (name, result, durationMs) => {
      evaluations.increment({ name, result });
      durations.observe(durationMs / 1000, { name, result });
    },
    webhookFailedOpen: (name, result) => {
      failedOpen.increment({ name, result });
    },
  };
}

function conditionMetrics(metrics: Metrics): Pick<AuthorizationMetrics, 'conditionsEvaluated'> {
  const labels = ['type', 'name'];
  const prefix = 'apiserver_authorization_match_condition';
  const failures = metrics.counter({
    name: `${prefix}_evaluation_errors_total`,
    help: 'Requests for which the match conditions of an authorizer failed.',
    labels,
  });
  const exclusions = metrics.counter({
    name: `${prefix}_exclusions_total`,
    help: 'Requests that the match conditions of an authorizer kept from it.',
    labels,
  });
  const durations = metrics.histogram({
    name: `${prefix}_evaluation_seconds`,
    help: 'Time to evaluate the match conditions of an authorizer.',
    labels,
    buckets: shortLatencyBucketsSeconds,
  });
  return {
    conditionsEvaluated: (name, outcome, durationMs) => {
      const of = { type: 'Webhook', name };
      durations.observe(durationMs / 1000, of);
      if (typeof outcome === 'object') failures.increment(of);
      else if (!outcome) exclusions.increment(of);
    },
  };
}

/** Declares them. */
export function createAuthorizationMetrics(metrics: Metrics): AuthorizationMetrics {
  const decisions = metrics.counter({
    name: 'apiserver_authorization_decisions_total',
    help: 'Requests that an authorizer allowed or refused for good.',
    labels: ['type', 'name', 'decision'],
  });
  return {
    ...webhookMetrics(metrics),
    ...conditionMetrics(metrics),
    counted: (type, name, authorize) => {
      const allowed: Labels = { type, name, decision: 'allowed' };
      const denied: Labels = { type, name, decision: 'denied' };
      const note = (decision: Decision): Decision => {
        if (decision.allowed) decisions.increment(allowed);
        else if (decision.denied === true) decisions.increment(denied);
        return decision;
      };
      return (request) => {
        const decision = authorize(request);
        return decision instanceof Promise ? decision.then(note) : note(decision);
      };
    },
  };
}
