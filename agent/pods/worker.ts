/**
 * The worker of one pod: observe, plan, execute, observe again. It moves from syncing to terminating to terminated and
 * never back; it ends when nothing of the pod is left here and the API has let it go.
 *
 * Made by `PodWorkers`, which tells it of changes through `update`, `remove` and `wake`.
 */
import type { Container, Pod } from '../../api/core/v1/types.js';
import type { Logger } from '../../machinery/log/log.js';
import { isRuntimeError } from '../runtime/runtime-error.js';
import { BackOffEvents } from './back-off-events.js';
import { DownwardError } from './downward.js';
import type { PodDependencies, ProbeTarget } from './dependencies.js';
import { ContainerConfigError, containersNeedingAddress } from './environment.js';
import { execute } from './executors.js';
import { containerEvent, type PodContext } from './executors/pod-context.js';
import { networkTarget } from './executors/sandbox.js';
import { defaultGraceMs } from './limits.js';
import type { ObservedPod } from './observed.js';
import { type DesiredPod, findContainer, plan, type StopRequest } from './plan.js';
import { currentSandbox, hasEnded } from './pod-containers.js';
import { PodMemory } from './pod-memory.js';
import { hasFinished, phaseOf, podIPsOf, type StatusInputs, statusOf } from './status.js';
import { StatusWriter } from './status-writer.js';
import { failureKey, type Step } from './steps.js';
import { terminationMessage } from './termination-message.js';
import { errorText } from '../../machinery/error-text.js';

export type WorkerPhase = 'syncing' | 'terminating' | 'terminated';

export interface PodWorkerOptions {
  readonly dependencies: PodDependencies;
  readonly identity: PodContext['identity'];
  readonly pod: Pod | undefined;
}

interface PodFailure {
  readonly reason: string;
  readonly message: string;
}

export class PodWorker {
  phase: WorkerPhase = 'syncing';
  private pod: Pod | undefined;
  private readonly dependencies: PodDependencies;
  private readonly memory = new PodMemory();
  private readonly context: PodContext;
  private readonly writer: StatusWriter;
  private readonly backOffEvents: BackOffEvents;
  private readonly logger: Logger;
  private readonly acceptedAtMs: number;
  private readonly starting = new AbortController();
  private removedFromApi: boolean;
  private failure: PodFailure | undefined;
  private finalPhase: 'Succeeded' | 'Failed' | undefined;
  private adopted = false;
  private startReported = false;
  private woken = false;
  private resume: (() => void) | undefined;

  constructor({ dependencies, identity, pod }: PodWorkerOptions) {
    this.dependencies = dependencies;
    this.pod = pod;
    this.removedFromApi = pod === undefined;
    this.acceptedAtMs = dependencies.clock.now();
    this.logger = dependencies.logger.with({
      pod: `${identity.namespace}/${identity.name}`,
      uid: identity.uid,
    });
    this.writer = new StatusWriter({ ...dependencies, logger: this.logger });
    this.context = {
      dependencies,
      memory: this.memory,
      identity,
      pod: () => this.pod,
      startSignal: this.starting.signal,
      wake: () => {
        this.wake();
      },
      flushStatus: () => this.writer.flush(),
    };
    this.backOffEvents = new BackOffEvents(this.context);
    const { phase } = pod?.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') this.finalPhase = phase;
  }

  /** The pod as the API has it now. */
  update(pod: Pod): void {
    this.pod = pod;
    this.dependencies.volumes.update(pod);
    this.wake();
  }

  /** The API no longer has the pod. */
  remove(): void {
    this.removedFromApi = true;
    this.wake();
  }

  /** Makes the worker plan again soon; cheap. */
  wake(): void {
    this.woken = true;
    this.resume?.();
  }

  /** Lets steps that failed for want of the engine be tried at once. */
  engineReturned(): void {
    this.memory.failures.clear();
    this.wake();
  }

  /** Works until the pod is gone; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.wake();
    });
    while (!signal.aborted) {
      try {
        if (!(await this.turn())) continue;
        await this.dependencies.logLinks.removePod(this.podLabels());
        break;
      } catch (error) {
        this.logger.error('a pod’s turn failed; trying again', { error });
        await this.dependencies.clock.sleep(1000);
      }
    }
    this.dependencies.probes.sync(this.context.identity.uid, [], () => undefined);
  }

  private podLabels(): { podName: string; podNamespace: string; podUid: string } {
    const { name, namespace, uid } = this.context.identity;
    return { podName: name, podNamespace: namespace, podUid: uid };
  }

  /** One round of observing, planning and executing; true when the worker has nothing left to do for good. */
  private async turn(): Promise<boolean> {
    this.woken = false;
    const { clock, view } = this.dependencies;
    if (!this.adopted) await this.adopt();
    await this.readMessages();
    const now = clock.now();
    const observed = this.memory.observe(this.context.identity.uid, view);
    const desired = this.desired(observed, now);
    this.publish(observed, now);
    const next = plan(desired, observed, now);
    if ('steps' in next) {
      await Promise.all(next.steps.map((step) => this.try(step)));
      const released = next.steps.some(({ type }) => type === 'deletePod');
      return released && !this.memory.failures.has('deletePod');
    }
    if ('settled' in next && this.removedFromApi) return true;
    const untilMs = 'untilMs' in next ? next.untilMs : undefined;
    await this.pause(Math.min(untilMs ?? Infinity, this.deadlineMs() ?? Infinity) - now);
    return false;
  }

