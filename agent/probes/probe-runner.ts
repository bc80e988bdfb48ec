/**
 * Probes of every pod on the node. A container's startup probe holds back its other probes until it has passed. Results are
 * told when they change; what follows from them is the pod worker's business.
 */
import type { Container, Pod, Probe } from '../../api/core/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { CounterMetric, Metrics } from '../../machinery/metrics/metrics.js';
import { checkGrpc } from './grpc-check.js';
import { checkHttp, portNumber } from './http-check.js';
import { failed, type ProbeResult } from './probe-result.js';
import { ProbeSchedule } from './probe-schedule.js';
import { checkTcp } from './tcp-check.js';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProbeOutcome {
  readonly started?: boolean;
  readonly ready?: boolean;
  readonly unhealthy?: { readonly probe: 'liveness' | 'startup'; readonly message: string };
}

export interface ProbedContainer {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly startedAtMs: number;
  readonly podIP: string;
  /** What was known before, when the agent takes the container over. */
  readonly initial?: ProbeOutcome | undefined;
}

export interface ProbeRunnerOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Runs a command in a container; a non-zero exit gives `success: false` with its output. */
  readonly exec: (
    containerId: string,
    command: readonly string[],
    signal: AbortSignal,
  ) => Promise<ProbeResult>;
  readonly onFailure: (target: ProbedContainer, kind: ProbeKind, message: string) => void;
}

type OnChange = (containerId: string, outcome: ProbeOutcome) => void;

/** The probes of one running container. */
class ContainerProbes {
  private readonly target: ProbedContainer;
  private readonly runner: ProbeRunner;
  private readonly onChange: OnChange;
  private readonly schedules = new Map<ProbeKind, ProbeSchedule>();
  private outcome: ProbeOutcome;

  constructor(target: ProbedContainer, runner: ProbeRunner, onChange: OnChange) {
    this.target = target;
    this.runner = runner;
    this.onChange = onChange;
    this.outcome = target.initial ?? {};
    const { startupProbe } = target.container;
    if (startupProbe === undefined || this.outcome.started === true) this.startOthers();
    else this.schedule('startup', startupProbe);
  }

  stop(): void {
    for (const schedule of this.schedules.values()) schedule.stop();
  }

  private startOthers(): void {
    const { livenessProbe, readinessProbe } = this.target.container;
    if (livenessProbe !== undefined) this.schedule('liveness', livenessProbe);
    if (readinessProbe !== undefined) this.schedule('readiness', readinessProbe);
  }

  private schedule(kind: ProbeKind, probe: Probe): void {
    const { target, runner } = this;
    const schedule = new ProbeSchedule({
      probe,
      clock: runner.options.clock,
      startedAtMs: target.startedAtMs,
      attempt: async (signal) => {
        const result = await runner.attempt(probe, target, signal);
        runner.count(kind, result);
        return result;
      },
      onOutcome: (success, message) => {
        this.judge(kind, success, message);
      },
      onFailure: (message) => {
        runner.options.onFailure(target, kind, message);
      },
    });
    this.schedules.set(kind, schedule);
  }

  private judge(kind: ProbeKind, success: boolean, message: string): void {
    if (kind === 'readiness') this.outcome = { ...this.outcome, ready: success };
    else if (!success) this.outcome = { ...this.outcome, unhealthy: { probe: kind, message } };
    else if (kind === 'startup') {
      this.outcome = { ...this.outcome, started: true };
      this.schedules.get('startup')?.stop();
      this.startOthers();
    }
    this.onChange(this.target.containerId, this.outcome);
  }
}

export class ProbeRunner {
  readonly options: ProbeRunnerOptions;
  private readonly byPod = new Map<string, Map<string, ContainerProbes>>();
  private readonly total: CounterMetric;

  constructor(options: ProbeRunnerOptions) {
    this.options = options;
    this.total = options.metrics.counter({
      name: 'prober_probe_total',
      help: 'Probes tried, by kind and result.',
      labels: ['probe_type', 'result'],
    });
  }

  count(kind: ProbeKind, { success }: ProbeResult): void {
    const type = `${kind[0]?.toUpperCase() ?? ''}${kind.slice(1)}`;
    this.total.increment({ probe_type: type, result: success ? 'successful' : 'failed' });
  }

  /** Probes exactly these containers of the pod from now on. */
  sync(podUid: string, targets: readonly ProbedContainer[], onChange: OnChange): void {
    const running = this.byPod.get(podUid) ?? new Map<string, ContainerProbes>();
    const wanted = new Set(targets.map(({ containerId }) => containerId));
    for (const [id, probes] of running) {
      if (wanted.has(id)) continue;
      probes.stop();
      running.delete(id);
    }
    for (const target of targets) {
      if (running.has(target.containerId)) continue;
      running.set(target.containerId, new ContainerProbes(target, this, onChange));
    }
    if (running.size === 0) this.byPod.delete(podUid);
    else this.byPod.set(podUid, running);
  }

  /** Tries a probe once. */
  attempt(probe: Probe, target: ProbedContainer, signal: AbortSignal): Promise<ProbeResult> {
    const { container, podIP, containerId } = target;
    if (probe.exec !== undefined)
      return this.options.exec(containerId, probe.exec.command ?? [], signal);
    if (probe.httpGet !== undefined) return checkHttp(probe.httpGet, { container, podIP, signal });
    if (probe.tcpSocket !== undefined) {
      const { host, port: named } = probe.tcpSocket;
      const port = portNumber(named, container);
      if (port === undefined) return Promise.resolve(failed(`couldn't find port: ${named}`));
      return checkTcp({ host: host === undefined || host === '' ? podIP : host, port }, signal);
    }
    if (probe.grpc !== undefined) {
      const { port, service = '' } = probe.grpc;
      return checkGrpc({ host: podIP, port, service }, signal);
    }
    return Promise.resolve(failed('missing probe handler'));
  }
}
