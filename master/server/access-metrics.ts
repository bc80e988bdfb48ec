/** What is counted of who asks and whether they may, under Kubernetes' names. */
import { shortLatencyBucketsSeconds } from '../../machinery/metrics/metrics.js';
import type { Labels, Metrics } from '../../machinery/metrics/metrics.js';
import type { Decision } from '../authz/authorizer.js';

/** `failure` where nobody knows the sender, `error` where their credentials are wrong. */
export type AuthenticationResult = 'success' | 'failure' | 'error';

export interface AccessMetrics {
  /** The username is given where the sender is known. */
  readonly authenticated: (
    result: AuthenticationResult,
    durationMs: number,
    username?: string,
  ) => void;
  readonly authorized: (decision: Decision, durationMs: number) => void;
}

/** Where nothing is counted. */
export const noAccessMetrics: AccessMetrics = {
  authenticated: () => undefined,
  authorized: () => undefined,
};

const namedUsers = new Set([
  'admin',
  'client',
  'kube_proxy',
  'kubelet',
  'system:serviceaccount:kube-system:default',
]);

/** Users are many, so all but a few are counted together. */
function userLabel(username: string): string {
  if (namedUsers.has(username)) return username;
  return username.includes('@') ? 'email_id' : 'other';
}

function decisionLabel({ allowed, denied, error }: Decision): string {
  if (allowed) return 'allowed';
  if (error !== undefined) return 'error';
  return denied === true ? 'denied' : 'no-opinion';
}

/** Labels that are the same for many requests are made once. */
function labelsOf(label: string): (value: string) => Labels {
  const known = new Map<string, Labels>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const made = { [label]: value };
    known.set(value, made);
    return made;
  };
}

/** Declares them. */
export function createAccessMetrics(metrics: Metrics): AccessMetrics {
  const counted = (name: string, help: string, label: string) =>
    metrics.counter({ name, help, labels: [label] });
  const timed = (name: string, help: string) =>
    metrics.histogram({ name, help, labels: ['result'], buckets: shortLatencyBucketsSeconds });
  const requests = counted('authenticated_user_requests', 'Requests of known users.', 'username');
  const attempts = counted(
    'authentication_attempts',
    'Requests by whether it is known who sent them.',
    'result',
  );
  const authentication = timed(
    'authentication_duration_seconds',
    'Time to find out who sent a request.',
  );
  const decisions = counted(
    'authorization_attempts_total',
    'Requests by whether they were allowed.',
    'result',
  );
  const authorization = timed(
    'authorization_duration_seconds',
    'Time to find out whether a request is allowed.',
  );
  const resultLabels = labelsOf('result');
  const userLabels = labelsOf('username');
  return {
    authenticated: (result, durationMs, username) => {
      const labels = resultLabels(result);
      attempts.increment(labels);
      authentication.observe(durationMs / 1000, labels);
      if (username !== undefined) requests.increment(userLabels(userLabel(username)));
    },
    authorized: (decision, durationMs) => {
      const labels = resultLabels(decisionLabel(decision));
      decisions.increment(labels);
      authorization.observe(durationMs / 1000, labels);
    },
  };
}