  /** Finds again what an earlier run of the agent has set up. */
  private async adopt(): Promise<void> {
    const { view, network, volumes } = this.dependencies;
    const { uid } = this.context.identity;
    for (const sandbox of view.sandboxesOf(uid)) {
      const target = networkTarget(this.context, sandbox.id);
      const wired = await network.check(target);
      if (wired !== undefined) this.memory.networks.set(sandbox.id, wired.ips);
      // A sandbox that is not to live on is torn down whether or not its wiring is still whole.
      else if (this.pod === undefined) this.memory.networks.set(sandbox.id, []);
    }
    const mustStop = this.pod === undefined || this.finalPhase !== undefined;
    if (mustStop || this.pod?.metadata.deletionTimestamp !== undefined) {
      this.memory.volumesMounted = (await volumes.podsOnDisk()).includes(uid);
    }
    this.startReported = view.sandboxesOf(uid).length > 0;
    this.adoptProbeResults();
    this.adopted = true;
  }

  /** A container that was ready before the agent restarted stays so until its probes say otherwise. */
  private adoptProbeResults(): void {
    const { status } = this.pod ?? {};
    for (const stored of [
      ...(status?.containerStatuses ?? []),
      ...(status?.initContainerStatuses ?? []),
    ]) {
      const id = stored.containerID?.replace('docker://', '') ?? '';
      if (this.dependencies.view.get(id)?.state !== 'running') continue;
      const { started = false, ready } = stored;
      this.memory.probes.set(id, { started, ...(ready ? { ready } : {}) });
    }
  }

  private deadlineMs(): number | undefined {
    const seconds = this.pod?.spec.activeDeadlineSeconds;
    if (seconds === undefined || this.finalPhase !== undefined) return undefined;
    const started = this.pod?.status.startTime;
    return (started === undefined ? this.acceptedAtMs : Date.parse(started)) + seconds * 1000;
  }

  /** What is wanted of the pod now. Deciding that it has ended is final. */
  private desired(observed: ObservedPod, now: number): DesiredPod {
    const { pod } = this;
    if (pod === undefined) {
      return {
        pod,
        stop: this.stopping('Stopping container of a removed pod', observed),
        needAddress: new Set(),
      };
    }
    const deadlineMs = this.deadlineMs();
    if (deadlineMs !== undefined && now >= deadlineMs && this.failure === undefined) {
      this.failure = {
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      };
    }
    if (this.finalPhase === undefined) {
      const phase = phaseOf(this.inputs(pod, observed, now));
      if (phase === 'Succeeded' || phase === 'Failed') this.finalPhase = phase;
    }
    const deleting = this.removedFromApi || pod.metadata.deletionTimestamp !== undefined;
    const ended = this.failure !== undefined || this.finalPhase !== undefined;
    const finished = deleting || ended || hasFinished(pod, observed);
    const { initContainers = [], containers } = pod.spec;
    const needAddress = containersNeedingAddress([...initContainers, ...containers]);
    if (!finished) return { pod, needAddress };
    return { pod, needAddress, stop: this.stopping('Stopping container', observed) };
  }

  private stopping(message: string, observed: ObservedPod): StopRequest {
    this.starting.abort();
    const { pod } = this;
    const deleted = this.removedFromApi || pod?.metadata.deletionTimestamp !== undefined;
    const seconds =
      pod?.metadata.deletionGracePeriodSeconds ?? pod?.spec.terminationGracePeriodSeconds;
    const running = observed.containers.some(({ state }) => state === 'running');
    this.phase = running || observed.sandboxes.length > 0 ? 'terminating' : 'terminated';
    return {
      graceMs: seconds === undefined ? defaultGraceMs : seconds * 1000,
      message,
      remove: deleted,
      release: deleted && !this.removedFromApi,
    };
  }

  private inputs(pod: Pod, observed: ObservedPod, now: number): StatusInputs {
    const { finalPhase, failure, acceptedAtMs } = this;
    const effective =
      finalPhase === undefined ? pod : { ...pod, status: { ...pod.status, phase: finalPhase } };
    return {
      pod: effective,
      observed,
      now,
      nodeIPs: this.dependencies.node.ips,
      acceptedAtMs,
      failure,
    };
  }

  /** Tells the API, the probes and the metrics what is observed. */
  private publish(observed: ObservedPod, now: number): void {
    const { pod } = this;
    if (pod === undefined) return;
    const inputs = this.inputs(pod, observed, now);
    const { phase: recorded } = pod.status;
    // An end that the API knows is not told again: what it was told from may be gone by now.
    if (!this.removedFromApi && recorded !== 'Succeeded' && recorded !== 'Failed') {
      const status = statusOf(inputs);
      this.writer.submit(pod, status);
      this.backOffEvents.tell(status);
      if (status.phase === 'Running' && !this.startReported) {
        this.startReported = true;
        this.dependencies.metrics.podStarted((now - this.acceptedAtMs) / 1000);
      }
    }
    const stopping = this.phase !== 'syncing';
    this.syncProbes(pod, observed, stopping ? [] : podIPsOf(inputs));
  }

