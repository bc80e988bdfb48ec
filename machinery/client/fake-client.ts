/**
 * An API server's behaviour in memory, without validation or authorisation: compare-and-swap by resourceVersion, uid
 * preconditions, finalizers, status isolation, generation, watches with history and 410. Given a resource's whole
 * definition it also defaults and prepares new objects.
 *
 * For unit tests of controllers, the scheduler and the agent. It obeys the contract of `Client`; every write is also kept
 * in `requests`, and `failNext` makes a write fail as a server would.
 */
import { foregroundFinalizer, orphanFinalizer } from '../../api/meta/finalizers.js';
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  failure,
  notFound,
} from '../../api/meta/status-error.js';
import type { DeleteOptions, KubeObject, NewObject } from '../../api/meta/v1/types.js';
import {
  apiVersionOf,
  type ResourceDefinition,
  type ResourceRef,
} from '../../api/schema/resource.js';
import { timestamp } from '../../api/meta/timestamp.js';
import type { Clock } from '../clock/clock.js';
import { systemRandom } from '../clock/random.js';
import { deepFreeze } from '../freeze.js';
import { keyOf } from '../informer/object-cache.js';
import type {
  Client,
  ListOptions,
  ListResult,
  ObjectKey,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.js';
import { applyPatch } from './fake-patch.js';
import { matches } from './fake-selectors.js';
import { fakeHistoryLength } from './limits.js';

type Draft = KubeObject & { spec?: unknown; status?: unknown };

interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

interface Collection {
  readonly resource: ResourceRef;
  readonly objects: Map<string, KubeObject>;
  readonly history: Change[];
  /** Watches from before this revision are told to list again. */
  compactedRevision: number;
  readonly listeners: Set<() => void>;
}

/** A write the fake was asked for, whether it succeeded or not. */
export interface FakeRequest {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  readonly plural: string;
  readonly subresource?: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly body: unknown;
}

interface PlannedFailure {
  readonly verb: FakeRequest['verb'];
  readonly plural: string;
  readonly error: Error;
}

/** The revision asked for lies in the future: the client knew another store. */
const tooLargeRevision = (requested: number, current: number): Error =>
  failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${String(requested)}, current: ${String(current)}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    },
  });

const clone = <T>(value: T): T => structuredClone(value);

const sameContent = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What `metadata.generation` counts changes of: everything but metadata and status. */
const contentOf = (object: Draft): string =>
  JSON.stringify({ ...object, metadata: undefined, status: undefined });

/** A kind with a status has one from the start, if an empty one. */
const hasStatus = (resource: ResourceRef & { status?: true }): boolean => resource.status === true;

export class FakeClient implements Client {
  /** Every write, in the order it came. */
  readonly requests: FakeRequest[] = [];
  private readonly clock: Clock;
  private readonly collections = new Map<string, Collection>();
  private readonly failures: PlannedFailure[] = [];
  private revision = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Makes the next write of this verb to this resource fail. */
  failNext(verb: FakeRequest['verb'], resource: ResourceRef, error: Error): void {
    this.failures.push({ verb, plural: resource.plural, error });
  }

  /** Forgets the history of a resource, so that watches that are behind get 410. */
  compact(resource: ResourceRef): void {
    const collection = this.collectionOf(resource);
    collection.history.length = 0;
    collection.compactedRevision = this.revision;
  }

  /** Puts an object in as it is, status included, with whatever metadata is missing filled in. */
  seed<T extends KubeObject>(
    resource: ResourceRef<T>,
    object: NewObject<T> & Partial<Pick<T & { status: unknown }, 'status'>>,
  ): T {
    return this.insert(resource, object, true) as T;
  }

  /** The stored objects of a resource. */
  all<T extends KubeObject>(resource: ResourceRef<T>): readonly T[] {
    return [...this.collectionOf(resource).objects.values()] as unknown as readonly T[];
  }

  async get<T extends KubeObject>(resource: ResourceRef<T>, key: ObjectKey): Promise<T> {
    await Promise.resolve();
    return this.existing(resource, key) as T;
  }

  async list<T extends KubeObject>(
    resource: ResourceRef<T>,
    options: ListOptions = {},
  ): Promise<ListResult<T>> {
    await Promise.resolve();
    const items = this.all(resource).filter((object) => matches(object, options));
    return { items, metadata: { resourceVersion: String(this.revision) } };
  }

