/**
 * Who owns which fields after a write. An update owns what it changed; an applier owns what it names, and what it no longer
 * names and nobody else owns is removed. Semantics after Kubernetes' server-side apply.
 *
 * Called by the registry for every write. Pure; nothing that is given is changed.
 */
import type { KubeObject } from '../meta/v1/types.js';
import type { JsonObject } from '../patch/json-value.js';
import { compareObjectsOf, fieldsOf } from './compare.js';
import type { Comparison } from './compare.js';
import { FieldConflictError } from './conflict.js';
import type { FieldConflict } from './conflict.js';
import {
  difference,
  emptySet,
  forEachPath,
  intersection,
  isEmptySet,
  member,
  union,
} from './field-set.js';
import type { FieldSet, FieldSetDraft } from './field-set.js';
import { capped, ownerKey, setFields } from './managed.js';
import type { Owner, Owners, Ownership } from './managed.js';
import { mergeConfiguration } from './merge.js';
import { removeFields, withDeclaredFields } from './remove.js';
import { fieldElement } from './path-element.js';
import { unownedMetadata } from './shape.js';
import type { StructShape } from './shape.js';

/** A version of a kind as ownership sees it. */
export interface VersionView {
  readonly shape: StructShape;
  /** An object of the request's version in this one; absent where both are the same. */
  readonly fromRequested?: (object: JsonObject) => JsonObject;
  readonly toRequested?: (object: JsonObject) => JsonObject;
}

/** The kind that a write is about. */
export interface OwnedKind {
  readonly apiVersion: string;
  readonly shape: StructShape;
  /** Other versions that owners may have written in; undefined for one that is not served (any more). */
  readonly otherVersion?: (apiVersion: string) => VersionView | undefined;
  /** Fields that the write cannot change, with all below them; they are neither compared nor owned. */
  readonly ignored: FieldSet;
}

export interface Write {
  readonly kind: OwnedKind;
  readonly owner: Owner;
  /** RFC 3339, for the owner's entry. */
  readonly time: string;
}

/** What nobody owns: identity, and what the server writes itself. */
const stripped: FieldSet = {
  'f:apiVersion': member,
  'f:kind': member,
  'f:metadata': Object.fromEntries(
    ['.', ...unownedMetadata.map(fieldElement)].map((element) => [element, member]),
  ),
};

/** The set without the fields that are ignored and all below them. */
function withoutIgnored(set: FieldSet, ignored: FieldSet): FieldSet {
  if (isEmptySet(ignored)) return set;
  const result: FieldSetDraft = {};
  for (const element in set) {
    const node = set[element] ?? member;
    const hidden = ignored[element];
    if (hidden === undefined) result[element] = node;
    else if (!isEmptySet(hidden)) {
      const rest = withoutIgnored(node, hidden);
      if (!isEmptySet(rest) || isEmptySet(node)) result[element] = rest;
    }
  }
  return result;
}

const withoutIgnoredSides = (
  { added, modified, removed }: Comparison,
  ignored: FieldSet,
): Comparison => ({
  added: withoutIgnored(added, ignored),
  modified: withoutIgnored(modified, ignored),
  removed: withoutIgnored(removed, ignored),
});

/** What a write changes, in each version that somebody owns fields in. */
class Changes {
  private readonly kind: OwnedKind;
  private readonly before: JsonObject;
  private readonly after: JsonObject;
  private readonly byVersion = new Map<string, Comparison | 'unserved'>();

  constructor(kind: OwnedKind, before: JsonObject, after: JsonObject, requested: Comparison) {
    this.kind = kind;
    this.before = before;
    this.after = after;
    this.byVersion.set(kind.apiVersion, requested);
  }

  in(apiVersion: string): Comparison | 'unserved' {
    const known = this.byVersion.get(apiVersion);
    if (known !== undefined) return known;
    const view = this.kind.otherVersion?.(apiVersion);
    const made = view === undefined ? 'unserved' : this.compareIn(view);
    this.byVersion.set(apiVersion, made);
    return made;
  }

  private compareIn({ shape, fromRequested = (object) => object }: VersionView): Comparison {
    const found = compareObjectsOf(shape, fromRequested(this.before), fromRequested(this.after));
    return found === undefined ? nothing : withoutIgnoredSides(found, this.kind.ignored);
  }
}

const nothing: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };

/**
 * Takes from all other owners what a change touches. Throws FieldConflictError where that is a value somebody else owns and
 * the write does not force it.
 */
