/**
 * JsonObject that JSON shows as null while they are not set. Go's API types hold some times by value and some lists without
 * `omitempty`; whoever reads the API finds null there, and Kubernetes' clients and patches count on the field being present. In
 * memory and in protobuf such a field is absent like any other: null exists in the bytes alone.
 *
 * Called where objects become bytes and where bytes become objects again. Must never change what it is given: that is shared.
 */
import { isJsonObject, type JsonObject } from '../patch/json-value.js';
import type { Definition, Schema } from './schema.js';

/** Gives the value itself where there is nothing to change. */
type Rewrite = (value: unknown) => unknown;

/** The two forms of the objects of a kind. Both functions give the object itself where the forms do not differ. */
export interface WrittenForm {
  /** From memory to what is written: null where a field is not set. */
  readonly written: <T extends object>(object: T) => T;
  /** From what was written to memory: absent where a field is null. */
  readonly read: <T extends object>(object: T) => T;
}

const isUnset = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0);

/** The definition that values of a schema are of, or hold; undefined for what holds none. */
function heldBy(schema: Schema): Definition | undefined {
  switch (schema.type) {
    case 'scalar':
      return undefined;
    case 'list':
      return heldBy(schema.items);
    case 'map':
      return heldBy(schema.values);
    case 'ref':
      return schema.target();
  }
}

/** Whether a definition or anything in it has such fields. Types may hold themselves, hence the set of those looked at. */
function hasUnset(definition: Definition, seen: Set<Definition>): boolean {
  if (definition.custom === true || seen.has(definition)) return false;
  seen.add(definition);
  return Object.values(definition.fields).some(({ nullWhenUnset, schema }) => {
    const held = heldBy(schema);
    return nullWhenUnset === true || (held !== undefined && hasUnset(held, seen));
  });
}

/** Rewrites the elements of a list or the values of a map. */
function rewriteEach(inner: Rewrite): Rewrite {
  return (value) => {
    if (Array.isArray(value)) {
      let copy: unknown[] | undefined;
      for (let index = 0; index < value.length; index += 1) {
        const element: unknown = value[index];
        const rewritten = inner(element);
        if (rewritten !== element) (copy ??= [...(value as unknown[])])[index] = rewritten;
      }
      return copy ?? (value as unknown[]);
    }
    if (!isJsonObject(value)) return value;
    let copy: Record<string, unknown> | undefined;
    for (const [name, element] of Object.entries(value)) {
      const rewritten = inner(element);
      if (rewritten !== element) (copy ??= { ...value })[name] = rewritten;
    }
    return copy ?? value;
  };
}

type Side = 'written' | 'read';

/** A field that is null when it is not set, and what it is in memory then. */
interface UnsetField {
  readonly name: string;
  readonly inMemory: undefined | readonly [];
}

/** The nulls come first: V8 takes twenty times as long to add fields to the copy of an object. */
function withNull(value: JsonObject, fields: readonly UnsetField[], nulls: JsonObject): JsonObject {
  if (!fields.some(({ name }) => isUnset(value[name]))) return value;
  const copy: Record<string, unknown> = Object.assign({}, nulls, value);
  for (const { name } of fields) if (isUnset(copy[name])) copy[name] = null;
  return copy;
}

/** Made anew and not emptied: objects that lost a field are slow and large in V8. */
function withoutNull(value: JsonObject, fields: readonly UnsetField[]): JsonObject {
  if (!fields.some(({ name }) => value[name] === null)) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const unset = field === null ? fields.find((known) => known.name === name) : undefined;
    if (unset === undefined) copy[name] = field;
    else if (unset.inMemory !== undefined) copy[name] = [];
  }
  return copy;
}

function rewriteDefinition(definition: Definition, side: Side): Rewrite {
  const unset: UnsetField[] = [];
  const nested: (readonly [string, Rewrite])[] = [];
  for (const [name, { nullWhenUnset, required, schema }] of Object.entries(definition.fields)) {
    const inMemory = required === true && schema.type === 'list' ? ([] as const) : undefined;
    if (nullWhenUnset === true) unset.push({ name, inMemory });
    const inner = rewriteSchema(schema, side);
    if (inner !== undefined) nested.push([name, inner]);
  }
  const nulls = Object.fromEntries(unset.map(({ name }) => [name, null]));
  const own = side === 'written' ? withNull : withoutNull;
  return (value) => {
    if (!isJsonObject(value)) return value;
    const outer = unset.length === 0 ? value : own(value, unset, nulls);
    let copy: Record<string, unknown> | undefined;
    for (const [name, inner] of nested) {
      const field = outer[name];
      if (field === undefined || field === null) continue;
      const rewritten = inner(field);
      if (rewritten !== field) (copy ??= { ...outer })[name] = rewritten;
    }
    return copy ?? outer;
  };
}

function rewriteSchema(schema: Schema, side: Side): Rewrite | undefined {
  if (schema.type === 'scalar') return undefined;
  if (schema.type === 'ref') {
    const definition = schema.target();
    if (!hasUnset(definition, new Set())) return undefined;
    // Compiled at its first use, because types may hold themselves.
    return (value) => rewriteOf(definition, side)(value);
  }
  const inner = rewriteSchema(schema.type === 'list' ? schema.items : schema.values, side);
  return inner === undefined ? undefined : rewriteEach(inner);
}

const compiled = {
  written: new WeakMap<Definition, Rewrite>(),
  read: new WeakMap<Definition, Rewrite>(),
};

function rewriteOf(definition: Definition, side: Side): Rewrite {
  let rewrite = compiled[side].get(definition);
  if (rewrite === undefined) {
    rewrite = hasUnset(definition, new Set())
      ? rewriteDefinition(definition, side)
      : (value) => value;
    compiled[side].set(definition, rewrite);
  }
  return rewrite;
}

/** The forms of the objects of a definition; compiled when they are first needed. */
export const writtenFormOf = (definition: Definition): WrittenForm => ({
  written: <T extends object>(object: T) => rewriteOf(definition, 'written')(object) as T,
  read: <T extends object>(object: T) => rewriteOf(definition, 'read')(object) as T,
});

/** What is asked of a resource to write its objects. */
interface WrittenKind {
  readonly kind: string;
  readonly schema: Definition;
}

/** An object of a resource as JSON shows it; the bodies of subresources, which are of other kinds, stay as they are. */
export const writtenObject = <T extends { readonly kind: string }>(
  object: T,
  resource: WrittenKind | undefined,
): T => (resource?.kind === object.kind ? writtenFormOf(resource.schema).written(object) : object);