  async *watch<T extends KubeObject>(
    resource: ResourceRef<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const collection = this.collectionOf(resource);
    let sent = Number(options.resourceVersion ?? this.revision);
    if (sent > this.revision) throw tooLargeRevision(sent, this.revision);
    let wake: () => void = () => undefined;
    const listener = (): void => {
      wake();
    };
    collection.listeners.add(listener);
    options.signal?.addEventListener('abort', listener);
    try {
      while (options.signal?.aborted !== true) {
        if (sent < collection.compactedRevision) throw expired('too old resource version');
        const changes = collection.history.filter((change) => change.revision > sent);
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        for (const change of changes) {
          sent = change.revision;
          const event = eventOf(change, options);
          if (event !== undefined) yield event as WatchEvent<T>;
        }
        if (changes.length === 0) await woken;
      }
    } finally {
      collection.listeners.delete(listener);
      options.signal?.removeEventListener('abort', listener);
    }
  }

  async create<T extends KubeObject>(resource: ResourceRef<T>, object: NewObject<T>): Promise<T> {
    await this.accept('create', resource, object.metadata, object);
    return this.insert(resource, object, false) as T;
  }

  async update<T extends KubeObject>(
    resource: ResourceRef<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    await this.accept('update', resource, object.metadata, object, options.subresource);
    const { name, uid } = object.metadata;
    if (uid !== '' && !this.collectionOf(resource).objects.has(keyOf(object.metadata)))
      throw conflict(resource, name, `the object with uid ${uid} is gone`);
    return this.replace(resource, object.metadata, clone(object), options.subresource) as T;
  }

  async patch<T extends KubeObject>(
    resource: ResourceRef<T>,
    key: ObjectKey,
    options: PatchOptions,
  ): Promise<T> {
    await this.accept('patch', resource, key, options.body, options.subresource);
    const stored = this.existing(resource, key);
    const patched = applyPatch(resource, clone(stored), options) as Draft;
    return this.replace(resource, key, patched, options.subresource) as T;
  }

