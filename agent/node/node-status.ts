/**
 * What a Node object says about this machine: pure functions from facts to labels and status, after the kubelet.
 */
import type { Node, NodeCondition, NodeStatus } from '../../api/core/v1/types.js';
import { timestamp } from '../../api/meta/timestamp.js';
import { maxImages, maxPods } from './limits.js';

/** Facts about the machine and its engine, read once or on every report. */
export interface NodeFacts {
  readonly nodeIp: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly systemUuid: string;
  /** Node's name of the processor, such as `x64`. */
  readonly processor: string;
  readonly engineVersion: string;
  readonly agentVersion: string;
  readonly agentPort: number;
}

/** What a report says beside the facts: how the machine is doing. */
export interface NodeHealth {
  /** Why pods cannot be run; empty when they can. */
  readonly problems: readonly string[];
  readonly availableMemoryBytes: number;
  readonly availableStorageBytes: number;
  readonly availablePids: number;
  readonly images: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

/** Below these the machine is under pressure, as the kubelet's default eviction thresholds have it. */
const pressure = { memoryBytes: 100 * 1024 * 1024, storageFraction: 0.1, pids: 1000 } as const;

/** Go's names of processors, which Kubernetes uses. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

const architectureOf = (processor: string): string => architectures[processor] ?? processor;

/** The labels every node carries. */
export const nodeLabels = (nodeName: string, facts: NodeFacts): Record<string, string> => {
  const architecture = architectureOf(facts.processor);
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  };
};

const kibibytes = (bytes: number): string => `${String(Math.floor(bytes / 1024))}Ki`;

interface Finding {
  readonly type: NodeCondition['type'];
  readonly holds: boolean;
  readonly reason: string;
  readonly message: string;
}

const finding = (
  type: NodeCondition['type'],
  holds: boolean,
  texts: { readonly yes: readonly [string, string]; readonly no: readonly [string, string] },
): Finding => {
  const [reason, message] = holds ? texts.yes : texts.no;
  return { type, holds, reason, message };
};

/** Reasons and messages are the kubelet's, which tools match on. */
const findings = (facts: NodeFacts, health: NodeHealth): readonly Finding[] => [
  finding('MemoryPressure', health.availableMemoryBytes < pressure.memoryBytes, {
    yes: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    no: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  }),
  finding(
    'DiskPressure',
    health.availableStorageBytes < facts.storageBytes * pressure.storageFraction,
    {
      yes: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      no: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    },
  ),
  finding('PIDPressure', health.availablePids < pressure.pids, {
    yes: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
    no: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  }),
  finding('Ready', health.problems.length === 0, {
    yes: ['KubeletReady', 'kubelet is posting ready status'],
    no: ['KubeletNotReady', health.problems.join('; ')],
  }),
];

/** Conditions with their transition times kept where nothing changed. */
function nodeConditions(
  facts: NodeFacts,
  health: NodeHealth,
  previous: readonly NodeCondition[],
  nowMs: number,
): NodeCondition[] {
  const now = timestamp(nowMs);
  return findings(facts, health).map(({ type, holds, reason, message }) => {
    const before = previous.find((condition) => condition.type === type);
    const status = holds ? 'True' : 'False';
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
  });
}

/** The whole status the agent owns; `node` is as it was reported last. */
export function nodeStatus(
  { metadata, status: previous }: Node,
  facts: NodeFacts,
  health: NodeHealth,
  nowMs: number,
): NodeStatus {
  const capacity = {
    cpu: String(facts.cpus),
    'ephemeral-storage': kibibytes(facts.storageBytes),
    memory: kibibytes(facts.memoryBytes),
    pods: String(maxPods),
  };
  const images = [...health.images].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, maxImages);
  return {
    addresses: [
      { type: 'InternalIP', address: facts.nodeIp },
      // A node that was given a name goes by it, whatever the machine calls itself.
      { type: 'Hostname', address: metadata.name },
    ],
    capacity,
    allocatable: {
      ...capacity,
      'ephemeral-storage': String(Math.floor(facts.storageBytes * (1 - pressure.storageFraction))),
      memory: kibibytes(Math.max(facts.memoryBytes - pressure.memoryBytes, 0)),
    },
    conditions: nodeConditions(facts, health, previous.conditions ?? [], nowMs),
    daemonEndpoints: { kubeletEndpoint: { Port: facts.agentPort } },
    images: images.map(({ names, sizeBytes }) => ({ names: [...names], sizeBytes })),
    nodeInfo: {
      architecture: architectureOf(facts.processor),
      bootID: facts.bootId,
      containerRuntimeVersion: `docker://${facts.engineVersion}`,
      kernelVersion: facts.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: facts.agentVersion,
      machineID: facts.machineId,
      operatingSystem: 'linux',
      osImage: facts.osImage,
      systemUUID: facts.systemUuid,
    },
  };
}
