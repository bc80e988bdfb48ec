/** What executors share: the pod as they see it, and how they speak about its containers. */
import type { Container, Pod } from '../../../api/core/v1/types.js';
import { invariant } from '../../../machinery/invariant.js';
import type { PodDependencies } from '../dependencies.js';
import { findContainer } from '../plan.js';
import type { PodMemory } from '../pod-memory.js';
import { podPaths, type PodPaths } from '../pod-paths.js';
import type { Step, StepType } from '../steps.js';

/** One pod as its executors see it. */
export interface PodContext {
  readonly dependencies: PodDependencies;
  readonly memory: PodMemory;
  readonly identity: { readonly uid: string; readonly name: string; readonly namespace: string };
  /** Undefined for leftovers. */
  readonly pod: () => Pod | undefined;
  /** Aborted when the pod is to stop: pulls and postStart hooks end then. */
  readonly startSignal: AbortSignal;
  /** Plans again; called when something that runs in the background has ended. */
  readonly wake: () => void;
  /** Writes the pod's status and resolves when the API has it. */
  readonly flushStatus: () => Promise<void>;
}

/** The step of one type. */
export type StepOf<Type extends StepType> = Extract<Step, { readonly type: Type }>;

/** The pod of a step that only pods in the API get. */
export function requirePod(context: PodContext): Pod {
  const pod = context.pod();
  invariant(pod, 'a pod that is not in the API is only ever stopped');
  return pod;
}

/** Where the pod keeps its files on this machine. */
export function pathsOf({ dependencies, identity }: PodContext): PodPaths {
  return podPaths(dependencies.dataDir, identity.uid);
}

/** The container a step names. */
export function containerOf(context: PodContext, name: string): Container {
  const found = findContainer(requirePod(context), name);
  invariant(found, 'a plan only names containers of its pod');
  return found.container;
}

/** The pod's addresses, empty while its network is not set up. */
export const podIPsOf = ({
  dependencies,
  memory,
  identity,
  pod,
}: PodContext): readonly string[] => {
  if (pod()?.spec.hostNetwork === true) return dependencies.node.ips;
  const [sandbox] = dependencies.view.sandboxesOf(identity.uid);
  return sandbox === undefined ? [] : (memory.networks.get(sandbox.id) ?? []);
};

const fieldPathOf = (pod: Pod, name: string): string => {
  const role = findContainer(pod, name)?.role;
  const list =
    role === 'main'
      ? 'containers'
      : role === 'ephemeral'
        ? 'ephemeralContainers'
        : 'initContainers';
  return `spec.${list}{${name}}`;
};

/** Records an event about one container. */
export function containerEvent(
  context: PodContext,
  name: string,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
): void {
  const pod = context.pod();
  if (pod === undefined) return;
  context.dependencies.events.record(pod, { ...event, fieldPath: fieldPathOf(pod, name) });
}