  async delete(
    resource: ResourceRef,
    key: ObjectKey,
    options: Partial<DeleteOptions> = {},
  ): Promise<void> {
    await this.accept('delete', resource, key, options);
    const stored = this.existing(resource, key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    const { metadata } = stored;
    if (uid !== undefined && uid !== metadata.uid) {
      const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid})`;
      throw conflict(resource, key.name, why);
    }
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
      throw conflict(resource, key.name, 'the ResourceVersion in the precondition does not match');
    }
    const draft = clone(stored);
    const finalizers = finalizersAfterDelete(metadata.finalizers ?? [], options.propagationPolicy);
    if (finalizers.length > 0) draft.metadata.finalizers = finalizers;
    else delete draft.metadata.finalizers;
    draft.metadata.deletionTimestamp ??= timestamp(this.clock.now());
    this.save(resource, draft, stored);
  }

  /** Keeps only the request; `binding` of a pod also sets its node. */
  async createSubresource<R extends KubeObject>(
    resource: ResourceRef,
    target: ObjectKey & { readonly subresource: string },
    body: NewObject<R>,
  ): Promise<R> {
    await this.accept('create', resource, target, body, target.subresource);
    const stored = this.existing(resource, target);
    if (target.subresource === 'binding') {
      const { target: node } = body as unknown as { target: { name: string } };
      const draft: Draft = clone(stored);
      draft.spec = { ...(draft.spec as object), nodeName: node.name };
      this.save(resource, draft, stored);
    }
    return body as unknown as R;
  }

  private async accept(
    verb: FakeRequest['verb'],
    resource: ResourceRef,
    key: { namespace?: string | undefined; name?: string | undefined },
    body: unknown,
    subresource?: string,
  ): Promise<void> {
    await Promise.resolve();
    const { plural } = resource;
    const { namespace, name } = key;
    const request: FakeRequest = { verb, plural, namespace, name, body: clone(body) };
    this.requests.push(subresource === undefined ? request : { ...request, subresource });
    const index = this.failures.findIndex((one) => one.verb === verb && one.plural === plural);
    const [failure] = index < 0 ? [] : this.failures.splice(index, 1);
    if (failure !== undefined) throw failure.error;
  }

  private insert(
    resource: ResourceRef,
    object: NewObject<KubeObject>,
    withStatus: boolean,
  ): KubeObject {
    const { metadata, ...rest } = clone(object);
    if (!withStatus) delete rest.status;
    if (hasStatus(resource)) rest.status ??= {};
    const name = metadata.name ?? `${metadata.generateName ?? ''}${systemRandom.nameSuffix(5)}`;
    if (this.collectionOf(resource).objects.has(keyOf({ ...metadata, name }))) {
      throw alreadyExists(resource, name);
    }
    const draft: Draft = {
      ...rest,
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: {
        generation: 1,
        ...metadata,
        uid: metadata.uid ?? systemRandom.uuid(),
        creationTimestamp: metadata.creationTimestamp ?? timestamp(this.clock.now()),
        name,
        resourceVersion: '',
      },
    };
    const { defaults, strategy }: Partial<ResourceDefinition> = resource;
    if (!withStatus) {
      defaults?.(draft);
      strategy?.prepareForCreate?.(draft, this.clock.now());
    }
    return this.save(resource, draft, undefined);
  }

  private replace(
    resource: ResourceRef,
    key: ObjectKey,
    draft: Draft,
    subresource: string | undefined,
  ): KubeObject {
    const stored: Draft = this.existing(resource, key);
    const { resourceVersion, uid } = draft.metadata;
    if (resourceVersion !== '' && resourceVersion !== stored.metadata.resourceVersion) {
      throw conflict(resource, key.name, 'the object has been modified; please apply your changes');
    }
    if (uid !== stored.metadata.uid) throw conflict(resource, key.name, 'the uid has changed');
    if (subresource === 'status') {
      // Annotations are taken with the status, as of most kinds.
      const { annotations } = draft.metadata;
      const metadata = { ...clone(stored.metadata), ...(annotations && { annotations }) };
      return this.save(resource, { ...clone(stored), metadata, status: draft.status }, stored);
    }
    (resource as Partial<ResourceDefinition>).defaults?.(draft);
    if (stored.status === undefined) delete draft.status;
    else draft.status = clone(stored.status);
    if (contentOf(draft) !== contentOf(stored)) {
      draft.metadata.generation = (stored.metadata.generation ?? 0) + 1;
    }
    return this.save(resource, draft, stored);
  }

  /** Stores a draft under a new revision, or drops it when deletion has nothing left to wait for. */
  private save(resource: ResourceRef, draft: Draft, previous: Draft | undefined): KubeObject {
    const collection = this.collectionOf(resource);
    if (previous !== undefined) {
      draft.metadata.resourceVersion = previous.metadata.resourceVersion;
      if (sameContent(draft, previous) && !isGone(draft)) return previous;
    }
    this.revision += 1;
    draft.metadata.resourceVersion = String(this.revision);
    const object = deepFreeze(draft);
    const gone = isGone(draft);
    if (gone) collection.objects.delete(keyOf(draft.metadata));
    else collection.objects.set(keyOf(draft.metadata), object);
    const type = gone ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED';
    collection.history.push({ revision: this.revision, type, object, previous });
    if (collection.history.length > fakeHistoryLength) {
      collection.compactedRevision = collection.history.shift()?.revision ?? 0;
    }
    for (const listener of [...collection.listeners]) listener();
    return object;
  }

  private existing(resource: ResourceRef, key: ObjectKey): KubeObject {
    const found = this.collectionOf(resource).objects.get(keyOf(key));
    if (found === undefined) throw notFound(resource, key.name);
    return found;
  }

  private collectionOf(resource: ResourceRef): Collection {
    const name = `${resource.group}/${resource.plural}`;
    const known = this.collections.get(name);
    if (known !== undefined) return known;
    if (resource.plural === '') throw badRequest('a resource needs a plural');
    const created: Collection = {
      resource,
      objects: new Map(),
      history: [],
      compactedRevision: 0,
      listeners: new Set(),
    };
    this.collections.set(name, created);
    return created;
  }
}

const isGone = (draft: Draft): boolean => {
  const spec = draft.spec as { finalizers?: readonly string[] } | undefined;
  return (
    draft.metadata.deletionTimestamp !== undefined &&
    (draft.metadata.finalizers ?? []).length === 0 &&
    (draft.kind !== 'Namespace' || (spec?.finalizers ?? []).length === 0)
  );
};

function finalizersAfterDelete(
  finalizers: readonly string[],
  policy: DeleteOptions['propagationPolicy'],
): string[] {
  const others = finalizers.filter(
    (name) => name !== orphanFinalizer && name !== foregroundFinalizer,
  );
  if (policy === undefined) return [...finalizers];
  if (policy === 'Orphan') return [...others, orphanFinalizer];
  return policy === 'Foreground' ? [...others, foregroundFinalizer] : others;
}

/** How a change looks through a selection: an object that stops matching is deleted from it. */
function eventOf(change: Change, options: WatchOptions): WatchEvent<KubeObject> | undefined {
  const { type, object, previous } = change;
  const before = previous !== undefined && matches(previous, options);
  const after = type !== 'DELETED' && matches(object, options);
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  return { type: 'DELETED', object };
}
