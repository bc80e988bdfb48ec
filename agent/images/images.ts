/**
 * Gets the images of pods: what is here is remembered until the engine's images change, what is not is pulled as the policy
 * says, once for everyone who asks at the same time, with a back-off of its own per image.
 */
import type { Pod, Secret } from '../../api/core/v1/types.js';
import type { Clock } from '../../machinery/clock/clock.js';
import { type Credentials, credentialsFor } from './credentials.js';
import { withTag } from './image-reference.js';
import { concurrentPulls, pullBackoffInitialMs, pullBackoffMaxMs } from './limits.js';
import { errorText } from '../../machinery/error-text.js';
import { Turns } from '../../machinery/turns.js';

/** The part of the container engine images need. */
export interface ImageEngine {
  inspectImage(reference: string): Promise<
    | {
        readonly id: string;
        readonly digests: readonly string[];
        readonly sizeBytes: number;
        readonly user: string;
      }
    | undefined
  >;
  pullImage(
    reference: string,
    options: { readonly credentials?: Credentials; readonly signal?: AbortSignal },
  ): Promise<void>;
}

/** An image that is on the node. */
export interface FoundImage {
  /** `sha256:…`. */
  readonly id: string;
  /** What status calls the image: a digest reference where there is one, else the id. */
  readonly reference: string;
  readonly sizeBytes: number;
  readonly user: string;
}

/** An image that cannot be had; `reason` is what the container's status shows. */
export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName';
  readonly retryAtMs: number;

  constructor(
    reason: ImageError['reason'],
    message: string,
    options: ErrorOptions & { retryAtMs: number },
  ) {
    super(message, options);
    this.name = 'ImageError';
    this.reason = reason;
    this.retryAtMs = options.retryAtMs;
  }
}

export interface ImagesOptions {
  readonly engine: ImageEngine;
  readonly clock: Clock;
  readonly secret: (namespace: string, name: string) => Promise<Secret | undefined>;
}

export interface ImageRequest {
  readonly pod: Pod;
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly signal: AbortSignal;
  /** Called when a pull begins. */
  readonly onPull: () => void;
}

export class Images {
  private readonly options: ImagesOptions;
  private readonly known = new Map<string, FoundImage>();
  private readonly backoffs = new Map<string, number>();
  private readonly pulls = new Map<
    string,
    { readonly done: Promise<void>; readonly signal: AbortSignal }
  >();
  private readonly turns = new Turns(concurrentPulls);

  constructor(options: ImagesOptions) {
    this.options = options;
  }

  /** Forgets what is here; called when the engine's images have changed. */
  invalidate(): void {
    this.known.clear();
  }

  presentNow(request: Pick<ImageRequest, 'image' | 'pullPolicy'>): FoundImage | undefined {
    return request.pullPolicy === 'Always' ? undefined : this.known.get(request.image);
  }

  /** Rejects with `ImageError`. */
  async ensure(request: ImageRequest): Promise<FoundImage> {
    const { image, pullPolicy } = request;
    if (pullPolicy !== 'Always') {
      const found = await this.find(image);
      if (found !== undefined) return found;
      if (pullPolicy === 'Never') {
        throw new ImageError(
          'ErrImageNeverPull',
          `Container image "${image}" is not present with pull policy of Never`,
          { retryAtMs: this.options.clock.now() + pullBackoffInitialMs },
        );
      }
    }
    await this.pullShared(request);
    const found = await this.find(image);
    if (found !== undefined) return found;
    throw this.failed(image, new Error(`image ${image} is not there although it was pulled`));
  }

  private async find(image: string): Promise<FoundImage | undefined> {
    const inspected = await this.options.engine.inspectImage(image);
    if (inspected === undefined) return undefined;
    const { id, digests, sizeBytes, user } = inspected;
    const [digest] = digests;
    const reference = digest === undefined ? `docker://${id}` : `docker-pullable://${digest}`;
    const found = { id, reference, sizeBytes, user };
    this.known.set(image, found);
    return found;
  }

  /** Joins a pull of the same image with the same secrets; other secrets may be refused where these are not. */
  private async pullShared(request: ImageRequest): Promise<void> {
    const { pod, image, signal, onPull } = request;
    const secrets = (pod.spec.imagePullSecrets ?? []).map(({ name }) => name);
    const key = JSON.stringify([
      image,
      secrets.length === 0 ? '' : pod.metadata.namespace,
      secrets,
    ]);
    for (;;) {
      const running = this.pulls.get(key);
      if (running === undefined) break;
      onPull();
      try {
        await running.done;
        return;
      } catch (error) {
        // That its pod stops is no answer for the others.
        if (!running.signal.aborted || signal.aborted) throw error;
      }
    }
    const done = this.turns.run(() => this.pull(request)).finally(() => this.pulls.delete(key));
    this.pulls.set(key, { done, signal });
    await done;
  }

  private async pull({ pod, image, signal, onPull }: ImageRequest): Promise<void> {
    try {
      if (signal.aborted) throw new Error('the pod is stopping');
      onPull();
      const reference = withTag(image);
      const credentials = credentialsFor(image, await this.secretsOf(pod));
      await this.pullWith(reference, credentials, signal);
      this.backoffs.delete(image);
    } catch (error) {
      if (!signal.aborted) throw this.failed(image, error);
      // Nothing is wrong with the image, so others need not wait.
      throw new ImageError('ErrImagePull', `Pulling image "${image}" was given up`, {
        cause: error,
        retryAtMs: this.options.clock.now(),
      });
    }
  }

  /** Tries each set of credentials, and none if there are none. */
  private async pullWith(
    reference: string,
    credentials: readonly Credentials[],
    signal: AbortSignal,
  ): Promise<void> {
    let last: unknown;
    for (const each of credentials.length === 0 ? [undefined] : credentials) {
      try {
        const options = { signal, ...(each === undefined ? {} : { credentials: each }) };
        await this.options.engine.pullImage(reference, options);
        return;
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  private failed(image: string, error: unknown): ImageError {
    const delayMs = this.backoffs.get(image) ?? pullBackoffInitialMs;
    this.backoffs.set(image, Math.min(delayMs * 2, pullBackoffMaxMs));
    const why = errorText(error);
    const invalid = /invalid reference format/i.test(why);
    const reason = invalid ? 'InvalidImageName' : 'ErrImagePull';
    const retryAtMs = this.options.clock.now() + delayMs;
    return new ImageError(reason, `Failed to pull image "${image}": ${why}`, {
      cause: error,
      retryAtMs,
    });
  }

  private async secretsOf(pod: Pod): Promise<readonly Secret[]> {
    const namespace = pod.metadata.namespace ?? 'default';
    const names = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name);
    const found = await Promise.all(names.map((name) => this.options.secret(namespace, name)));
    return found.filter((secret) => secret !== undefined);
  }
}