function takeOver(
  owners: Map<string, Ownership>,
  changes: Changes,
  options: { readonly except: string | undefined; readonly force: boolean },
): void {
  const conflicts: FieldConflict[] = [];
  const left: (readonly [key: string, fields: FieldSet])[] = [];
  for (const [key, ownership] of owners) {
    if (key === options.except) continue;
    const compared = changes.in(ownership.apiVersion);
    if (compared === 'unserved') {
      left.push([key, emptySet]);
      continue;
    }
    const touched = intersection(ownership.fields, union(compared.modified, compared.added));
    if (!isEmptySet(touched)) {
      forEachPath(touched, (path) => {
        conflicts.push({ owner: ownership, path });
      });
    }
    left.push([key, difference(difference(ownership.fields, touched), compared.removed)]);
  }
  if (!options.force && conflicts.length > 0) throw new FieldConflictError(conflicts);
  for (const [key, fields] of left) setFields(owners, key, fields);
}

/**
 * Who owns what after an object was changed other than by apply; undefined where that is as before. `live` is undefined for a
 * new object. `before` is asked only where something changed.
 */
export function ownersAfterUpdate(
  write: Write,
  live: KubeObject | undefined,
  wanted: KubeObject,
  before: () => Owners,
): Owners | undefined {
  const { kind, owner, time } = write;
  const compared = compareObjectsOf(kind.shape, live ?? {}, wanted);
  if (compared === undefined) return undefined;
  const requested = withoutIgnoredSides(compared, kind.ignored);
  const taken = union(requested.modified, requested.added);
  const owners = new Map(before());
  const sides = [live ?? {}, wanted] as unknown as readonly [JsonObject, JsonObject];
  if (owners.size > 0)
    takeOver(owners, new Changes(kind, ...sides, requested), { except: undefined, force: true });
  if (isEmptySet(taken)) return owners;
  const key = ownerKey(owner);
  const fields = union(taken, owners.get(key)?.fields ?? emptySet);
  owners.set(key, { ...owner, time, fields });
  return capped(owners);
}

export interface Applied {
  readonly object: JsonObject;
  readonly owners: Owners;
}

/** Removes what an applier named last time, names no longer, and nobody else owns. */
function pruned(
  { kind }: Write,
  merged: JsonObject,
  owners: Owners,
  last: Ownership | undefined,
): JsonObject {
  if (last === undefined || isEmptySet(last.fields)) return merged;
  const isSame = last.apiVersion === kind.apiVersion;
  const view = isSame ? kind : kind.otherVersion?.(last.apiVersion);
  if (view === undefined) return merged;
  const { shape, fromRequested, toRequested } = view as VersionView;
  const whole = fromRequested?.(merged) ?? merged;
  const declared = (set: FieldSet): FieldSet => withDeclaredFields(shape, set);
  const lastFields = declared(last.fields);
  const bare = removeFields(shape, whole, lastFields);
  // Nobody owns the identity, but it never goes.
  let owned = stripped;
  for (const { apiVersion, fields } of owners.values()) {
    if (apiVersion === last.apiVersion || kind.otherVersion?.(apiVersion) !== undefined) {
      owned = union(owned, fields);
    }
  }
  const inWhole = declared(fieldsOf(shape, whole));
  // What somebody else still owns comes back …
  const kept = union(declared(fieldsOf(shape, bare)), declared(owned));
  const left = removeFields(shape, whole, difference(inWhole, kept));
  // … and so does what the applier never had: it went with a parent that the applier owned.
  const gone = difference(inWhole, declared(fieldsOf(shape, left)));
  const result = removeFields(shape, whole, intersection(gone, lastFields));
  return toRequested?.(result) ?? result;
}

/**
 * Applies a configuration to a live object (`{}` for one that does not exist). Throws FieldConflictError where it changes what
 * others own and `force` is not given. The configuration must be of its type (`appliedProblems`).
 */
export function applyConfiguration(
  write: Write,
  live: JsonObject,
  config: JsonObject,
  options: { readonly before: Owners; readonly force: boolean },
): Applied {
  const { kind, owner, time } = write;
  const { shape } = kind;
  const key = ownerKey(owner);
  const merged = mergeConfiguration(shape, live, config);
  const fields = withoutIgnored(difference(fieldsOf(shape, config), stripped), kind.ignored);
  const last = options.before.get(key);
  const owners = new Map(options.before);
  owners.set(key, { ...owner, time, fields });
  const object = pruned(write, merged, owners, last);
  const compared = compareObjectsOf(shape, live, object);
  if (compared !== undefined) {
    const requested = withoutIgnoredSides(compared, kind.ignored);
    const changes = new Changes(kind, live, object, requested);
    takeOver(owners, changes, { except: key, force: options.force });
  }
  if (isEmptySet(fields)) owners.delete(key);
  return { object, owners };
}
