/** Creating and starting containers. */
import { readFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Container, Pod } from '../../../api/core/v1/types.js';
import { invariant } from '../../../machinery/invariant.js';
import { identityFromLabels } from '../../runtime/labels.js';
import { isRuntimeError } from '../../runtime/runtime-error.js';
import { containerSpec } from '../container-spec.js';
import { environmentOf } from '../environment.js';
import { findContainer } from '../plan.js';
import { hasEnded, latestInstance, nextBackoff } from '../pod-containers.js';
import { createOrAdopt, start } from './engine.js';
import { beginPostStart } from './hooks.js';
import {
  type PodContext,
  type StepOf,
  requirePod,
  pathsOf,
  containerOf,
  podIPsOf,
  containerEvent,
} from './pod-context.js';

const qosOf = (pod: Pod): string => pod.status.qosClass ?? 'BestEffort';

async function readSeccomp(context: PodContext, container: Container): Promise<string | undefined> {
  const profile =
    container.securityContext?.seccompProfile ??
    context.pod()?.spec.securityContext?.seccompProfile;
  if (profile?.type !== 'Localhost') return undefined;
  const root = path.join(context.dependencies.dataDir, 'seccomp');
  return readFile(path.join(root, profile.localhostProfile ?? ''), 'utf8').catch(() => undefined);
}

/** Creates the next instance of a container, without starting it. */
export async function createContainer(
  context: PodContext,
  step: StepOf<'createContainer'>,
): Promise<void> {
  const pod = requirePod(context);
  const { dependencies, memory } = context;
  const podContainer = findContainer(pod, step.container);
  invariant(podContainer, 'a plan only names containers of its pod');
  const { container, target } = podContainer;
  const { node, references, volumes, view, logLinks } = dependencies;
  const environment = { pod, podIPs: podIPsOf(context), node, references };
  const variables = await environmentOf(environment, container);
  const paths = pathsOf(context);
  const messageFile = paths.terminationMessage(container.name, step.attempt);
  const [volumeMounts, seccompJson] = await Promise.all([
    volumes.mountsFor(pod, container.name, variables),
    readSeccomp(context, container),
    mkdir(path.dirname(messageFile), { recursive: true }).then(() =>
      writeFile(messageFile, '', { mode: 0o666 }),
    ),
  ]);
  const observed = memory.observe(context.identity.uid, view);
  const spec = containerSpec({
    pod,
    podContainer,
    attempt: step.attempt,
    sandboxId: step.sandboxId,
    variables,
    volumeMounts,
    paths,
    imageUser: memory.images.get(container.name)?.user ?? '',
    nodeMemoryBytes: node.allocatable.memoryBytes,
    qosClass: qosOf(pod),
    targetId: target === undefined ? undefined : latestInstance(observed, target)?.id,
    seccompJson,
  });
  let id: string;
  try {
    id = await createOrAdopt(context, spec);
  } catch (error) {
    // Somebody removed the image since it was found: it is looked for again.
    if (isRuntimeError(error, 'imageMissing')) {
      memory.images.delete(container.name);
      return;
    }
    throw error;
  }
  const before = latestInstance(observed, container.name);
  if (before !== undefined && hasEnded(before) && step.attempt > 0) {
    const backoff = memory.backoffs.get(container.name);
    memory.backoffs.set(container.name, nextBackoff(backoff, before, dependencies.clock.now()));
  }
  // The next instance asks for the image again when the policy is to pull always.
  if (container.imagePullPolicy === 'Always') memory.failures.delete(`image:${container.name}`);
  const message = 'Container created';
  containerEvent(context, container.name, { type: 'Normal', reason: 'Created', message });
  const labels = identityFromLabels(spec.labels);
  if (labels !== undefined) await logLinks.add(labels, id);
}

/** Starts a created container and, in the background, its postStart hook. */
export async function startContainer(
  context: PodContext,
  step: StepOf<'startContainer'>,
): Promise<void> {
  const { dependencies, memory } = context;
  const pod = requirePod(context);
  const container = containerOf(context, step.container);
  const role = findContainer(pod, step.container)?.role ?? 'main';
  const type =
    role === 'main' ? 'container' : role === 'sidecar' ? 'init_container' : `${role}_container`;
  // The next instance looks for the image again: it may be gone, or the policy be to pull always.
  const image = memory.images.get(container.name);
  if (image?.state === 'present') memory.images.set(container.name, { ...image, used: true });
  try {
    await start(context, step.id);
  } catch (error) {
    dependencies.metrics.containerStartFailed(type, 'RunContainerError');
    throw error;
  }
  if (dependencies.view.get(step.id) === undefined) return;
  dependencies.metrics.containerStarted(type);
  const message = 'Container started';
  containerEvent(context, container.name, { type: 'Normal', reason: 'Started', message });
  const handler = container.lifecycle?.postStart;
  if (handler !== undefined) beginPostStart(context, { container, id: step.id, handler });
}
