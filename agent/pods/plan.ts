/**
 * What to do next for one pod: `plan(desired, observed, now)`, pure and level-based. The worker executes the steps, all
 * steps of one plan at the same time, observes again and plans again. Nothing here remembers anything.
 */
import type { Pod } from '../../api/core/v1/types.js';
import { killRepeatMs, keptDeadInstances, minimumGraceMs } from './limits.js';
import type { ObservedContainer, ObservedPod, ObservedSandbox } from './observed.js';
import {
  blockingInit,
  currentSandbox,
  hasEnded,
  latestInstance,
  type PodContainer,
  podContainers,
  restartAllowedAtMs,
  shouldRestart,
} from './pod-containers.js';
import { failureKey, type Plan, type Step } from './steps.js';

/** That a pod must stop, and how. */
export interface StopRequest {
  readonly graceMs: number;
  readonly message: string;
  /** Whether nothing of the pod may remain: it was deleted. Otherwise its ended containers stay for their logs. */
  readonly remove: boolean;
  /** Whether the API still holds the pod and waits for us to let it go. */
  readonly release: boolean;
}

export interface DesiredPod {
  /** Undefined for leftovers of a pod the API no longer knows. */
  readonly pod: Pod | undefined;
  readonly stop?: StopRequest | undefined;
  /** Containers that cannot be made before the pod has an address, such as those with `status.podIP` in their environment. */
  readonly needAddress: ReadonlySet<string>;
}

/** Collects steps that may be taken now, and the reasons to wait when there are none. */
class Draft {
  private readonly steps: Step[] = [];
  private readonly waits: { readonly waitingFor: string; readonly untilMs?: number }[] = [];
  private readonly observed: ObservedPod;
  private readonly now: number;

  constructor(observed: ObservedPod, now: number) {
    this.observed = observed;
    this.now = now;
  }

  /** Adds a step, unless it failed a short while ago. */
  do(step: Step): void {
    const failure = this.observed.failures[failureKey(step)];
    if (failure !== undefined && failure.retryAtMs > this.now) {
      this.wait(`another try of ${step.type}`, failure.retryAtMs);
    } else {
      this.steps.push(step);
    }
  }

  wait(waitingFor: string, untilMs?: number): void {
    this.waits.push({ waitingFor, ...(untilMs === undefined ? {} : { untilMs }) });
  }

  get isEmpty(): boolean {
    return this.steps.length === 0 && this.waits.length === 0;
  }

  finish(): Plan {
    if (this.steps.length > 0) return { steps: this.steps };
    const [first] = this.waits;
    if (first === undefined) return { settled: true };
    const untilMs = Math.min(...this.waits.map((wait) => wait.untilMs ?? Infinity));
    const waitingFor = [...new Set(this.waits.map((wait) => wait.waitingFor))].join(', ');
    return untilMs === Infinity ? { waitingFor } : { waitingFor, untilMs };
  }
}

interface Context {
  readonly desired: DesiredPod;
  readonly observed: ObservedPod;
  readonly now: number;
  readonly draft: Draft;
}

interface KillRequest {
  readonly graceMs: number;
  readonly message: string;
}

