/** Getting the images of containers. */
import {
  type PodContext,
  type StepOf,
  requirePod,
  containerOf,
  containerEvent,
} from './pod-context.js';
import { errorText } from '../../../machinery/error-text.js';

/** Pulls run in the background: a pod can be stopped, and its status written, while its images come. */
export async function getImage(
  context: PodContext,
  { container: name }: StepOf<'getImage'>,
): Promise<void> {
  const pod = requirePod(context);
  const { image = '', imagePullPolicy = 'IfNotPresent' } = containerOf(context, name);
  const { images, clock, logger } = context.dependencies;
  const { memory } = context;
  const request = { image, pullPolicy: imagePullPolicy };
  const present = images.presentNow(request);
  const remember = (found: { id: string; reference: string; user: string }): void => {
    memory.images.set(name, { state: 'present', ...found });
    memory.failures.delete(`image:${name}`);
  };
  const alreadyPresent = (): void => {
    const message = `Container image "${image}" already present on machine`;
    containerEvent(context, name, { type: 'Normal', reason: 'Pulled', message });
  };
  if (present !== undefined) {
    remember(present);
    alreadyPresent();
    return;
  }
  memory.images.set(name, { state: 'getting' });
  const startedMs = clock.now();
  let pulled = false;
  const onPull = (): void => {
    pulled = true;
    containerEvent(context, name, {
      type: 'Normal',
      reason: 'Pulling',
      message: `Pulling image "${image}"`,
    });
  };
  const finish = async (): Promise<void> => {
    try {
      remember(await images.ensure({ ...request, pod, signal: context.startSignal, onPull }));
      if (!pulled) {
        alreadyPresent();
        return;
      }
      const tookMs = clock.now() - startedMs;
      const message = `Successfully pulled image "${image}" in ${tookMs}ms`;
      containerEvent(context, name, { type: 'Normal', reason: 'Pulled', message });
    } catch (error) {
      memory.images.delete(name);
      rememberImageFailure(context, name, error);
    } finally {
      context.wake();
    }
  };
  void finish().catch((error: unknown) => {
    logger.error('remembering an image failed', { error, pod: pod.metadata.name });
  });
  await Promise.resolve();
}

function rememberImageFailure(context: PodContext, name: string, error: unknown): void {
  if (context.startSignal.aborted) return;
  const { reason = 'ErrImagePull', retryAtMs } = error as { reason?: string; retryAtMs?: number };
  const message = errorText(error);
  const failure = context.memory.fail(
    `image:${name}`,
    { reason, message },
    context.dependencies.clock.now(),
  );
  if (retryAtMs !== undefined)
    context.memory.failures.set(`image:${name}`, { ...failure, retryAtMs });
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message });
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` });
}
