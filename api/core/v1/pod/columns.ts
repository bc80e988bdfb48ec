/**
 * What `kubectl get pods` shows of a pod. The status column tells the most telling state of the pod's containers, by the
 * rules of Kubernetes' printer, so that people and scripts read what they are used to.
 */
import { ageText } from '../../../age.js';
import type { Completion, TableColumn } from '../../../schema/resource.js';
import type { ContainerState, ContainerStatus, Pod, PodStatus } from '../types.js';
import {
  hasPodCondition,
  isPodTerminal,
  isPodTerminating,
  isRestartableInit,
} from './conditions.js';

/** Restart counters, and when the last of the restarts happened. */
interface Restarts {
  count: number;
  lastMs: number;
}

interface PodSummary {
  readonly readyContainers: number;
  readonly totalContainers: number;
  readonly status: string;
  readonly restarts: Restarts;
}

function addRestarts(restarts: Restarts, status: ContainerStatus): void {
  restarts.count += status.restartCount;
  const finishedMs = Date.parse(status.lastState?.terminated?.finishedAt ?? '');
  if (finishedMs > restarts.lastMs) restarts.lastMs = finishedMs;
}

/** How a container ended, where it did: its reason, or else the signal or exit code. */
function endingOf(terminated: NonNullable<ContainerState['terminated']>): string {
  const { reason = '', signal = 0, exitCode } = terminated;
  if (reason !== '') return reason;
  return signal === 0 ? `ExitCode:${String(exitCode)}` : `Signal:${String(signal)}`;
}

interface InitSummary {
  /** Set while initialisation is under way or has failed. */
  readonly status: string | undefined;
  readonly restarts: Restarts;
  readonly sidecarRestarts: Restarts;
  readonly readySidecars: number;
}