/** preStop hook, then SIGTERM, then SIGKILL when the grace period is over; the hook's time counts against it. */
function planKill(context: Context, instance: ObservedContainer, request: KillRequest): void {
  const { observed, now, draft, desired } = context;
  const { name: container, id } = instance;
  const kill = observed.kills[id];
  if (kill === undefined) {
    draft.do({ type: 'beginKill', container, id, ...request });
    return;
  }
  const graceMs = Math.min(kill.graceMs, request.graceMs);
  const deadlineMs = kill.requestedAtMs + graceMs;
  const spec = desired.pod === undefined ? undefined : findContainer(desired.pod, container);
  const hasHook = spec?.container.lifecycle?.preStop !== undefined;
  const hook = observed.hooks[id]?.preStop;
  if (hasHook && kill.termAtMs === undefined && now < deadlineMs && hook !== 'done') {
    if (hook === undefined) draft.do({ type: 'runPreStop', container, id });
    else draft.wait(`the preStop hook of ${container}`, deadlineMs);
    return;
  }
  if (kill.termAtMs === undefined && graceMs > 0) {
    draft.do({ type: 'signalContainer', container, id, signal: 'TERM' });
    return;
  }
  const leastMs = hasHook && graceMs > 0 ? (kill.termAtMs ?? now) + minimumGraceMs : 0;
  const killAtMs = Math.max(deadlineMs, leastMs);
  if (now < killAtMs) draft.wait(`${container} to end`, killAtMs);
  else if (kill.killAtMs === undefined || kill.killAtMs + killRepeatMs <= now) {
    draft.do({ type: 'signalContainer', container, id, signal: 'KILL' });
  } else draft.wait(`${container} to end`, kill.killAtMs + killRepeatMs);
}

/** The container of that name, whatever its role. */
export const findContainer = (pod: Pod, name: string): PodContainer | undefined =>
  podContainers(pod).find(({ container }) => container.name === name);

/** Ends every running container: sidecars last and in reverse order, because the others may need them. */
function planKillAll(context: Context, stop: StopRequest): void {
  const { desired, observed, now } = context;
  const running = observed.containers.filter(({ state }) => state === 'running');
  const sidecarNames = podContainersOf(desired.pod)
    .filter(({ role }) => role === 'sidecar')
    .map(({ container }) => container.name);
  const others = running.filter(({ name }) => !sidecarNames.includes(name));
  if (others.length > 0) {
    for (const instance of others) planKill(context, instance, stop);
    return;
  }
  // What the main containers have used of the grace period is gone for the sidecars.
  const begunMs = Math.min(now, ...Object.values(observed.kills).map((kill) => kill.requestedAtMs));
  const leftMs = stop.graceMs === 0 ? 0 : Math.max(stop.graceMs - (now - begunMs), minimumGraceMs);
  const last = running.reduce<ObservedContainer | undefined>((latest, instance) => {
    const isLater =
      latest === undefined ||
      sidecarNames.indexOf(instance.name) > sidecarNames.indexOf(latest.name);
    return isLater ? instance : latest;
  }, undefined);
  if (last !== undefined) planKill(context, last, { ...stop, graceMs: leftMs });
}

const podContainersOf = (pod: Pod | undefined): readonly PodContainer[] =>
  pod === undefined ? [] : podContainers(pod);

function planStop(context: Context, stop: StopRequest): void {
  const { observed, draft } = context;
  if (observed.containers.some(({ state }) => state === 'running')) {
    planKillAll(context, stop);
    return;
  }
  // A container that was made but never started is of no use to anybody.
  for (const instance of observed.containers) {
    if (stop.remove || !hasEnded(instance)) {
      draft.do({ type: 'removeContainer', container: instance.name, id: instance.id });
    }
  }
  for (const sandbox of observed.sandboxes) {
    if (observed.networks[sandbox.id] !== undefined) {
      draft.do({ type: 'teardownNetwork', sandboxId: sandbox.id });
    } else {
      draft.do({ type: 'removeSandbox', sandboxId: sandbox.id });
    }
  }
  if (!draft.isEmpty) return;
  if (observed.volumesMounted) draft.do({ type: 'unmountVolumes' });
  else if (stop.release) draft.do({ type: 'deletePod' });
}

