/** Getting the images of containers. */
import type { FoundImage } from '../../images/images.js';
import { durationText } from '../duration-text.js';
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
  const remember = (found: FoundImage): void => {
    memory.images.set(name, { state: 'present', ...found });
    memory.failures.delete(`image:${name}`);
  };
  const alreadyPresent = (): void => {
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`;
    containerEvent(context, name, { type: 'Normal', reason: 'Pulled', message });
  };
  if (present !== undefined) {
    remember(present);
    alreadyPresent();
    return;
  }
  memory.images.set(name, { state: 'getting' });
  const startedMs = clock.now();
  let pullStartedMs: number | undefined;
  const onPull = (): void => {
    pullStartedMs = clock.now();
    containerEvent(context, name, {
      type: 'Normal',
      reason: 'Pulling',
      message: `Pulling image "${image}"`,
    });
  };
  const finish = async (): Promise<void> => {
    try {
      const found = await images.ensure({ ...request, pod, signal: context.startSignal, onPull });
      remember(found);
      if (pullStartedMs === undefined) {
        alreadyPresent();
        return;
      }
      const pulling = durationText(clock.now() - pullStartedMs);
      const withWaiting = durationText(clock.now() - startedMs);
      const message = `Successfully pulled image "${image}" in ${pulling} (${withWaiting} including waiting). Image size: ${found.sizeBytes} bytes.`;
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

/** Why an image cannot be had, and the event that tells so. */
const failureEvents: Readonly<Record<string, string>> = {
  ErrImageNeverPull: 'ErrImageNeverPull',
  InvalidImageName: 'InspectFailed',
};

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
  const event = failureEvents[reason] ?? 'Failed';
  containerEvent(context, name, { type: 'Warning', reason: event, message });
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message: `Error: ${reason}` });
  if (failure.count === 1 || reason !== 'ErrImagePull') return;
  const { image = '' } = containerOf(context, name);
  const backOff = `Back-off pulling image "${image}"`;
  containerEvent(context, name, { type: 'Normal', reason: 'BackOff', message: backOff });
  const why = 'Error: ImagePullBackOff';
  containerEvent(context, name, { type: 'Warning', reason: 'Failed', message: why });
}
