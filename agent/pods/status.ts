/** The status of a pod as the API shows it, from its spec and what is observed. Pure. */
import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from '../../api/core/v1/types.js';
import { timestamp } from '../../api/meta/timestamp.js';
import { durationText } from './duration-text.js';
import type { ObservedContainer, ObservedPod } from './observed.js';
import {
  blockingInit,
  currentSandbox,
  endedAtMs,
  hasEnded,
  hasStarted,
  isReady,
  latestInstance,
  mainContainersDone,
  type PodContainer,
  podContainers,
  restartAllowedAtMs,
  shouldRestart,
  succeeded,
} from './pod-containers.js';

export interface StatusInputs {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly now: number;
  /** Addresses of the node, the primary one first. */
  readonly nodeIPs: readonly string[];
  /** When this agent first saw the pod. */
  readonly acceptedAtMs: number;
  /** Why the pod is being ended other than by deletion. */
  readonly failure?: { readonly reason: string; readonly message: string } | undefined;
}

type Phase = NonNullable<PodStatus['phase']>;

const containerIdOf = (id: string): string => `docker://${id}`;

function terminatedState(instance: ObservedContainer): ContainerStateTerminated {
  const failedStart = instance.startError !== undefined;
  const exitCode = failedStart ? 128 : (instance.exitCode ?? 255);
  const cleanReason = exitCode === 0 ? 'Completed' : 'Error';
  const reason = failedStart ? 'StartError' : instance.oomKilled ? 'OOMKilled' : cleanReason;
  const message = failedStart ? instance.startError : instance.message;
  return {
    exitCode,
    reason,
    ...(message === undefined || message === '' ? {} : { message }),
    startedAt: timestamp(instance.startedAtMs ?? instance.createdAtMs),
    finishedAt: timestamp(endedAtMs(instance)),
    containerID: containerIdOf(instance.id),
  };
}

/** A pod as messages name it: `NAME_NAMESPACE(UID)`. */
export const podText = ({ metadata: { name, namespace = '', uid } }: Pod): string =>
  `${name}_${namespace}(${uid})`;

interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** Why a container that is to run does not: a failure of its own first, then what holds it up. */
function waitingState(inputs: StatusInputs, podContainer: PodContainer): Waiting {
  const { pod, observed } = inputs;
  const { name } = podContainer.container;
  const backOff = crashBackOff(inputs, name);
  const failure = observed.failures[`image:${name}`] ?? observed.failures[`create:${name}`];
  // A program that cannot be started is one that ends at once, and is waited after like any other.
  if (failure !== undefined && !(backOff !== undefined && failure.reason === 'RunContainerError')) {
    const isPull = observed.failures[`image:${name}`] !== undefined;
    const backingOff = isPull && failure.count > 1 && failure.reason === 'ErrImagePull';
    return backingOff
      ? {
          reason: 'ImagePullBackOff',
          message: `Back-off pulling image "${podContainer.container.image ?? ''}": ErrImagePull: ${failure.message}`,
        }
      : { reason: failure.reason, message: failure.message };
  }
  if (backOff !== undefined) return backOff;
  const blocking = blockingInit(pod, observed);
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  const isLater = blocking !== undefined && blocking.container.name !== name;
  return {
    reason:
      hasInit && (isLater || podContainer.role !== 'main')
        ? 'PodInitializing'
        : 'ContainerCreating',
  };
}

/** That a container which ended is not started again yet. */
function crashBackOff({ pod, observed, now }: StatusInputs, name: string): Waiting | undefined {
  const instance = latestInstance(observed, name);
  if (instance === undefined || !hasEnded(instance)) return undefined;
  const allowedMs = restartAllowedAtMs(observed.backoffs[name], instance);
  if (now >= allowedMs) return undefined;
  const seconds = Math.round((allowedMs - endedAtMs(instance)) / 1000);
  return {
    reason: 'CrashLoopBackOff',
    message: `back-off ${durationText(seconds * 1000)} restarting failed container=${name} pod=${podText(pod)}`,
  };
}

/** The state before the one shown now, for `lastState`. */
function previousEnd(
  observed: ObservedPod,
  name: string,
  before: ObservedContainer,
): ObservedContainer | undefined {
  return observed.containers
    .filter((each) => each.name === name && each.attempt < before.attempt && hasEnded(each))
    .reduce<ObservedContainer | undefined>(
      (latest, each) => (latest === undefined || each.attempt > latest.attempt ? each : latest),
      undefined,
    );
}

