/**
 * One worker for every pod of this node: those the API assigns to it and those the engine still has containers of. Feeds
 * the workers from the API's watch and the engine's event stream, and compares with the engine now and then.
 *
 * Made in `main.ts`; it never touches a container itself.
 */
import { setMaxListeners } from 'node:events';
import type { Pod } from '../../api/core/v1/types.js';
import type { Informer } from '../../machinery/informer/informer.js';
import type { RuntimeEvent } from '../runtime/runtime.js';
import type { PodDependencies } from './dependencies.js';
import { reconnectInitialMs, reconnectMaxMs, relistIntervalMs } from './limits.js';
import { labelNames } from '../runtime/labels.js';
import { PodWorker } from './worker.js';

export interface PodWorkersOptions {
  readonly dependencies: PodDependencies;
  /** Pods whose `spec.nodeName` is this node. */
  readonly pods: Informer<Pod>;
  readonly onImagesChanged: () => void;
}

export class PodWorkers {
  private readonly options: PodWorkersOptions;
  private readonly workers = new Map<string, PodWorker>();
  private readonly stopped = new AbortController();
  private engineUp = false;
  private engineListener: (up: boolean) => void = () => undefined;
  private apiSynced = false;

  constructor(options: PodWorkersOptions) {
    this.options = options;
    // Every worker listens for the end.
    setMaxListeners(0, this.stopped.signal);
  }

  /** Calls back when the engine is lost and when it is back; the node's Ready condition follows it. */
  onEngineChange(listener: (up: boolean) => void): void {
    this.engineListener = listener;
  }

  private setEngineUp(up: boolean): void {
    if (up === this.engineUp) return;
    this.engineUp = up;
    this.engineListener(up);
  }

  /** Pods with a worker, as the API has them. */
  pods(): readonly Pod[] {
    return [...this.workers.values()].flatMap(({ current }) =>
      current === undefined ? [] : [current],
    );
  }