/** Instances that must not go on: of an older sandbox, of a changed image, unhealthy, or with a failed postStart hook. */
function reasonToKill(
  { desired, observed }: Context,
  podContainer: PodContainer | undefined,
  instance: ObservedContainer,
): KillRequest | undefined {
  const { pod } = desired;
  const name = instance.name;
  const seconds = pod?.spec.terminationGracePeriodSeconds ?? 30;
  const graceMs = seconds * 1000;
  const sandbox = currentSandbox(observed);
  if (podContainer === undefined) return { graceMs, message: `Stopping container ${name}` };
  const { container } = podContainer;
  // Two instances must never run side by side, whatever has happened.
  if (latestInstance(observed, name)?.id !== instance.id) {
    return { graceMs, message: `Stopping container ${name}` };
  }
  if (instance.sandboxId !== sandbox?.id || sandbox.state !== 'running') {
    return { graceMs, message: 'Pod sandbox changed, it will be killed and re-created.' };
  }
  if (container.image !== instance.image && podContainer.role !== 'ephemeral') {
    return {
      graceMs,
      message: `Container ${name} definition changed, will be restarted`,
    };
  }
  const unhealthy = observed.probes[instance.id]?.unhealthy;
  if (unhealthy !== undefined) {
    const probe = unhealthy.probe === 'liveness' ? container.livenessProbe : container.startupProbe;
    const own = probe?.terminationGracePeriodSeconds;
    return {
      graceMs: own === undefined ? graceMs : own * 1000,
      message: `Container ${name} failed ${unhealthy.probe} probe, will be restarted`,
    };
  }
  if (observed.hooks[instance.id]?.postStart === 'failed') {
    return { graceMs, message: 'FailedPostStartHook' };
  }
  return undefined;
}

/** Whether any container of the pod is still to run; otherwise a lost sandbox is not replaced. */
function hasWork(pod: Pod, observed: ObservedPod): boolean {
  return podContainers(pod).some((podContainer) => {
    if (podContainer.role !== 'main') return false;
    const instance = latestInstance(observed, podContainer.container.name);
    if (instance === undefined || !hasEnded(instance)) return true;
    return shouldRestart(pod, podContainer, instance);
  });
}

/** Makes and starts the sandbox, clearing away lost ones. Gives the one containers can be made in. */
function planSandbox(context: Context, pod: Pod): ObservedSandbox | undefined {
  const { observed, draft } = context;
  const [newest, ...older] = observed.sandboxes;
  for (const lost of [...(newest?.state === 'exited' ? [newest] : []), ...older]) {
    if (observed.networks[lost.id] !== undefined) {
      draft.do({ type: 'teardownNetwork', sandboxId: lost.id });
    } else {
      draft.do({ type: 'removeSandbox', sandboxId: lost.id });
    }
  }
  if (newest === undefined || newest.state === 'exited') {
    const attempt = newest === undefined ? 0 : newest.attempt + 1;
    if (hasWork(pod, observed)) draft.do({ type: 'createSandbox', attempt });
    return undefined;
  }
  if (newest.state === 'created') draft.do({ type: 'startSandbox', sandboxId: newest.id });
  else if (pod.spec.hostNetwork !== true && observed.networks[newest.id] === undefined) {
    draft.do({ type: 'setupNetwork', sandboxId: newest.id });
  }
  return newest;
}

const hasNetwork = (pod: Pod, observed: ObservedPod, sandbox: ObservedSandbox): boolean =>
  pod.spec.hostNetwork === true || observed.networks[sandbox.id] !== undefined;

/** Takes one container the next step towards running. */
function planContainer(
  context: Context,
  pod: Pod,
  sandbox: ObservedSandbox | undefined,
  podContainer: PodContainer,
): void {
  const { desired, observed, now, draft } = context;
  const { name } = podContainer.container;
  const instance = latestInstance(observed, name);
  if (instance?.state === 'running') return;
  if (instance !== undefined && !hasEnded(instance)) {
    if (instance.sandboxId !== sandbox?.id) {
      draft.do({ type: 'removeContainer', container: name, id: instance.id });
    } else if (sandbox.state === 'running' && hasNetwork(pod, observed, sandbox)) {
      draft.do({ type: 'startContainer', container: name, id: instance.id });
    }
    return;
  }
  const inOldSandbox = instance !== undefined && instance.sandboxId !== sandbox?.id;
  if (instance !== undefined) {
    const again =
      shouldRestart(pod, podContainer, instance) || (inOldSandbox && podContainer.role === 'init');
    if (!again) return;
    const allowedMs = inOldSandbox ? now : restartAllowedAtMs(observed.backoffs[name], instance);
    if (now < allowedMs) {
      draft.wait(`the back-off of ${name}`, allowedMs);
      return;
    }
  }
  const image = observed.images[name];
  if (image === undefined || (image.state === 'present' && image.used === true)) {
    draft.do({ type: 'getImage', container: name });
    return;
  }
  if (image.state === 'getting') {
    draft.wait(`the image of ${name}`);
    return;
  }
  if (sandbox === undefined || !observed.volumesMounted) return;
  if (desired.needAddress.has(name) && !hasNetwork(pod, observed, sandbox)) return;
  const attempt = instance === undefined ? 0 : instance.attempt + 1;
  draft.do({ type: 'createContainer', container: name, attempt, sandboxId: sandbox.id });
}