/** What the API has about this very instance; facts that cannot change are taken from there. */
function storedStatus(pod: Pod, instance: ObservedContainer): ContainerStatus | undefined {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status;
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ containerID }) => containerID === containerIdOf(instance.id),
  );
}

interface States {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

function statesOf(inputs: StatusInputs, podContainer: PodContainer): States {
  const { pod, observed } = inputs;
  const instance = latestInstance(observed, podContainer.container.name);
  if (instance === undefined) {
    return { state: { waiting: waitingState(inputs, podContainer) }, lastState: {} };
  }
  const before = previousEnd(observed, instance.name, instance);
  const lastState = before === undefined ? {} : { terminated: terminatedState(before) };
  if (instance.state === 'running') {
    const known = storedStatus(pod, instance)?.state?.running?.startedAt;
    const startedAt = known ?? timestamp(instance.startedAtMs ?? instance.createdAtMs);
    return { state: { running: { startedAt } }, lastState };
  }
  if (!hasEnded(instance))
    return { state: { waiting: waitingState(inputs, podContainer) }, lastState };
  const ended = { terminated: terminatedState(instance) };
  const stopping = pod.metadata.deletionTimestamp !== undefined || inputs.failure !== undefined;
  if (stopping || !shouldRestart(pod, podContainer, instance)) return { state: ended, lastState };
  const allDone = blockingInit(pod, observed) === undefined && mainContainersDone(pod, observed);
  if (podContainer.role === 'sidecar' && allDone) return { state: ended, lastState };
  return { state: { waiting: waitingState(inputs, podContainer) }, lastState: ended };
}

const volumeMountStatuses = (container: Container): ContainerStatus['volumeMounts'] =>
  container.volumeMounts?.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' as const } : {}),
  }));

function containerStatus(inputs: StatusInputs, podContainer: PodContainer): ContainerStatus {
  const { observed } = inputs;
  const { container, role } = podContainer;
  const instance = latestInstance(observed, container.name);
  const image = observed.images[container.name];
  const started = hasStarted(observed, podContainer);
  const ready =
    role === 'init'
      ? instance !== undefined && succeeded(instance)
      : role === 'ephemeral'
        ? false
        : isReady(observed, podContainer);
  const mounts = volumeMountStatuses(container);
  const stored = instance === undefined ? undefined : storedStatus(inputs.pod, instance);
  const knownImage =
    stored === undefined || stored.imageID === '' ? image?.reference : stored.imageID;
  return {
    name: container.name,
    ...statesOf(inputs, podContainer),
    ready,
    restartCount: instance?.attempt ?? 0,
    image: instance?.image ?? container.image ?? '',
    imageID: instance === undefined ? '' : (knownImage ?? `docker://${instance.imageId}`),
    ...(instance === undefined ? {} : { containerID: containerIdOf(instance.id) }),
    ...(role === 'ephemeral' ? {} : { started }),
    ...(mounts === undefined ? {} : { volumeMounts: mounts }),
  };
}

/** Whether an init container has failed for good. */
const initFailed = (pod: Pod, observed: ObservedPod): boolean => {
  const blocking = blockingInit(pod, observed);
  if (blocking?.role !== 'init') return false;
  const instance = latestInstance(observed, blocking.container.name);
  if (instance === undefined || !hasEnded(instance) || succeeded(instance)) return false;
  return !shouldRestart(pod, blocking, instance);
};

/** Kubernetes' phases. A pod is Succeeded or Failed only once nothing of it runs any more. */
export function phaseOf({ pod, observed, failure }: StatusInputs): Phase {
  const recorded = pod.status.phase;
  if (recorded === 'Succeeded' || recorded === 'Failed') return recorded;
  const stillRunning = observed.containers.some(({ state }) => state === 'running');
  if (failure !== undefined) return stillRunning ? (recorded ?? 'Running') : 'Failed';
  if (initFailed(pod, observed)) return stillRunning ? 'Pending' : 'Failed';
  if (blockingInit(pod, observed) !== undefined) return 'Pending';
  const main = podContainers(pod).filter(({ role }) => role === 'main');
  const instances = main.map(({ container }) => latestInstance(observed, container.name));
  if (mainContainersDone(pod, observed)) {
    if (stillRunning) return 'Running';
    return instances.every((each) => each !== undefined && succeeded(each))
      ? 'Succeeded'
      : 'Failed';
  }
  const neverRan = instances.some(
    (each) =>
      each === undefined || (each.state === 'created' && !hasEnded(each) && each.attempt === 0),
  );
  return neverRan ? 'Pending' : 'Running';
}

/** Whether nothing is left to run although sidecars may still be up. */
export const hasFinished = (pod: Pod, observed: ObservedPod): boolean =>
  initFailed(pod, observed) ||
  (blockingInit(pod, observed) === undefined && mainContainersDone(pod, observed));

