/** What the executors of sandboxes and of containers do to the engine alike. */
import { identityFromLabels } from '../../runtime/labels.js';
import { isRuntimeError } from '../../runtime/runtime-error.js';
import type { ContainerSpec } from '../../runtime/runtime.js';
import type { PodContext } from './pod-context.js';

/** Creates a container, or takes the one of that name that an earlier, interrupted try has left. */
export async function createOrAdopt(context: PodContext, spec: ContainerSpec): Promise<string> {
  const { runtime, view, clock } = context.dependencies;
  let id: string;
  try {
    id = await runtime.create(spec);
  } catch (error) {
    if (!isRuntimeError(error, 'conflict')) throw error;
    const record = await runtime.inspect(spec.name);
    if (record === undefined) throw error;
    if (identityFromLabels(record.labels)?.podUid !== context.identity.uid) throw error;
    view.put(record);
    return record.id;
  }
  view.put({
    id,
    labels: spec.labels,
    imageId: context.memory.images.get(spec.labels['io.kubernetes.container.name'] ?? '')?.id ?? '',
    state: 'created',
    pid: 0,
    tty: spec.tty ?? false,
    createdAtMs: clock.now(),
    oomKilled: false,
  });
  return id;
}

/** Looks at a container again and corrects the runtime view. */
export async function refresh({ dependencies }: PodContext, id: string): Promise<void> {
  const record = await dependencies.runtime.inspect(id);
  if (record === undefined) dependencies.view.remove(id);
  else dependencies.view.put(record);
}

/** Starts a container, and sees what became of it when that fails. */
export async function start(context: PodContext, id: string): Promise<void> {
  const { runtime, view, clock } = context.dependencies;
  try {
    await runtime.start(id);
    view.markRunning(id, clock.now());
  } catch (error) {
    await refresh(context, id);
    throw error;
  }
}
