/** Containers as Docker describes them, in the runtime's words. */
import type Docker from 'dockerode';
import type { ContainerRecord, ContainerStateName } from '../runtime.js';

const runningStates: ReadonlySet<string> = new Set(['running', 'paused', 'restarting']);

/** What Docker's word for a container's state comes to. */
export function stateFrom(status: string): ContainerStateName {
  if (runningStates.has(status)) return 'running';
  return status === 'created' ? 'created' : 'exited';
}

/** Docker writes year 1 for times that have not come. */
function timeFrom(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}

/** What is shown of a container that Docker was asked about. */
export function recordFrom(info: Docker.ContainerInspectInfo): ContainerRecord {
  const { State: engineState } = info;
  const state = stateFrom(engineState.Status);
  const failedStart = state === 'created' && engineState.Error !== '';
  const startedAtMs = timeFrom(engineState.StartedAt);
  const finishedAtMs = state === 'exited' ? timeFrom(engineState.FinishedAt) : undefined;
  return {
    id: info.Id,
    labels: info.Config.Labels,
    imageId: info.Image,
    state,
    pid: engineState.Pid,
    tty: info.Config.Tty,
    createdAtMs: timeFrom(info.Created) ?? 0,
    // Docker notes the start once it has returned; a process of milliseconds has ended before that.
    startedAtMs:
      startedAtMs === undefined ? undefined : Math.min(startedAtMs, finishedAtMs ?? startedAtMs),
    finishedAtMs,
    exitCode: state === 'exited' || failedStart ? engineState.ExitCode : undefined,
    oomKilled: engineState.OOMKilled,
    startError: failedStart ? engineState.Error : undefined,
  };
}
