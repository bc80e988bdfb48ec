/**
 * The life of CustomResourceDefinitions: names are decided, the resource is established and served within the turn that
 * stores it, and a deleted definition takes its objects along before it goes.
 *
 * Started by `master/open-custom-resources.ts` on every master, since each serves the API itself; what several of them write at once is
 * settled by resourceVersions.
 */
import { jsonEqual } from '../../../api/patch/json-value.js';
import {
  cleanupFinalizer,
  customResourceDefinitions,
} from '../../../api/apiextensions/v1/custom-resource-definition.js';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import { hasReason } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import type { ResourceHooks } from '../hooks.js';
import { drainRetryMs } from '../limits.js';
import type { Registries } from '../registries.js';
import { namedStatus, withCondition } from './names.js';
import type { CustomResources } from './serving.js';
import type { Watch } from '../../watch/watcher.js';
import { ownWrite } from '../own-writes.js';

export interface LifecycleOptions {
  readonly registries: Registries;
  readonly resources: CustomResources;
  readonly builtIn: readonly ResourceDefinition[];
  readonly clock: Clock;
  readonly logger: Logger;
}

const asDefinition = (object: KubeObject): CustomResourceDefinition =>
  object as CustomResourceDefinition;

const isDeleting = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

/** Deleting a definition never removes it at once: its objects go first. */
export const definitionHooks: ResourceHooks = {
  holdsDeletion: (object) => !isDeleting(object),
  markDeleting: (draft) => {
    const { metadata } = draft;
    const finalizers = metadata.finalizers ?? [];
    if (!finalizers.includes(cleanupFinalizer))
      metadata.finalizers = [...finalizers, cleanupFinalizer];
    const crd = asDefinition(draft);
    crd.status = {
      ...crd.status,
      conditions: [
        ...withCondition(
          crd.status.conditions ?? [],
          {
            type: 'Terminating',
            status: 'True',
            reason: 'InstanceDeletionPending',
            message:
              'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          },
          metadata.deletionTimestamp ?? '',
        ),
      ],
    };
  },
};

export class CustomResourceLifecycle {
  private readonly options: LifecycleOptions;
  /** Work on one definition at a time, in the order of its changes. */
  private readonly queues = new Map<string, Promise<void>>();
  /** Definitions as they were last seen, for taking them down once they are gone. */
  private readonly known = new Map<string, CustomResourceDefinition>();
  private stopped = false;
  private stopWatching: () => void = () => undefined;

  constructor(options: LifecycleOptions) {
    this.options = options;
  }

  /** Serves what is stored already, and follows changes. Resolves once everything stored is served. */
  async start(): Promise<void> {
    const registry = this.registry();
    const watch = await registry.watch({});
    void this.follow(watch);
    for (const { object } of registry.store.peekAll('')) this.enqueue(object.metadata.name);
    await Promise.all(this.queues.values());
  }

  private async follow(watch: Watch<KubeObject>): Promise<void> {
    this.stopWatching = watch.stop;
    for (let events = await watch.next(); events !== undefined; events = await watch.next()) {
      for (const { stored } of events) if (stored !== undefined) this.enqueue(stored.name);
    }
    // Cut off for falling behind: what was missed is found by looking at everything again.
    if (!this.isStopped()) await this.start();
  }

  private readonly isStopped = (): boolean => this.stopped;

  stop(): void {
    this.stopped = true;
    this.stopWatching();
  }

  private registry() {
    const { group, plural } = customResourceDefinitions;
    return this.options.registries.of(group, plural);
  }

  private find(name: string): CustomResourceDefinition | undefined {
    const stored = this.registry().find({ namespace: '', name });
    return stored === undefined ? undefined : asDefinition(stored.object);
  }

  private enqueue(name: string): void {
    if (this.stopped) return;
    const before = this.queues.get(name) ?? Promise.resolve();
    const next = before
      .then(() => this.work(name))
      .catch((error: unknown) => {
        this.options.logger.error('a custom resource could not be brought up to date', {
          name,
          error,
        });
      })
      .finally(() => {
        if (this.queues.get(name) === next) this.queues.delete(name);
      });
    this.queues.set(name, next);
  }

  private async work(name: string): Promise<void> {
    const crd = this.find(name);
    const { resources } = this.options;
    if (crd === undefined) {
      this.forget(name);
      return;
    }
    this.known.set(name, crd);
    if (isDeleting(crd)) {
      await resources.serve(crd);
      await this.drain(crd);
      return;
    }
    if (!(await this.decideNames(crd))) await resources.serve(crd);
  }

  private forget(name: string): void {
    const last = this.known.get(name);
    if (last === undefined) return;
    this.known.delete(name);
    this.options.resources.drop(last);
    // Names it held may be what others wait for.
    for (const [other, { spec }] of this.known)
      if (spec.group === last.spec.group) this.enqueue(other);
  }

  /** Whether the status had to change; the change brings the definition back here. */
  private async decideNames(crd: CustomResourceDefinition): Promise<boolean> {
    const { builtIn, clock } = this.options;
    const others = this.registry()
      .store.peekAll('')
      .map(({ object }) => asDefinition(object))
      .filter(({ metadata }) => metadata.name !== crd.metadata.name);
    const status = namedStatus({ crd, others, builtIn, now: timestamp(clock.now()) });
    if (jsonEqual(status, crd.status)) return false;
    // Whoever reads that it is established may use it at once.
    await this.options.resources.serve({ ...crd, status });
    await this.writeStatus(crd, status);
    return true;
  }

  private async writeStatus(
    crd: CustomResourceDefinition,
    status: CustomResourceDefinition['status'],
  ): Promise<void> {
    const { name } = crd.metadata;
    const draft = { ...structuredClone(crd), status };
    try {
      await this.registry().update(
        { namespace: '', name },
        () => draft,
        { type: 'status' },
        ownWrite(),
      );
    } catch (error) {
      // Somebody else has written it: that change comes by here as well.
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
    }
  }

  /** Deletes the objects of a definition, and lets it go when there are none left. */
  private async drain(crd: CustomResourceDefinition): Promise<void> {
    const { name, finalizers = [] } = crd.metadata;
    if (!finalizers.includes(cleanupFinalizer)) return;
    const { resources, clock } = this.options;
    const objects = resources.registryOf(name);
    if (objects !== undefined) await objects.deleteCollection({}, {}, ownWrite());
    if (resources.count(name) > 0) {
      await this.reportDraining(crd);
      clock.after(drainRetryMs, () => {
        this.enqueue(name);
      });
      return;
    }
    await this.release(name);
  }

  private async reportDraining(crd: CustomResourceDefinition): Promise<void> {
    const conditions = withCondition(
      crd.status.conditions ?? [],
      {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      },
      timestamp(this.options.clock.now()),
    );
    const status = { ...crd.status, conditions: [...conditions] };
    if (!jsonEqual(status, crd.status)) await this.writeStatus(crd, status);
  }

  private async release(name: string): Promise<void> {
    try {
      await this.registry().update(
        { namespace: '', name },
        (stored) => {
          if (stored === undefined) throw this.registry().notFound(name);
          const draft = structuredClone(stored);
          draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter(
            (finalizer) => finalizer !== cleanupFinalizer,
          );
          return draft;
        },
        { type: 'main' },
        ownWrite(),
      );
    } catch (error) {
      if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) throw error;
      if (hasReason(error, 'Conflict')) this.enqueue(name);
    }
  }
}