  /** Starts following API and engine; resolves when the engine's containers are known once. */
  async start(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => {
      this.stopped.abort();
    });
    const firstList = new Promise<void>((resolve) => {
      void this.followEngine(resolve);
    });
    await firstList;
    const { pods } = this.options;
    await pods.waitForSync(signal);
    this.apiSynced = true;
    pods.addHandler({
      onAdd: (pod) => {
        this.accept(pod);
      },
      onUpdate: (pod, previous) => {
        if (pod.metadata.uid !== previous.metadata.uid) this.forget(previous);
        this.accept(pod);
      },
      onDelete: (pod) => {
        this.forget(pod);
      },
    });
    await this.adoptLeftovers();
    void this.relistNowAndThen();
  }

  private accept(given: Pod): void {
    // Somebody may have written a pod without a status past the API server's defaulting.
    const pod = { ...given, status: { ...(given.status as Pod['status'] | undefined) } };
    const { uid, name, namespace = 'default' } = pod.metadata;
    const worker = this.workers.get(uid);
    if (worker !== undefined) {
      worker.update(pod);
      return;
    }
    this.work(
      new PodWorker({
        dependencies: this.options.dependencies,
        identity: { uid, name, namespace },
        pod,
      }),
      uid,
    );
  }

  private work(worker: PodWorker, uid: string): void {
    this.workers.set(uid, worker);
    void worker.run(this.stopped.signal).finally(() => {
      if (this.workers.get(uid) === worker) this.workers.delete(uid);
    });
  }

  private forget(pod: Pod): void {
    this.workers.get(pod.metadata.uid)?.remove();
  }

  /** Pods the engine or the disk still has something of, but the API does not know. */
  private async adoptLeftovers(): Promise<void> {
    const { dependencies } = this.options;
    const found = new Map(dependencies.view.pods().map((identity) => [identity.uid, identity]));
    for (const uid of await dependencies.volumes.podsOnDisk()) {
      if (!found.has(uid)) found.set(uid, { uid, name: '', namespace: '' });
    }
    for (const [uid, identity] of found) {
      if (this.workers.has(uid)) continue;
      dependencies.logger.info('clearing away what is left of a pod the API does not know', {
        ...identity,
      });
      this.work(new PodWorker({ dependencies, identity, pod: undefined }), uid);
    }
  }

  /** Follows the engine's events for ever; each time the stream opens, everything is compared. */
  private async followEngine(onFirstList: () => void): Promise<void> {
    const { runtime, clock, logger } = this.options.dependencies;
    const { signal } = this.stopped;
    let delayMs = reconnectInitialMs;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      try {
        const opened = (): void => {
          delayMs = reconnectInitialMs;
          void this.afterConnect(onFirstList);
        };
        for await (const event of runtime.events(signal, opened)) await this.onEvent(event);
        if (!isStopped()) logger.warn('the container engine has ended its event stream');
      } catch (error) {
        logger.warn('the container engine cannot be followed', { error });
      }
      this.setEngineUp(false);
      if (isStopped()) return;
      await clock.sleep(delayMs);
      delayMs = Math.min(delayMs * 2, reconnectMaxMs);
    }
  }

  private async afterConnect(onListed: () => void): Promise<void> {
    const { logger } = this.options.dependencies;
    try {
      await this.relist();
      this.setEngineUp(true);
      this.options.onImagesChanged();
      for (const worker of this.workers.values()) worker.engineReturned();
      onListed();
    } catch (error) {
      // The stream ends too when the engine is gone, and connecting starts over.
      logger.warn('the engine’s containers cannot be listed', { error });
    }
  }

  private async onEvent(event: RuntimeEvent): Promise<void> {
    const { view } = this.options.dependencies;
    if (event.type === 'imagesChanged') {
      this.options.onImagesChanged();
      return;
    }
    if (event.type === 'removed') view.remove(event.id);
    else if (event.type === 'died') await this.refresh(event.id);
    else if (event.type === 'started' && view.get(event.id) !== undefined) {
      view.markRunning(event.id, event.timeMs);
    } else if (view.get(event.id) === undefined && !this.isOurOwnDoing(event.labels)) {
      await this.refresh(event.id);
    }
    this.wake(event.labels[labelNames.podUid]);
  }

  /** A worker puts what it creates into the view itself. */
  private isOurOwnDoing(labels: Readonly<Record<string, string>>): boolean {
    return this.workers.has(labels[labelNames.podUid] ?? '');
  }

  private async refresh(id: string): Promise<void> {
    const { runtime, view, logger } = this.options.dependencies;
    try {
      const record = await runtime.inspect(id);
      if (record === undefined) view.remove(id);
      else view.put(record);
    } catch (error) {
      logger.warn('a container cannot be inspected', { error, id });
    }
  }

  private wake(uid: string | undefined): void {
    if (uid === undefined) return;
    this.workers.get(uid)?.wake();
  }

  /** Makes the view what the engine says. */
  private async relist(): Promise<void> {
    const { runtime, view } = this.options.dependencies;
    const listed = await runtime.list();
    const listedIds = new Set(listed.map(({ id }) => id));
    for (const id of view.ids()) {
      if (listedIds.has(id)) continue;
      const uid = view.get(id)?.labels[labelNames.podUid];
      // One made while the list was on its way is not in it.
      await this.refresh(id);
      this.wake(uid);
    }
    const different = listed.filter(({ id, state }) => view.get(id)?.state !== state);
    for (const { id, labels } of different) {
      await this.refresh(id);
      this.wake(labels[labelNames.podUid]);
    }
  }

  private async relistNowAndThen(): Promise<void> {
    const { clock, logger } = this.options.dependencies;
    const { signal } = this.stopped;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      await clock.sleep(relistIntervalMs, signal).catch(() => undefined);
      if (isStopped() || !this.engineUp || !this.apiSynced) continue;
      try {
        await this.relist();
        await this.adoptLeftovers();
      } catch (error) {
        logger.warn('comparing with the engine failed', { error });
      }
    }
  }
}
