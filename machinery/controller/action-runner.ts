/**
 * Carries out the actions of one reconcile against the API: creations in growing batches, deletions at once, the rest in
 * order. Called by the driver alone.
 */
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import { findObject } from '../client/find-object.js';
import type { Client } from '../client/client.js';
import type { Logger } from '../log/log.js';
import { invariant } from '../invariant.js';
import type { Action, ActionFailure, Announcement, Effect } from './controller.js';
import type { EventReport } from './event-recorder.js';
import { collectionPageSize, firstCreateBatch, maxParallelWrites } from './limits.js';
import { errorText } from '../error-text.js';

type Check = Extract<Action, { type: 'verifyEmpty' | 'verifyGone' }>;
type Write = Exclude<Action, Check | { type: 'event' | 'deleteCollection' | 'effect' }>;
type CreateAction = Extract<Action, { type: 'create' }>;
type DeleteAction = Extract<Action, { type: 'delete' }>;

export interface ActionRunnerOptions {
  readonly client: Client;
  readonly logger: Logger;
  readonly report: (event: EventReport) => void;
  readonly effects: Readonly<Record<string, Effect>>;
  /** The server's answer to a write. */
  readonly written: (resource: ResourceRef, object: KubeObject) => void;
  readonly deleted: (
    resource: ResourceRef,
    target: { namespace?: string | undefined; name: string; uid: string },
  ) => void;
}

export interface RunOutcome {
  /** Someone else changed an object first: a fresh snapshot is needed, and nothing went wrong. */
  readonly conflicted: boolean;
  readonly failures: readonly ActionFailure[];
}

/** The write lost against another, or a check failed: the cache it was decided on is old. */
class StaleSnapshotError extends Error {}

const outcomeOf = (conflicted: boolean, failures: readonly ActionFailure[]): RunOutcome => ({
  conflicted,
  failures,
});

function failureOf(action: Write, error: unknown): ActionFailure {
  return {
    type: action.type,
    plural: action.resource.plural,
    reason: isStatusError(error) ? error.reason : 'InternalError',
    message: errorText(error),
  };
}

