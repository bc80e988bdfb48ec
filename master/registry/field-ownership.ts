/**
 * Keeps `metadata.managedFields` true for one resource: which manager owns which field after each write. What an update
 * changed, and what an apply names, is its manager's; the rules are in `api/managed-fields`.
 *
 * Called by the registry on the path of every write, before admission: what admission adds belongs to nobody.
 */
import { jsonEqual } from '../../api/patch/json-value.js';
import { appliedObject, managedFieldsAfterUpdate } from '../../api/managed-fields/apply.js';
import { emptySet, setOfFields, union } from '../../api/managed-fields/field-set.js';
import type { FieldSet } from '../../api/managed-fields/field-set.js';
import { entryOf, ownersFrom, sameButForTimes } from '../../api/managed-fields/managed.js';
import type { OwnedKind, VersionView, Write } from '../../api/managed-fields/ownership.js';
import { RecentCreations } from '../../api/managed-fields/recent-creations.js';
import { objectShape } from '../../api/managed-fields/shape.js';
import { SharedSets } from '../../api/managed-fields/shared-sets.js';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../../api/meta/v1/types.js';
import type { JsonObject } from '../../api/patch/json-value.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { timestamp } from '../../api/meta/timestamp.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { WriteContext } from './hooks.js';

/** Which part of an object a write is about. */
export type OwnedPart =
  /** The object itself, or what goes through a subresource for it, such as `scale`. */
  | { readonly type: 'main'; readonly subresource?: string }
  | { readonly type: 'status' }
  | { readonly type: 'other'; readonly subresource: string };

/** What an apply asks for beside its configuration. */
export interface ApplyOptions {
  readonly manager: string;
  readonly force: boolean;
}

/** The subresource that `managedFields` names for a part of the object. */
export const subresourceOf = (part: OwnedPart): string =>
  part.type === 'status' ? 'status' : (part.subresource ?? '');

/** What a write to a part cannot change, and so cannot come to own. */
function ignoredBy({ schema, status, strategy }: ResourceDefinition, part: OwnedPart): FieldSet {
  if (part.type === 'other') return emptySet;
  if (part.type === 'main') {
    const fixed = setOfFields(strategy.neverOwned?.main ?? []);
    return status === true ? union(setOfFields(['status']), fixed) : fixed;
  }
  const names = Object.keys(schema.fields).filter(
    (name) => name !== 'status' && (name !== 'metadata' || strategy.statusKeeps === 'metadata'),
  );
  if (strategy.statusKeeps === 'labels') names.push('metadata.labels');
  return setOfFields([...names, ...(strategy.neverOwned?.status ?? [])]);
}

/**
 * Admission may change who owns what, but not spoil it: entries that cannot be read are taken back to what they were before, and
 * the client is told.
 */
export function restoreOwners(
  { metadata }: KubeObject,
  before: ManagedFieldsEntry[] | undefined,
  warnings: string[],
): void {
  const after = metadata.managedFields;
  if (after === before || after === undefined || ownersFrom(after) !== undefined) return;
  if (before === undefined) Reflect.deleteProperty(metadata, 'managedFields');
  else metadata.managedFields = before;
  if (!warnings.includes(spoiltOwners)) warnings.push(spoiltOwners);
}

const spoiltOwners =
  '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission ' +
  'controller; please fix your requests: an entry lacks its apiVersion, its operation or fields of the type FieldsV1';

export class FieldOwnership {
  private readonly resource: ResourceDefinition;
  private readonly clock: Clock;
  private readonly sets = new SharedSets();
  private readonly creations: RecentCreations;
  private readonly kinds: Readonly<Record<'main' | 'status' | 'other', OwnedKind>>;