function summarizeInit(pod: Pod, status: PodStatus): InitSummary {
  const containers = pod.spec.initContainers ?? [];
  const sidecars = new Set(containers.filter(isRestartableInit).map(({ name }) => name));
  const restarts: Restarts = { count: 0, lastMs: 0 };
  const sidecarRestarts: Restarts = { count: 0, lastMs: 0 };
  let readySidecars = 0;
  for (const [position, container] of (status.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(container.name);
    addRestarts(restarts, container);
    if (isSidecar) addRestarts(sidecarRestarts, container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && container.started === true) {
      if (container.ready) readySidecars += 1;
      continue;
    }
    const waitReason = waiting?.reason ?? '';
    let text = `${String(position)}/${String(containers.length)}`;
    if (terminated !== undefined) text = endingOf(terminated);
    else if (waitReason !== '' && waitReason !== 'PodInitializing') text = waitReason;
    return { status: `Init:${text}`, restarts, sidecarRestarts, readySidecars };
  }
  return { status: undefined, restarts, sidecarRestarts, readySidecars };
}

/** What the phase and the pod's own reason say before any container is looked at. */
function statusOfPod(status: PodStatus): string {
  const gated = status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (gated === true) return 'SchedulingGated';
  return (status.reason ?? '') === '' ? (status.phase ?? '') : (status.reason ?? '');
}

interface MainSummary {
  readonly status: string;
  readonly readyContainers: number;
}

/** What a pod shows whose containers, or some of them, are done: a failure before those that still run. */
function completedText(pod: Pod, readyContainers: number, failure: string | undefined): string {
  const isRunning = readyContainers > 0;
  if (isRunning && hasPodCondition(pod, 'Ready')) return 'Running';
  return failure ?? (isRunning ? 'NotReady' : 'Completed');
}

/** The first container with something to say gives the status; restarts are added up on the way. */
function summarizeMain(pod: Pod, status: PodStatus, from: string, restarts: Restarts): MainSummary {
  let text = from;
  let failure: string | undefined;
  let readyContainers = 0;
  for (const container of (status.containerStatuses ?? []).toReversed()) {
    addRestarts(restarts, container);
    const { waiting, terminated, running } = container.state ?? {};
    const waitReason = waiting?.reason ?? '';
    if (waitReason !== '') text = waitReason;
    else if (terminated !== undefined) {
      text = endingOf(terminated);
      if (terminated.exitCode !== 0) failure = text;
    } else if (container.ready && running !== undefined) readyContainers += 1;
  }
  if (text === 'Completed') text = completedText(pod, readyContainers, failure);
  return { status: text, readyContainers };
}

function summarize(pod: Pod): PodSummary {
  const status = (pod.status as PodStatus | undefined) ?? {};
  const init = summarizeInit(pod, status);
  const sidecars = (pod.spec.initContainers ?? []).filter(isRestartableInit).length;
  let text = init.status ?? statusOfPod(status);
  let { restarts } = init;
  let readyContainers = init.readySidecars;
  if (init.status === undefined || hasPodCondition(pod, 'Initialized')) {
    restarts = init.sidecarRestarts;
    const main = summarizeMain(pod, status, text, restarts);
    text = main.status;
    readyContainers += main.readyContainers;
  }
  if (isPodTerminating(pod)) {
    if (status.reason === 'NodeLost') text = 'Unknown';
    else if (!isPodTerminal(pod)) text = 'Terminating';
  }
  return {
    readyContainers,
    totalContainers: pod.spec.containers.length + sidecars,
    status: text,
    restarts,
  };
}

/** The STATUS that `kubectl get pods` shows, such as `Running`, `CrashLoopBackOff` or `Init:0/1`. */
const podStatusText = (pod: Pod): string => summarize(pod).status;

function readyText(pod: Pod): string {
  const { readyContainers, totalContainers } = summarize(pod);
  return `${String(readyContainers)}/${String(totalContainers)}`;
}

function restartsText(pod: Pod, nowMs: number): string {
  const { count, lastMs } = summarize(pod).restarts;
  if (count === 0 || lastMs === 0) return String(count);
  return `${String(count)} (${ageText(new Date(lastMs).toISOString(), nowMs)} ago)`;
}

const orNone = (text: string | undefined): string =>
  text === undefined || text === '' ? '<none>' : text;

function readinessGatesText(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const passed = gates.filter(({ conditionType }) => hasPodCondition(pod, conditionType)).length;
  return `${String(passed)}/${String(gates.length)}`;
}

const statusOf = (pod: { readonly status?: PodStatus }): PodStatus => pod.status ?? {};

/** What the row of a pod that has come to its end says beside its cells. */
export function podCompletion(pod: Pod): Completion | undefined {
  const { phase } = statusOf(pod);
  if (phase === 'Succeeded') {
    return { reason: phase, message: 'The pod has completed successfully.' };
  }
  return phase === 'Failed' ? { reason: phase, message: 'The pod failed.' } : undefined;
}

/** The columns of `kubectl get pods`; the last four with `-o wide`. */
export const podColumns: readonly TableColumn<Pod>[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: 'Name of the pod, unique in its namespace.',
    priority: 0,
    cell: (pod) => pod.metadata.name,
  },
  {
    name: 'Ready',
    type: 'string',
    description: 'Containers that are ready, of all that should be.',
    priority: 0,
    cell: readyText,
  },
  {
    name: 'Status',
    type: 'string',
    description: 'The most telling state among the pod and its containers.',
    priority: 0,
    cell: podStatusText,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers were restarted, and how long ago the last time was.',
    priority: 0,
    cell: restartsText,
  },
  {
    name: 'Age',
    type: 'string',
    description: 'Time since the pod was created.',
    priority: 0,
    cell: (pod, now) => ageText(pod.metadata.creationTimestamp, now),
  },
  {
    name: 'IP',
    type: 'string',
    description: 'Address of the pod in the cluster network.',
    priority: 1,
    cell: (pod) => orNone(statusOf(pod).podIPs?.[0]?.ip ?? statusOf(pod).podIP),
  },
  {
    name: 'Node',
    type: 'string',
    description: 'Node the pod was bound to.',
    priority: 1,
    cell: (pod) => orNone(pod.spec.nodeName),
  },
  {
    name: 'Nominated Node',
    type: 'string',
    description: 'Node on which room is being made for the pod.',
    priority: 1,
    cell: (pod) => orNone(statusOf(pod).nominatedNodeName),
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    description: 'Readiness gates that have passed, of all the pod has.',
    priority: 1,
    cell: readinessGatesText,
  },
];