/** Creating in a namespace that is going away cannot work and need not: its content is deleted anyway. */
const isNamespaceTerminating = (error: unknown): boolean =>
  hasReason(error, 'Forbidden') &&
  isStatusError(error) &&
  (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');

export class ActionRunner {
  private readonly options: ActionRunnerOptions;
  private readonly failures: ActionFailure[] = [];

  constructor(options: ActionRunnerOptions) {
    this.options = options;
  }

  async run(actions: readonly Action[]): Promise<RunOutcome> {
    try {
      await this.runAll(actions);
    } catch (error) {
      if (!(error instanceof StaleSnapshotError)) throw error;
      this.options.logger.debug('snapshot was stale', { error: error.cause ?? error });
      return outcomeOf(true, this.failures);
    }
    return outcomeOf(false, this.failures);
  }

  private async runAll(actions: readonly Action[]): Promise<void> {
    for (let at = 0; at < actions.length;) {
      const group = sameTypeFrom(actions, at);
      await this.runGroup(group);
      at += group.length;
    }
  }

  private async runGroup(group: readonly Action[]): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    if (first.type === 'create') {
      await this.createInBatches(group as readonly CreateAction[]);
    } else if (first.type === 'delete') {
      await this.deleteAll(group as readonly DeleteAction[]);
    } else if (first.type === 'deleteCollection') {
      await this.deleteCollection(first);
    } else if (first.type === 'verifyEmpty' || first.type === 'verifyGone') {
      await this.verify(first);
    } else if (first.type === 'event') {
      this.options.report(first);
    } else if (first.type === 'effect') {
      const effect = this.options.effects[first.effect];
      invariant(effect, `the controller has the effect ${first.effect}`);
      await this.runAll(await effect(first.object, first.args ?? []));
    } else {
      await this.attempt(first);
    }
  }

  private async deleteAll(actions: readonly DeleteAction[]): Promise<void> {
    for (let at = 0; at < actions.length; at += maxParallelWrites) {
      const batch = actions.slice(at, at + maxParallelWrites);
      await all(batch.map(async (action) => this.attempt(action)));
    }
  }

  private async deleteCollection(
    action: Extract<Action, { type: 'deleteCollection' }>,
  ): Promise<void> {
    const { resource, namespace, reason } = action;
    let next: string | undefined;
    do {
      const page = await this.options.client.list(resource, {
        namespace,
        limit: collectionPageSize,
        ...(next === undefined ? {} : { continue: next }),
      });
      await this.deleteAll(
        page.items.map(({ metadata: { name, uid } }) => ({
          type: 'delete',
          resource,
          namespace,
          name,
          uid,
          reason,
        })),
      );
      next = page.metadata.continue;
    } while (next !== undefined && next !== '');
  }

  /** Throws StaleSnapshotError where the server knows better than the caches. */
  private async verify(check: Check): Promise<void> {
    const { client } = this.options;
    const { resource, namespace } = check;
    if (check.type === 'verifyEmpty') {
      const { items } = await client.list(resource, { namespace: check.namespace, limit: 1 });
      if (items.length > 0) throw new StaleSnapshotError(`there are ${resource.plural} left`);
      return;
    }
    const found = await findObject(client, resource, { namespace, name: check.name });
    if (found?.metadata.uid === check.uid) throw new StaleSnapshotError('the object still exists');
  }

  /** Slow start: a quota or a broken webhook refuses one creation, not hundreds at once. */
  private async createInBatches(actions: readonly CreateAction[]): Promise<void> {
    let size = firstCreateBatch;
    for (let at = 0; at < actions.length;) {
      const batch = actions.slice(at, at + size);
      const results = await all(batch.map(async (action) => this.attempt(action)));
      if (results.includes(false)) return;
      at += batch.length;
      size = Math.min(size * 2, maxParallelWrites);
    }
  }

  /** Whether the write succeeded; throws StaleSnapshotError on a conflict. */
  private async attempt(action: Write): Promise<boolean> {
    this.options.logger.debug('acting', { action: action.type, reason: action.reason });
    try {
      const name = await this.write(action);
      if ('announce' in action) this.announce(action.announce, 'success', { name });
      return true;
    } catch (error) {
      if (isNamespaceTerminating(error)) return false;
      const lost = hasReason(error, 'Conflict') || hasReason(error, 'NotFound');
      if (lost || hasReason(error, 'AlreadyExists')) {
        throw new StaleSnapshotError('the object was changed by another', { cause: error });
      }
      const failure = failureOf(action, error);
      this.failures.push(failure);
      const name = 'name' in action ? action.name : '';
      if ('announce' in action) {
        this.announce(action.announce, 'failure', { name, error: failure.message });
      }
      return false;
    }
  }

  /** Makes the write and gives the object's name. */
  private async write(action: Write): Promise<string> {
    const { client, written } = this.options;
    const { resource } = action;
    switch (action.type) {
      case 'create': {
        const created = await client.create(resource, action.object);
        written(resource, created);
        return created.metadata.name;
      }
      case 'patch': {
        const { patchType: type, body, subresource } = action;
        const part = subresource === undefined ? {} : { subresource };
        written(
          resource,
          await client.patch(resource, keyOfTarget(action), { type, body, ...part }),
        );
        return action.name;
      }
      case 'update': {
        const part = action.subresource === undefined ? {} : { subresource: action.subresource };
        written(resource, await client.update(resource, action.object, part));
        return action.object.metadata.name;
      }
      case 'updateStatus': {
        const part = { subresource: 'status' };
        written(resource, await client.update(resource, action.object, part));
        return action.object.metadata.name;
      }
      case 'delete':
        await this.remove(action);
        return action.name;
    }
  }

  /** Deletes what still has the uid; an object that is gone or replaced counts as deleted, one that changed does not. */
  private async remove(action: DeleteAction): Promise<void> {
    const { gracePeriodSeconds, propagationPolicy, resourceVersion, uid } = action;
    try {
      await this.options.client.delete(action.resource, keyOfTarget(action), {
        preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
        ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
      });
    } catch (error) {
      const isReplaced = hasReason(error, 'Conflict') && resourceVersion === undefined;
      if (!hasReason(error, 'NotFound') && !isReplaced) throw error;
    }
    this.options.deleted(action.resource, { ...keyOfTarget(action), uid });
  }

  private announce(
    announcement: Announcement | undefined,
    result: 'success' | 'failure',
    values: { readonly name: string; readonly error?: string },
  ): void {
    const event = announcement?.[result];
    if (announcement === undefined || event === undefined) return;
    this.options.report({
      regarding: announcement.regarding,
      eventType: result === 'success' ? 'Normal' : 'Warning',
      eventReason: event.eventReason,
      message: event.message
        .replaceAll('{name}', () => values.name)
        .replaceAll('{error}', () => values.error ?? ''),
    });
  }
}

const keyOfTarget = (target: { namespace?: string | undefined; name: string }) => ({
  namespace: target.namespace,
  name: target.name,
});

/** The run of neighbouring actions of one type that starts here; types other than create and delete stand alone. */
function sameTypeFrom(actions: readonly Action[], start: number): readonly Action[] {
  const type = actions[start]?.type;
  if (type !== 'create' && type !== 'delete') return actions.slice(start, start + 1);
  const end = actions.findIndex((action, index) => index > start && action.type !== type);
  return actions.slice(start, end < 0 ? actions.length : end);
}

/** Waits for all, then throws the first failure: nothing may still be in flight when the key is given up. */
async function all<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
