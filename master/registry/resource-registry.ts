/**
 * The generic registry: what create, get, list, update, patch, delete and watch mean for any resource, driven by its
 * declaration alone. Optimistic concurrency everywhere; a stored object is never mutated.
 *
 * Called by `master/server` after authentication and authorisation; writes through `master/watch`. It must never answer
 * a write before the layer below has made it durable.
 */
import { badRequest, conflict, hasReason, notFound } from '../../api/meta/status-error.js';
import type { VersionView } from '../../api/managed-fields/ownership.js';
import type { DeleteOptions, KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { FieldError } from '../../api/validation/field-error.js';
import {
  metadataCauses,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../api/validation/object-meta.js';
import { checkDeleteOptions } from './deletion.js';
import { FieldOwnership, restoreOwners, subresourceOf } from './field-ownership.js';
import type { Admitting, Reservation, ResourceHooks, WriteContext } from './hooks.js';
import { maxGeneratedNameAttempts, maxUpdateAttempts } from './limits.js';
import {
  carryMetadata,
  checkIdentity,
  countGeneration,
  dropRepeatedOwners,
  generateName,
  metaOf,
  placeInNamespace,
  stampNew,
  wipeSystemFields,
} from './metadata.js';
import type { Stamps } from './metadata.js';
import { ObjectDeleter } from './object-deleter.js';
import type { DeletedObject } from './object-deleter.js';
import type { StoreKey } from './object-key.js';
import { keepAllButStatus, setStatus, statusOf } from './object-parts.js';
import { ObjectWriter } from './object-writer.js';
import type { WrittenObject } from './object-writer.js';
import { checkNew, checkVersion, modified, nameTaken, refusedFields } from './refusals.js';
import type {
  ListOptions,
  ListResult,
  ResourceStore,
  WatchOptions,
} from '../watch/resource-store.js';
import type { StoredObject } from '../watch/stored-object.js';
import type { Watch } from '../watch/watcher.js';

/** Which part of an object an update may change. */
export type UpdatePart =
  | { readonly type: 'main'; readonly subresource?: string }
  | { readonly type: 'status' }
  /** Another subresource: `apply` gives the draft from the stored object, and only `validate` below applies. */
  | {
      readonly type: 'other';
      readonly subresource: string;
      /** What it changes counts as a change of what is wanted. */
      readonly countsGeneration?: true;
    };

/** Makes the wanted object from the stored one; undefined when it does not exist (for kinds created on update). */
export type Transform = (stored: KubeObject | undefined) => KubeObject | Promise<KubeObject>;

const noReservation: Reservation = { commit: () => undefined, release: () => undefined };

export class ResourceRegistry {
  readonly resource: ResourceDefinition;
  readonly store: ResourceStore;
  private readonly stamps: Stamps;
  /** Who owns which fields of the resource's objects. */
  readonly ownership: FieldOwnership;
  private readonly hooks: ResourceHooks;
  private readonly writer: ObjectWriter;
  private readonly deleter: ObjectDeleter;

  constructor(options: {
    readonly resource: ResourceDefinition;
    readonly store: ResourceStore;
    readonly stamps: Stamps;
    readonly hooks?: ResourceHooks;
    /** Other versions of the kind that are served, which owners may have written in. */
    readonly otherVersion?: (apiVersion: string) => VersionView | undefined;
  }) {
    const { resource, store, stamps, hooks = {}, otherVersion } = options;
    this.resource = resource;
    this.store = store;
    this.stamps = stamps;
    this.hooks = hooks;
    this.ownership = new FieldOwnership({
      resource,
      clock: stamps.clock,
      ...(otherVersion === undefined ? {} : { otherVersion }),
    });
    const writer = new ObjectWriter({ resource, store, hooks });
    this.writer = writer;
    this.deleter = new ObjectDeleter({ resource, writer, hooks, clock: stamps.clock });
  }

  /** The stored object as it is now, or undefined. */
  find(key: StoreKey): StoredObject | undefined {
    return this.writer.find(key);
  }

  /** The stored object as it is now; 404 when there is none. */
  async get(key: StoreKey): Promise<StoredObject> {
    const stored = await this.store.get(this.writer.keyOf(key));
    if (stored === undefined) throw this.notFound(key.name);
    return stored;
  }

  list(options: ListOptions<KubeObject>): Promise<ListResult<KubeObject>> {
    return this.store.list(options);
  }

  watch(options: WatchOptions<KubeObject>): Promise<Watch<KubeObject>> {
    return this.store.watch(options);
  }

  /** Stores a new object. `object` is a fresh draft that the registry goes on to change. */
  async create(
    object: KubeObject,
    namespace: string,
    context: WriteContext,
  ): Promise<WrittenObject> {
    const metadata = metaOf(object);
    if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== '0') {
      throw badRequest('resourceVersion should not be set on objects to be created');
    }
    wipeSystemFields(object);
    placeInNamespace(object, this.resource, namespace);
    dropRepeatedOwners(object, context.warnings, { admitted: false });
    this.ownership.ofNew(object, context);
    const { managedFields } = metaOf(object);
    const generated = (metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '';
    const mutating = this.mutateNew(object, context);
    if (mutating !== undefined) await mutating;
    restoreOwners(object, managedFields, context.warnings);
    dropRepeatedOwners(object, context.warnings, { admitted: true });
    const attempts = generated ? maxGeneratedNameAttempts : 1;
    for (let attempt = 1; attempt < attempts; attempt += 1) {
      const written = await this.tryCreate(object, generated, context);
      if (written !== undefined) return written;
    }
    const written = await this.tryCreate(object, generated, context);
    if (written !== undefined) return written;
    const { namespace: placed = '', name = '' } = metaOf(object);
    throw nameTaken(this.resource, name, {
      generated,
      existing: this.find({ namespace: placed, name })?.object,
    });
  }

  /** Once for an object, however many names are tried; the name may still be missing. */
  private mutateNew(object: KubeObject, { admission, dryRun }: WriteContext): Admitting {
    const { namespace = '', name = '' } = metaOf(object);
    return admission.mutate({
      operation: 'CREATE',
      subresource: '',
      namespace,
      name,
      object,
      dryRun,
    });
  }

  private async tryCreate(
    object: KubeObject,
    generated: boolean,
    context: WriteContext,
  ): Promise<WrittenObject | undefined> {
    const { resource, stamps } = this;
    const metadata = metaOf(object);
    stampNew(object, resource, stamps);
    if (generated) metadata.name = generateName(metadata.generateName ?? '', stamps.random);
    const key = { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
    const nowMs = stamps.clock.now();
    resource.strategy.prepareForCreate?.(object, nowMs, context.requester);
    const early = this.validateNew(object);
    if (early.length > 0) throw this.invalid(key.name, early);
    const reservation = this.hooks.reserveForCreate?.(object, context.dryRun) ?? noReservation;
    try {
      const errors = [
        ...(this.hooks.check?.(object) ?? []),
        ...(resource.validateCreate?.(object) ?? []),
        ...resource.validate(object),
      ];
      if (errors.length > 0) throw this.invalid(key.name, errors);
      addWarnings(context, resource.strategy.warnings?.(object, undefined));
      const validating = context.admission.validate({
        operation: 'CREATE',
        subresource: '',
        ...key,
        object,
        dryRun: context.dryRun,
      });
      if (validating !== undefined) await validating;
      const written = await this.writer.create(key, object, context);
      settle(written !== undefined && !context.dryRun, reservation, context);
      return written;
    } catch (error) {
      settle(false, reservation, context);
      throw error;
    }
  }

  private validateNew(object: KubeObject): readonly FieldError[] {
    const { scope, nameFormat, anyFinalizers = false } = this.resource;
    return validateObjectMeta(object.metadata, { scope, nameFormat, anyFinalizers });
  }

  /**
   * Changes an object: `transform` gives the wanted state from the stored one and is called again after a lost race when
   * the client did not pin a resourceVersion. An update that changes nothing is not written and makes no event.
   */
  async update(
    key: StoreKey,
    transform: Transform,
    part: UpdatePart,
    context: WriteContext,
  ): Promise<WrittenObject & { readonly created: boolean }> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.writer.findReady(key);
      const draft = await transform(stored?.object);
      checkIdentity(draft, key);
      if (stored === undefined) {
        checkNew(this.resource, { key, draft }, context);
        const created = await this.createInstead(key, draft, part, context);
        if (created !== undefined) {
          return { object: created.object, bytes: created.bytes, created: true };
        }
        if (attempt >= maxUpdateAttempts) throw modified(this.resource, key.name);
        continue;
      }
      const pinned = checkVersion(this.resource, { key, draft, stored: stored.object }, context);
      const written = await this.tryUpdate(key, draft, stored, part, context);
      if (written !== undefined) {
        return { object: written.object, bytes: written.bytes, created: false };
      }
      if (pinned || attempt >= maxUpdateAttempts) throw modified(this.resource, key.name);
    }
  }

  /** Creates what an update or apply did not find; undefined where somebody else was faster and an apply may try again. */
  private async createInstead(
    key: StoreKey,
    draft: KubeObject,
    part: UpdatePart,
    context: WriteContext,
  ): Promise<WrittenObject | undefined> {
    const { applies } = context;
    const mayCreate = applies === true || this.resource.strategy.allowCreateOnUpdate === true;
    if (!mayCreate || part.type !== 'main') throw this.notFound(key.name);
    const metadata = metaOf(draft);
    if (applies !== true) {
      // There is nothing that the version could be of.
      delete metadata.resourceVersion;
      return this.create(draft, key.namespace, context);
    }
    if ((metadata.uid ?? '') !== '') {
      throw conflict(
        this.resource,
        key.name,
        `uid mismatch: the provided object specified uid ${metadata.uid ?? ''}, and no existing object was found`,
      );
    }
    delete metadata.resourceVersion;
    try {
      return await this.create(draft, key.namespace, context);
    } catch (error) {
      if (hasReason(error, 'AlreadyExists')) return undefined;
      throw error;
    }
  }

  private prepareUpdate(
    draft: KubeObject,
    stored: KubeObject,
    part: UpdatePart,
  ): readonly FieldError[] {
    const { resource } = this;
    const { strategy } = resource;
    const nowMs = this.stamps.clock.now();
    if (part.type === 'other') {
      if (part.countsGeneration) countGeneration(draft, stored);
      return [];
    }
    if (part.type === 'status') {
      keepAllButStatus(draft, stored, resource);
      strategy.prepareForStatusUpdate?.(draft, stored, nowMs);
      return resource.validateStatusUpdate?.(draft, stored) ?? [];
    }
    if (resource.status === true) setStatus(draft, statusOf(stored));
    strategy.prepareForUpdate?.(draft, stored, nowMs);
    if (strategy.tracksGeneration === true) countGeneration(draft, stored, strategy);
    return [];
  }

  private async tryUpdate(
    key: StoreKey,
    draft: KubeObject,
    stored: StoredObject,
    part: UpdatePart,
    context: WriteContext,
  ): Promise<WrittenObject | undefined> {
    const { resource } = this;
    carryMetadata(draft, stored.object);
    if (context.patches !== true) {
      dropRepeatedOwners(draft, context.warnings, { admitted: false });
    }
    this.ownership.ofUpdate(draft, stored.object, part, context);
    const { managedFields } = draft.metadata;
    const attributes = {
      operation: 'UPDATE',
      // What comes through a subresource for the object itself was admitted there.
      subresource: part.type === 'main' ? '' : subresourceOf(part),
      ...key,
      object: draft,
      stored: stored.object,
      dryRun: context.dryRun,
    } as const;
    const mutating = context.admission.mutate(attributes);
    if (mutating !== undefined) await mutating;
    restoreOwners(draft, managedFields, context.warnings);
    dropRepeatedOwners(draft, context.warnings, { admitted: true });
    const prepared = this.prepareUpdate(draft, stored.object, part);
    const reservation =
      part.type === 'main'
        ? (this.hooks.reserveForUpdate?.(draft, stored.object, context.dryRun) ?? noReservation)
        : noReservation;
    try {
      const errors = [
        ...metadataCauses(
          validateObjectMetaUpdate(draft.metadata, stored.object.metadata, {
            anyFinalizers: resource.anyFinalizers === true,
          }),
          part.type === 'main' ? 'main' : 'status',
        ),
        ...(this.hooks.check?.(draft, stored.object) ?? []),
        ...prepared,
        ...(part.type === 'main'
          ? [
              ...resource.validate(draft, stored.object),
              ...(resource.validateUpdate?.(draft, stored.object) ?? []),
            ]
          : []),
      ];
      if (errors.length > 0) throw this.invalid(key.name, errors);
      if (part.type === 'main') {
        addWarnings(context, resource.strategy.warnings?.(draft, stored.object));
      } else if (part.type === 'status') {
        addWarnings(context, resource.strategy.statusWarnings?.(draft));
      }
      const validating = context.admission.validate(attributes);
      if (validating !== undefined) await validating;
      const written = await this.writer.change(stored, draft, context);
      settle(written !== undefined && !context.dryRun, reservation, context);
      return written;
    } catch (error) {
      settle(false, reservation, context);
      throw error;
    }
  }

  /** Deletes an object, or marks it where finalizers, grace or content hold it. */
  delete(
    key: StoreKey,
    options: Partial<DeleteOptions>,
    context: WriteContext,
  ): Promise<DeletedObject> {
    return this.deleter.delete(key, options, context);
  }

  /** Deletes what a list finds; objects that vanish meanwhile are no failure. Gives the objects as they were. */
  async deleteCollection(
    request: ListOptions<KubeObject>,
    options: Partial<DeleteOptions>,
    context: WriteContext,
  ): Promise<ListResult<KubeObject>> {
    checkDeleteOptions(options);
    const page = await this.list(request);
    await this.deleter.deleteAll(page.items, options, context);
    return page;
  }

  notFound(name: string): Error {
    return notFound(this.resource, name);
  }

  invalid(name: string, errors: readonly FieldError[]): Error {
    return refusedFields(this.resource, name, errors);
  }
}

/** Tells everybody who took something for a write what became of it. */
function settle(written: boolean, reservation: Reservation, { admission }: WriteContext): void {
  if (written) reservation.commit();
  else reservation.release();
  admission.settled?.(written);
}

function addWarnings(context: WriteContext, messages: readonly string[] | undefined): void {
  if (messages !== undefined) context.warnings.push(...messages);
}
