/** What runs after a container has started and before it ends. */
import type { Container, LifecycleHandler } from '../../../api/core/v1/types.js';
import {
  type PodContext,
  type StepOf,
  requirePod,
  containerOf,
  podIPsOf,
  containerEvent,
} from './pod-context.js';
import { errorText } from '../../../machinery/error-text.js';

interface HookRun {
  readonly container: Container;
  readonly id: string;
  readonly handler: LifecycleHandler;
}

const hookTarget = (context: PodContext, { container, id }: HookRun, signal: AbortSignal) => ({
  pod: requirePod(context),
  container,
  containerId: id,
  podIP: podIPsOf(context)[0] ?? '127.0.0.1',
  signal,
});

/** Runs a container's postStart hook in the background. */
export function beginPostStart(context: PodContext, hook: HookRun): void {
  const { memory, dependencies } = context;
  memory.hooks.set(hook.id, { postStart: 'running' });
  const target = hookTarget(context, hook, context.startSignal);
  dependencies.runHook(hook.handler, target).then(
    () => {
      memory.hooks.set(hook.id, { ...memory.hooks.get(hook.id), postStart: 'done' });
      context.wake();
    },
    (error: unknown) => {
      const message = `PostStartHook failed: ${errorText(error)}`;
      const event = { type: 'Warning', reason: 'FailedPostStartHook', message } as const;
      containerEvent(context, hook.container.name, event);
      memory.hooks.set(hook.id, { ...memory.hooks.get(hook.id), postStart: 'failed' });
      context.wake();
    },
  );
}

/** Runs a container's preStop hook in the background; a container without one is done with it at once. */
export async function runPreStop(context: PodContext, step: StepOf<'runPreStop'>): Promise<void> {
  const { memory, dependencies } = context;
  const container = containerOf(context, step.container);
  const handler = container.lifecycle?.preStop;
  const done = (): void => {
    memory.hooks.set(step.id, { ...memory.hooks.get(step.id), preStop: 'done' });
    context.wake();
  };
  if (handler === undefined) {
    done();
    return;
  }
  memory.hooks.set(step.id, { ...memory.hooks.get(step.id), preStop: 'running' });
  const signal = new AbortController().signal;
  const target = hookTarget(context, { container, id: step.id, handler }, signal);
  dependencies.runHook(handler, target).then(done, (error: unknown) => {
    const message = `PreStopHook failed: ${errorText(error)}`;
    containerEvent(context, container.name, {
      type: 'Warning',
      reason: 'FailedPreStopHook',
      message,
    });
    done();
  });
  await Promise.resolve();
}
