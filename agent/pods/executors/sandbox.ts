/** The pause container and its network. */
import { sandboxSpec } from '../container-spec.js';
import { hostnameOf } from '../name-resolution.js';
import type { PodNetworkTarget } from '../../network/pod-network.js';
import { createOrAdopt, refresh, start } from './engine.js';
import { type PodContext, type StepOf, requirePod } from './pod-context.js';
import { writeHosts } from './volumes.js';

/** Creates the pause container, which owns the namespaces, without starting it. */
export async function createSandbox(
  context: PodContext,
  step: StepOf<'createSandbox'>,
): Promise<void> {
  const pod = requirePod(context);
  const { pauseImage, node } = context.dependencies;
  const hostname = hostnameOf(pod, node.name);
  await createOrAdopt(context, sandboxSpec({ pod, attempt: step.attempt, pauseImage, hostname }));
}

/** Starts the pause container; one that cannot start is removed. */
export async function startSandbox(
  context: PodContext,
  { sandboxId }: StepOf<'startSandbox'>,
): Promise<void> {
  const { runtime, view } = context.dependencies;
  try {
    await start(context, sandboxId);
  } catch (error) {
    // What kept it from starting may be in how it was created: the next plan makes another.
    await runtime.remove(sandboxId);
    view.remove(sandboxId);
    throw error;
  }
  // The pid leads to the network namespace.
  await refresh(context, sandboxId);
}

/** Removes the pause container and its namespaces with it. */
export async function removeSandbox(
  context: PodContext,
  { sandboxId }: StepOf<'removeSandbox'>,
): Promise<void> {
  await context.dependencies.runtime.remove(sandboxId);
  context.dependencies.view.remove(sandboxId);
}

/** How the network knows a sandbox. */
export function networkTarget(
  context: Pick<PodContext, 'dependencies' | 'identity' | 'pod'>,
  sandboxId: string,
): PodNetworkTarget {
  const { uid, name, namespace } = context.identity;
  const pid = context.dependencies.view.get(sandboxId)?.pid ?? 0;
  const containers = context.pod()?.spec.containers ?? [];
  const hostPorts = containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ containerPort, hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ containerPort, hostPort, hostIP, protocol }],
    ),
  );
  const netnsPath = pid === 0 ? undefined : `/proc/${pid}/ns/net`;
  return { podUid: uid, name, namespace, sandboxId, netnsPath, hostPorts };
}

/** Wires the sandbox's network and notes the addresses it was given. */
export async function setupNetwork(
  context: PodContext,
  { sandboxId }: StepOf<'setupNetwork'>,
): Promise<void> {
  const { ips } = await context.dependencies.network.setup(networkTarget(context, sandboxId));
  context.memory.networks.set(sandboxId, ips);
  await writeHosts(context, requirePod(context));
}

/** Gives back the sandbox's addresses and unwires it. */
export async function teardownNetwork(
  context: PodContext,
  { sandboxId }: StepOf<'teardownNetwork'>,
): Promise<void> {
  await context.dependencies.network.teardown(networkTarget(context, sandboxId));
  context.memory.networks.delete(sandboxId);
}
