/** How health checks came out, as `/metrics/slis` tells it under Kubernetes' names: checks count when somebody probes them. */
import { Metrics } from '../../machinery/metrics/metrics.js';

export interface HealthSlis {
  /** One check was run; `endpoint` is `healthz`, `livez` or `readyz`. */
  readonly note: (endpoint: string, check: string, passed: boolean) => void;
  /** In the Prometheus text format. */
  readonly render: () => ReturnType<Metrics['render']>;
}

export function createHealthSlis(): HealthSlis {
  // A registry of its own: what is at this path is not at `/metrics`.
  const metrics = new Metrics();
  const last = metrics.gauge({
    name: 'kubernetes_healthcheck',
    help: 'Whether a health check passed when it was last run.',
    labels: ['name', 'type'],
  });
  const total = metrics.counter({
    name: 'kubernetes_healthchecks_total',
    help: 'Health checks that were run, by how they came out.',
    labels: ['name', 'type', 'status'],
  });
  return {
    note: (type, name, passed) => {
      last.set(passed ? 1 : 0, { name, type });
      total.increment({ name, type, status: passed ? 'success' : 'error' });
    },
    render: () => metrics.render(),
  };
}