  /** Running containers are probed; of a pod that is stopping, none. */
  private syncProbes(pod: Pod, observed: ObservedPod, podIPs: readonly string[]): void {
    const { probes, node } = this.dependencies;
    const [podIP] = pod.spec.hostNetwork === true ? node.ips : podIPs;
    const targets: ProbeTarget[] = [];
    for (const instance of this.phase === 'syncing' ? observed.containers : []) {
      const container = findContainer(pod, instance.name)?.container;
      if (instance.state !== 'running' || container === undefined || !isProbed(container)) continue;
      if (observed.kills[instance.id] !== undefined || podIP === undefined) continue;
      const startedAtMs = instance.startedAtMs ?? instance.createdAtMs;
      const initial = observed.probes[instance.id];
      targets.push({ pod, container, containerId: instance.id, startedAtMs, podIP, initial });
    }
    probes.sync(this.context.identity.uid, targets, (containerId, state) => {
      this.memory.probes.set(containerId, state);
      this.wake();
    });
  }

  private async readMessages(): Promise<void> {
    const { view, runtime } = this.dependencies;
    const ended = view
      .containersOf(this.context.identity.uid, this.memory.messages)
      .filter((instance) => hasEnded(instance) && instance.message === undefined);
    for (const { id, name } of ended) {
      const record = view.get(id);
      if (record === undefined) continue;
      const found = this.pod === undefined ? undefined : findContainer(this.pod, name);
      const policy = found?.container.terminationMessagePolicy ?? 'File';
      this.memory.messages.set(id, await terminationMessage(runtime, record, policy));
    }
  }

  private async try(step: Step): Promise<void> {
    const key = failureKey(step);
    try {
      await execute(this.context, step);
      // The image's failure is over when the image is there, which its own step says.
      if (step.type !== 'getImage') this.memory.failures.delete(key);
    } catch (error) {
      this.rememberFailure(step, error);
    }
  }

  private rememberFailure(step: Step, error: unknown): void {
    const { clock } = this.dependencies;
    const message = errorText(error);
    const reason = reasonOf(step, error);
    const failure = this.memory.fail(failureKey(step), { reason, message }, clock.now());
    // While the engine is away nothing can be done, and it is not the pod's fault.
    if (isRuntimeError(error, 'unavailable')) return;
    this.logger.warn('a step failed', { step: step.type, error, count: failure.count });
    const event = failureEvents[step.type];
    const pod = this.pod;
    if (event === undefined || pod === undefined) return;
    const text = {
      type: 'Warning',
      reason: event,
      message: `${eventPrefixes[step.type] ?? ''}${message}`,
    } as const;
    if ('container' in step) containerEvent(this.context, step.container, text);
    else this.dependencies.events.record(pod, text);
  }

  private async pause(forMs: number): Promise<void> {
    if (this.woken) return;
    await new Promise<void>((resolve) => {
      const cancel =
        forMs === Infinity
          ? () => undefined
          : this.dependencies.clock.after(Math.max(forMs, 0), resolve);
      this.resume = () => {
        cancel();
        resolve();
      };
    });
    this.resume = undefined;
  }

  /** For the agent's server and `/pods`. */
  get current(): Pod | undefined {
    return this.pod;
  }

  get sandboxId(): string | undefined {
    return currentSandbox(this.memory.observe(this.context.identity.uid, this.dependencies.view))
      ?.id;
  }
}

const isProbed = ({ startupProbe, livenessProbe, readinessProbe }: Container): boolean =>
  startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;

const failureEvents: Readonly<Partial<Record<Step['type'], string>>> = {
  createSandbox: 'FailedCreatePodSandBox',
  startSandbox: 'FailedCreatePodSandBox',
  setupNetwork: 'FailedCreatePodSandBox',
  mountVolumes: 'FailedMount',
  createContainer: 'Failed',
  startContainer: 'Failed',
  signalContainer: 'FailedKillPod',
  teardownNetwork: 'FailedKillPod',
};

const eventPrefixes: Readonly<Partial<Record<Step['type'], string>>> = {
  createSandbox: 'Failed to create pod sandbox: ',
  startSandbox: 'Failed to create pod sandbox: ',
  setupNetwork: 'Failed to create pod sandbox: failed to set up network: ',
  createContainer: 'Error: ',
  startContainer: 'Error: ',
};

function reasonOf(step: Step, error: unknown): string {
  if (step.type === 'startContainer') return 'RunContainerError';
  if (step.type !== 'createContainer') return 'ContainerCreating';
  return error instanceof ContainerConfigError || error instanceof DownwardError
    ? 'CreateContainerConfigError'
    : 'CreateContainerError';
}
