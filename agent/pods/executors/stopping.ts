/** Stopping containers, removing them, and telling the API that a pod is gone. */
import { pods } from '../../../api/core/v1/pod/pod.js';
import { hasReason } from '../../../api/meta/status-error.js';
import { identityFromLabels } from '../../runtime/labels.js';
import { isRuntimeError } from '../../runtime/runtime-error.js';
import { findContainer } from '../plan.js';
import { refresh } from './engine.js';
import { type PodContext, type StepOf, containerEvent } from './pod-context.js';

/** Notes that a container is being stopped and how long it has. */
export async function beginKill(context: PodContext, step: StepOf<'beginKill'>): Promise<void> {
  const { memory, dependencies } = context;
  const requestedAtMs = dependencies.clock.now();
  memory.kills.set(step.id, { requestedAtMs, graceMs: step.graceMs });
  const event = { type: 'Normal', reason: 'Killing', message: step.message } as const;
  containerEvent(context, step.container, event);
  await Promise.resolve();
}

/** Sends a container its stop signal, or SIGKILL when its time is over. */
export async function signalContainer(
  context: PodContext,
  step: StepOf<'signalContainer'>,
): Promise<void> {
  const { memory, dependencies } = context;
  const { runtime, clock } = dependencies;
  const pod = context.pod();
  const found = pod === undefined ? undefined : findContainer(pod, step.container);
  const own = found?.container.lifecycle?.stopSignal;
  const signal = step.signal === 'KILL' ? 'SIGKILL' : (own ?? 'SIGTERM');
  try {
    await runtime.kill(step.id, signal);
  } catch (error) {
    if (!isRuntimeError(error, 'notRunning') && !isRuntimeError(error, 'notFound')) throw error;
    await refresh(context, step.id);
  }
  const kill = memory.kills.get(step.id) ?? { requestedAtMs: clock.now(), graceMs: 0 };
  const sent = step.signal === 'KILL' ? { killAtMs: clock.now() } : { termAtMs: clock.now() };
  memory.kills.set(step.id, { ...kill, ...sent });
}

/** Removes an ended container and the links to its log. */
export async function removeContainer(
  context: PodContext,
  step: StepOf<'removeContainer'>,
): Promise<void> {
  const { runtime, view, logLinks } = context.dependencies;
  const identity = identityFromLabels(view.get(step.id)?.labels ?? {});
  await runtime.remove(step.id);
  view.remove(step.id);
  context.memory.forgetContainer(step.id);
  if (identity !== undefined) await logLinks.remove(identity, step.id);
}

/** Tells the API that nothing of the pod is left here; guarded by its uid. */
export async function deletePod(context: PodContext): Promise<void> {
  const { client } = context.dependencies;
  const { name, namespace, uid } = context.identity;
  await context.flushStatus();
  try {
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    await client.delete(pods, { namespace, name }, options);
  } catch (error) {
    // Gone, or a new pod of the same name: either way ours is not there any more.
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
}