/** The containers that may be running now, in the order they start. */
function runnable(pod: Pod, observed: ObservedPod): readonly PodContainer[] {
  const blocking = blockingInit(pod, observed);
  const all = podContainers(pod);
  if (blocking !== undefined) {
    const position = all.indexOf(
      all.find(({ container }) => container.name === blocking.container.name) ?? blocking,
    );
    // Sidecars before the blocking one are kept running; finished init containers are not looked at again.
    return all
      .slice(0, position + 1)
      .filter(({ role }, at) => role === 'sidecar' || at === position);
  }
  const mainDone = !hasWork(pod, observed);
  const chosen: PodContainer[] = [];
  for (const podContainer of all) {
    const { role, container } = podContainer;
    if (role === 'init' || (role === 'sidecar' && mainDone)) continue;
    chosen.push(podContainer);
    if (role !== 'main' || container.lifecycle?.postStart === undefined) continue;
    // Later containers start only when the hook is done: people rely on it to order them.
    const instance = latestInstance(observed, container.name);
    const hook = instance === undefined ? undefined : observed.hooks[instance.id]?.postStart;
    if (instance === undefined || instance.state === 'created' || hook === 'running') break;
  }
  return chosen;
}

/** Removes instances older than those kept for their logs. */
function planClearing({ observed, draft }: Context): void {
  const newest = new Map<string, number>();
  for (const { name, attempt } of observed.containers) {
    newest.set(name, Math.max(newest.get(name) ?? 0, attempt));
  }
  for (const instance of observed.containers) {
    const age = (newest.get(instance.name) ?? 0) - instance.attempt;
    if (age > keptDeadInstances && instance.state !== 'running') {
      draft.do({ type: 'removeContainer', container: instance.name, id: instance.id });
    }
  }
}

function planRun(context: Context, pod: Pod): void {
  const { observed, draft } = context;
  const running = observed.containers.filter(({ state }) => state === 'running');
  for (const instance of running) {
    const request = reasonToKill(context, findContainer(pod, instance.name), instance);
    if (request !== undefined) planKill(context, instance, request);
  }
  // Instances of a lost sandbox hold its namespaces: they go before a new one is made.
  const current = currentSandbox(observed)?.id;
  if (running.some(({ sandboxId }) => sandboxId !== current)) return;
  if (currentSandbox(observed)?.state === 'exited' && running.length > 0) return;
  if (!observed.volumesMounted) draft.do({ type: 'mountVolumes' });
  const sandbox = planSandbox(context, pod);
  for (const podContainer of runnable(pod, observed)) {
    planContainer(context, pod, sandbox, podContainer);
  }
  planClearing(context);
}

/** The next steps of a pod, or why there are none: it is as it should be, or something is waited for. */
export function plan(desired: DesiredPod, observed: ObservedPod, now: number): Plan {
  const draft = new Draft(observed, now);
  const context: Context = { desired, observed, now, draft };
  if (desired.stop !== undefined) planStop(context, desired.stop);
  else if (desired.pod !== undefined) planRun(context, desired.pod);
  return draft.finish();
}
