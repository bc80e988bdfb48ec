/** The containers of a pod and the state of each, seen through the pod's rules. Pure. */
import type { Container, Pod } from '../../api/core/v1/types.js';
import type { CrashBackoff, ObservedContainer, ObservedPod, ObservedSandbox } from './observed.js';
import { crashBackoffInitialMs, crashBackoffMaxMs, crashBackoffResetMs } from './limits.js';

/** `init` runs to its end before the next; a `sidecar` is an init container that keeps running. */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral';

export interface PodContainer {
  readonly role: ContainerRole;
  readonly container: Container;
  /** Name of the container whose processes an ephemeral container sees. */
  readonly target?: string | undefined;
}

/** Init containers and sidecars in their order, then the main ones, then the ephemeral ones. */
export function podContainers(pod: Pod): readonly PodContainer[] {
  const { spec } = pod;
  return [
    ...(spec.initContainers ?? []).map((container): PodContainer => {
      return { role: container.restartPolicy === 'Always' ? 'sidecar' : 'init', container };
    }),
    ...spec.containers.map((container): PodContainer => ({ role: 'main', container })),
    ...(spec.ephemeralContainers ?? []).map((container): PodContainer => {
      // The API keeps the enumerations of ephemeral containers as plain strings; their values are the same.
      return {
        role: 'ephemeral',
        container: container as Container,
        target: container.targetContainerName,
      };
    }),
  ];
}

/** The newest instance of a container. */
export function latestInstance(observed: ObservedPod, name: string): ObservedContainer | undefined {
  let latest: ObservedContainer | undefined;
  for (const instance of observed.containers) {
    if (instance.name === name && (latest === undefined || instance.attempt > latest.attempt)) {
      latest = instance;
    }
  }
  return latest;
}

/** Exited, or never started because its process could not be. */
export const hasEnded = (instance: ObservedContainer): boolean =>
  instance.state === 'exited' || instance.startError !== undefined;

/** Whether an instance ended with exit code 0. */
export const succeeded = (instance: ObservedContainer): boolean =>
  hasEnded(instance) && instance.startError === undefined && instance.exitCode === 0;

/** Milliseconds since the epoch at which the instance ended. */
export const endedAtMs = (instance: ObservedContainer): number =>
  instance.finishedAtMs ?? instance.startedAtMs ?? instance.createdAtMs;

/** The newest sandbox, which is the only one containers are made in. */
export const currentSandbox = (observed: ObservedPod): ObservedSandbox | undefined =>
  observed.sandboxes[0];

/** Whether a container that has ended is to be started again. */
export function shouldRestart(
  pod: Pod,
  { role, container }: PodContainer,
  instance: ObservedContainer,
): boolean {
  if (role === 'sidecar') return true;
  if (role === 'ephemeral') return false;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (role === 'init') return !succeeded(instance) && policy !== 'Never';
  if (policy === 'Always') return true;
  return policy === 'OnFailure' && !succeeded(instance);
}

/** Whether the container's process is up and has passed its startup probe and postStart hook. */
export function hasStarted(observed: ObservedPod, { container }: PodContainer): boolean {
  const instance = latestInstance(observed, container.name);
  if (instance?.state !== 'running') return false;
  const hook = observed.hooks[instance.id]?.postStart;
  if (hook === 'running' || hook === 'failed') return false;
  return container.startupProbe === undefined || observed.probes[instance.id]?.started === true;
}

/** Whether a container counts as ready: it has started, and its readiness probe, if it has one, passes. */
export function isReady(observed: ObservedPod, podContainer: PodContainer): boolean {
  if (!hasStarted(observed, podContainer)) return false;
  if (podContainer.container.readinessProbe === undefined) return true;
  const instance = latestInstance(observed, podContainer.container.name);
  return instance !== undefined && observed.probes[instance.id]?.ready === true;
}

/** Whether every main container has ended for good. */
export function mainContainersDone(pod: Pod, observed: ObservedPod): boolean {
  return podContainers(pod)
    .filter(({ role }) => role === 'main')
    .every((podContainer) => {
      const instance = latestInstance(observed, podContainer.container.name);
      if (instance === undefined || !hasEnded(instance)) return false;
      return !shouldRestart(pod, podContainer, instance);
    });
}

/** The first init container or sidecar that holds up what comes after it; undefined when the pod is initialised. */
export function blockingInit(pod: Pod, observed: ObservedPod): PodContainer | undefined {
  const all = podContainers(pod);
  const sandboxId = currentSandbox(observed)?.id;
  // Once a main container has been made in this sandbox, initialisation is over, whatever became of its containers.
  const mainMade = all.some(({ role, container }) => {
    const instance = role === 'main' ? latestInstance(observed, container.name) : undefined;
    return instance !== undefined && instance.sandboxId === sandboxId;
  });
  // So it is when they have all ended for good, even if their sandbox is gone: nothing is set up for nobody.
  if (mainMade || mainContainersDone(pod, observed)) return undefined;
  return all.find((podContainer) => {
    const { role, container } = podContainer;
    if (role === 'sidecar') return !hasStarted(observed, podContainer);
    if (role !== 'init') return false;
    const instance = latestInstance(observed, container.name);
    return instance === undefined || instance.sandboxId !== sandboxId || !succeeded(instance);
  });
}

/** When a container that has ended may start again, in milliseconds since the epoch; now or earlier means at once. */
export function restartAllowedAtMs(
  backoff: CrashBackoff | undefined,
  instance: ObservedContainer,
): number {
  const ended = endedAtMs(instance);
  if (backoff === undefined || ended - backoff.restartedAtMs > crashBackoffResetMs) return ended;
  return ended + backoff.delayMs;
}

/** The back-off to remember when a container is restarted now. */
export function nextBackoff(
  backoff: CrashBackoff | undefined,
  instance: ObservedContainer,
  now: number,
): CrashBackoff {
  const fresh =
    backoff === undefined || endedAtMs(instance) - backoff.restartedAtMs > crashBackoffResetMs;
  return {
    delayMs: fresh ? crashBackoffInitialMs : Math.min(backoff.delayMs * 2, crashBackoffMaxMs),
    restartedAtMs: now,
  };
}