type ConditionFacts = Pick<PodCondition, 'type' | 'status'> & {
  readonly reason?: string;
  readonly message?: string;
};

const namesText = (names: readonly string[]): string => `[${names.join(' ')}]`;

function initializedCondition(inputs: StatusInputs, phase: Phase): ConditionFacts {
  const { pod, observed } = inputs;
  const blocking = phase === 'Succeeded' ? undefined : blockingInit(pod, observed);
  if (blocking === undefined) return { type: 'Initialized', status: 'True' };
  const all = podContainers(pod).filter(({ role }) => role === 'init' || role === 'sidecar');
  const from = all.findIndex(({ container }) => container.name === blocking.container.name);
  const names = all.slice(from).map(({ container }) => container.name);
  return {
    type: 'Initialized',
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${namesText(names)}`,
  };
}

function containersReadyCondition(inputs: StatusInputs, phase: Phase): ConditionFacts {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const unready = podContainers(inputs.pod)
    .filter(({ role }) => role === 'main' || role === 'sidecar')
    .filter((each) => !isReady(inputs.observed, each))
    .map(({ container }) => container.name);
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${namesText(unready)}`,
  };
}

function readyCondition(pod: Pod, containersReady: ConditionFacts): ConditionFacts {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const missing = (pod.spec.readinessGates ?? []).filter(({ conditionType }) => {
    const gate = pod.status.conditions?.find(({ type }) => type === conditionType);
    return gate?.status !== 'True';
  });
  if (missing.length === 0) return { type: 'Ready', status: 'True' };
  const texts = missing.map(
    ({ conditionType }) =>
      `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
  );
  return {
    type: 'Ready',
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: texts.join(', '),
  };
}

/** Keeps the time of the last change from the condition the API has. */
function stamped(inputs: StatusInputs, facts: ConditionFacts): PodCondition {
  const { pod, now } = inputs;
  const stored = pod.status.conditions?.find(({ type }) => type === facts.type);
  const unchanged = stored?.status === facts.status;
  return {
    ...facts,
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
    lastTransitionTime: (unchanged ? stored.lastTransitionTime : undefined) ?? timestamp(now),
  };
}

function conditionsOf(inputs: StatusInputs, phase: Phase): readonly PodCondition[] {
  const { pod, observed } = inputs;
  const sandbox = currentSandbox(observed);
  const wired = pod.spec.hostNetwork === true || observed.networks[sandbox?.id ?? ''] !== undefined;
  const canStart = sandbox?.state === 'running' && wired;
  const containersReady = containersReadyCondition(inputs, phase);
  return [
    {
      type: 'PodReadyToStartContainers' as const,
      status: canStart ? ('True' as const) : ('False' as const),
    },
    initializedCondition(inputs, phase),
    readyCondition(pod, containersReady),
    containersReady,
    { type: 'PodScheduled' as const, status: 'True' as const },
  ].map((facts) => stamped(inputs, facts));
}

/** The pod's addresses; those it had stay when its sandbox is gone. */
export function podIPsOf({ pod, observed, nodeIPs }: StatusInputs): readonly string[] {
  if (pod.spec.hostNetwork === true) {
    return currentSandbox(observed) === undefined
      ? (pod.status.podIPs ?? []).map(({ ip }) => ip)
      : nodeIPs;
  }
  const wired = observed.networks[currentSandbox(observed)?.id ?? ''];
  return wired ?? (pod.status.podIPs ?? []).map(({ ip }) => ip);
}

/** The whole status the agent owns; conditions of other writers are not in it. */
export function statusOf(inputs: StatusInputs): PodStatus {
  const { pod, nodeIPs, failure, acceptedAtMs } = inputs;
  const phase = phaseOf(inputs);
  const of = (...roles: readonly string[]): ContainerStatus[] =>
    podContainers(pod)
      .filter(({ role }) => roles.includes(role))
      .map((each) => containerStatus(inputs, each));
  const ips = podIPsOf(inputs);
  const init = of('init', 'sidecar');
  const ephemeral = of('ephemeral');
  const { reason, message } = failure ?? pod.status;
  return {
    phase,
    conditions: [...conditionsOf(inputs, phase)],
    ...(nodeIPs[0] === undefined
      ? {}
      : { hostIP: nodeIPs[0], hostIPs: nodeIPs.map((ip) => ({ ip })) }),
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: pod.status.startTime ?? timestamp(acceptedAtMs),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: of('main'),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    ...(pod.status.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
  };
}