  constructor(options: {
    readonly resource: ResourceDefinition;
    readonly clock: Clock;
    /** Other versions of the kind that are served, with how to get there and back. */
    readonly otherVersion?: (apiVersion: string) => VersionView | undefined;
  }) {
    this.resource = options.resource;
    this.clock = options.clock;
    const { resource, otherVersion } = options;
    const kindOf = (part: OwnedPart): OwnedKind => ({
      apiVersion: resource.apiVersion,
      shape: objectShape(resource.schema),
      ...(otherVersion === undefined ? {} : { otherVersion }),
      ignored: ignoredBy(resource, part),
    });
    this.creations = new RecentCreations(objectShape(resource.schema));
    this.kinds = {
      main: kindOf({ type: 'main' }),
      status: kindOf({ type: 'status' }),
      other: kindOf({ type: 'other', subresource: '' }),
    };
  }

  /** `entries` are new, or those of `stored`. */
  private setEntries(
    { metadata }: KubeObject,
    stored: KubeObject | undefined,
    entries: ManagedFieldsEntry[] | undefined,
  ): void {
    if (entries === undefined) {
      Reflect.deleteProperty(metadata, 'managedFields');
      return;
    }
    if (entries !== stored?.metadata.managedFields) this.sets.shareIn(entries);
    metadata.managedFields = entries;
  }

  private write(part: OwnedPart, operation: 'Apply' | 'Update', manager: string): Write {
    const { apiVersion } = this.resource;
    return {
      kind: this.kinds[part.type],
      owner: { manager, operation, apiVersion, subresource: subresourceOf(part) },
      time: timestamp(this.clock.now()),
    };
  }

  /** Fills in the owners of a draft that is to be created. An applied draft has them already. */
  ofNew(draft: KubeObject, { manager, applies }: WriteContext): void {
    if (applies === true) return;
    if (manager === undefined) this.setEntries(draft, undefined, undefined);
    else {
      const write = this.write({ type: 'main' }, 'Update', manager);
      this.setEntries(draft, undefined, this.entriesOfNew(write, draft));
    }
  }

  private entriesOfNew(write: Write, draft: KubeObject): ManagedFieldsEntry[] | undefined {
    const sent = draft.metadata.managedFields;
    if (sent !== undefined) return managedFieldsAfterUpdate(write, undefined, draft, sent);
    const known = this.creations.fieldsOf(draft);
    if (known !== undefined) return [entryOf({ ...write.owner, time: write.time, fields: known })];
    const entries = managedFieldsAfterUpdate(write, undefined, draft, undefined) ?? [];
    this.sets.shareIn(entries);
    const fields = entries[0]?.fieldsV1;
    // What is created only once is not worth remembering.
    if (fields !== undefined && this.sets.isShared(fields)) {
      this.creations.remember(draft, fields as FieldSet);
    }
    return entries.length === 0 ? undefined : entries;
  }

  /** Fills in the owners of a draft that is to replace what is stored. */
  ofUpdate(
    draft: KubeObject,
    stored: KubeObject,
    part: OwnedPart,
    { manager, applies }: WriteContext,
  ): void {
    if (applies === true) return;
    const { managedFields: sent } = draft.metadata;
    if (manager === undefined) this.setEntries(draft, stored, stored.metadata.managedFields);
    else {
      const write = this.write(part, 'Update', manager);
      this.setEntries(draft, stored, managedFieldsAfterUpdate(write, stored, draft, sent));
    }
  }

  /** What applying a configuration makes of the stored object, with its owners, not yet defaulted. */
  applied(
    stored: KubeObject | undefined,
    config: unknown,
    part: OwnedPart,
    { manager, force }: ApplyOptions,
  ): JsonObject {
    const write = this.write(part, 'Apply', manager);
    const object = appliedObject(write, this.resource.kind, stored, { config, force });
    const { managedFields = [] } = object.metadata as Partial<ObjectMeta>;
    this.sets.shareIn(managedFields);
    return object;
  }
}

/** Whether a draft says what is stored already: a write that would change only the times of ownership changes nothing. */
export function isUnchanged(draft: KubeObject, stored: KubeObject): boolean {
  const [mine, theirs] = [draft.metadata.managedFields, stored.metadata.managedFields];
  if (mine === theirs) return jsonEqual(draft, stored);
  const asStored = { ...draft, metadata: { ...draft.metadata, managedFields: theirs } };
  return jsonEqual(asStored, stored) && sameButForTimes(mine, theirs);
}
