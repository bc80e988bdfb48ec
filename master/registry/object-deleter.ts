/**
 * What deleting means for any resource: an object is removed, or marked where finalizers, grace or content hold it.
 *
 * Part of the registry, which alone calls it.
 */
import { hasReason, notFound } from '../../api/meta/status-error.js';
import type { DeleteOptions } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { StoredObject } from '../watch/stored-object.js';
import {
  checkDeleteOptions,
  checkPreconditions,
  leavesDependents,
  markedGone,
  planDeletion,
} from './deletion.js';
import type { ResourceHooks, WriteContext } from './hooks.js';
import { deleteCollectionConcurrency, maxUpdateAttempts } from './limits.js';
import type { StoreKey } from './object-key.js';
import type { ObjectWriter, WrittenObject } from './object-writer.js';
import { modified } from './refusals.js';

export interface DeletedObject extends WrittenObject {
  /** False while finalizers, grace or content hold the object. */
  readonly gone: boolean;
}

interface ObjectDeleterOptions {
  readonly resource: ResourceDefinition;
  readonly writer: ObjectWriter;
  readonly hooks: ResourceHooks;
  readonly clock: Clock;
}

export class ObjectDeleter {
  private readonly options: ObjectDeleterOptions;

  constructor(options: ObjectDeleterOptions) {
    this.options = options;
  }

  /** Deletes an object, or marks it; 404 when there is none. `askedName` is what admission hears that it was asked for by. */
  async delete(
    key: StoreKey,
    options: Partial<DeleteOptions>,
    context: WriteContext,
    askedName = key.name,
  ): Promise<DeletedObject> {
    const { resource, writer } = this.options;
    checkDeleteOptions(options);
    this.warnOfOrphans(options, context);
    for (let attempt = 1; attempt <= maxUpdateAttempts; attempt += 1) {
      const stored = await writer.findReady(key);
      if (stored === undefined) throw notFound(resource, key.name);
      checkPreconditions(resource, key, options, stored.object);
      const attributes = {
        operation: 'DELETE',
        subresource: '',
        namespace: key.namespace,
        name: askedName,
        stored: stored.object,
        dryRun: context.dryRun,
        options,
      } as const;
      await context.admission.mutate(attributes);
      await context.admission.validate(attributes);
      const done = await this.tryDelete(options, stored, context.dryRun);
      if (done !== undefined) return done;
    }
    throw modified(resource, key.name);
  }

  /** Deletes all of these, a few at a time; objects that have vanished meanwhile are no failure. */
  async deleteAll(
    objects: readonly StoredObject[],
    options: Partial<DeleteOptions>,
    context: WriteContext,
  ): Promise<void> {
    const pending = [...objects];
    const worker = async (): Promise<void> => {
      for (let item = pending.shift(); item !== undefined; item = pending.shift()) {
        const { namespace = '', name } = item.object.metadata;
        try {
          // Whoever deletes a collection names nothing.
          await this.delete({ namespace, name }, options, context, '');
        } catch (error) {
          if (!hasReason(error, 'NotFound')) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: deleteCollectionConcurrency }, worker));
  }

  /** Tells a client that leaves it open what becomes of dependents that they will be left alone; once a request. */
  private warnOfOrphans(options: Partial<DeleteOptions>, { warnings }: WriteContext): void {
    const warning = this.options.resource.strategy.orphansDependents?.warning;
    if (warning === undefined || !leavesDependents(options) || warnings.includes(warning)) return;
    warnings.push(warning);
  }

  private async tryDelete(
    options: Partial<DeleteOptions>,
    stored: StoredObject,
    dryRun: boolean,
  ): Promise<DeletedObject | undefined> {
    const { resource, writer, hooks, clock } = this.options;
    const plan = planDeletion({
      resource,
      stored: stored.object,
      options,
      nowMs: clock.now(),
      held: hooks.holdsDeletion?.(stored.object) === true,
    });
    if (plan.type === 'keep') return { object: stored.object, bytes: stored.bytes, gone: false };
    if (plan.type === 'remove') {
      const last = markedGone(stored.object, resource, clock.now());
      if (dryRun) return { object: last, bytes: undefined, gone: true };
      const removed = await writer.remove(stored);
      if (removed === undefined) return undefined;
      const { resourceVersion } = removed.object.metadata;
      const object = { ...last, metadata: { ...last.metadata, resourceVersion } };
      return { object, bytes: undefined, gone: true };
    }
    hooks.markDeleting?.(plan.draft);
    const marked = await writer.mark(stored, plan.draft, dryRun);
    if (marked === undefined) return undefined;
    return { object: marked.object, bytes: marked.bytes, gone: false };
  }
}
