/**
 * How values of a type merge: which lists are sets or keyed, which objects merge field by field, and what is replaced as a
 * whole. Made from a declaration at its first use; the only view of types that the rest of this folder has.
 */
import type { Definition, Field, Scalar, Schema } from '../schema/schema.js';
import { fieldElement } from './path-element.js';
import { isValueStruct, isValueText } from './value-structs.js';
import { isJsonObject } from '../patch/json-value.js';

/** What a leaf may hold. `any` is not checked at all. */
export type LeafType = 'string' | 'numeric' | 'boolean' | 'untyped' | 'any';

export interface KeyField {
  readonly name: string;
  /** What an element without the key means. */
  readonly fallback: string | number | boolean | undefined;
}

export interface StructField {
  /** The field as a path element. */
  readonly element: string;
  readonly shape: Shape;
  /** What the field is when it is absent, where Go's types cannot be without it; undefined for all others. */
  readonly zero: unknown;
  /** Nobody owns it, and it is not compared: identity, and what the server writes itself. */
  readonly unowned: boolean;
}

export interface StructShape {
  readonly type: 'struct';
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, StructField>;
  /** What members that are not declared are; undefined where there may be none. */
  readonly others: Shape | undefined;
  /** The path elements of fields that are null, and so there, when they are not set. */
  readonly nulls: readonly string[];
}

export type Shape =
  | { readonly type: 'leaf'; readonly holds: LeafType }
  | {
      readonly type: 'list';
      readonly atomic: boolean;
      /** Undefined for sets of scalars. */
      readonly keys: readonly KeyField[] | undefined;
      readonly items: Shape;
    }
  | { readonly type: 'map'; readonly atomic: boolean; readonly values: Shape }
  /** Values without a type: objects merge, everything else is replaced. */
  | { readonly type: 'deduced' }
  | StructShape;

const anyLeaf: Shape = { type: 'leaf', holds: 'any' };
const deduced: Shape = { type: 'deduced' };
/** An object about whose members nothing is known. */
const openObject: Shape = { type: 'map', atomic: false, values: deduced };

const leafTypes: Partial<Record<Scalar, LeafType>> = {
  string: 'string',
  bytes: 'string',
  time: 'string',
  microTime: 'string',
  boolean: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
  double: 'numeric',
  quantity: 'untyped',
  intOrString: 'untyped',
};

/** The merging facts that a field adds to its type. */
export type MergeFacts = Pick<
  Field,
  'listType' | 'listMapKeys' | 'mapType' | 'patchStrategy' | 'patchMergeKey'
>;

interface ListFacts {
  readonly atomic: boolean;
  readonly keys: readonly string[] | undefined;
}

/** Lists are atomic unless they say otherwise; where only a patch strategy is given, it decides. */
function listFacts(facts: MergeFacts): ListFacts {
  if (facts.listType === 'map') return { atomic: false, keys: facts.listMapKeys ?? [] };
  if (facts.listType === 'set') return { atomic: false, keys: undefined };
  const merges = facts.patchStrategy?.startsWith('merge') === true;
  if (facts.listType === undefined && merges) {
    const { patchMergeKey: key } = facts;
    return { atomic: false, keys: key === undefined ? undefined : [key] };
  }
  return { atomic: true, keys: undefined };
}

function keyField(name: string, items: Schema): KeyField {
  const fields = items.type === 'ref' ? items.target().fields : {};
  const declared = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return { name, fallback: declared?.default };
}

/** The shape of a value of a schema. */
function shapeOf(schema: Schema, facts: MergeFacts = {}): Shape {
  switch (schema.type) {
    case 'scalar': {
      const holds = leafTypes[schema.scalar];
      return holds === undefined ? anyLeaf : { type: 'leaf', holds };
    }
    case 'list': {
      const { atomic, keys } = listFacts(facts);
      const named = keys?.toSorted().map((name) => keyField(name, schema.items));
      return lazyItems(atomic, named, schema.items);
    }
    case 'map':
      return {
        type: 'map',
        atomic: facts.mapType === 'atomic',
        values: shapeOf(schema.values, schema.valueFacts),
      };
    case 'ref': {
      const target = schema.target();
      if (target.freeform === true) return target.keepsUnknown === true ? deduced : anyLeaf;
      // What a field says of itself goes before what its type says.
      return structShape(target, (facts.mapType ?? target.mapType) === 'atomic');
    }
  }
}

/** Types may hold themselves, so elements and fields are looked at when they are first needed. */
function lazyItems(
  atomic: boolean,
  keys: readonly KeyField[] | undefined,
  schema: Schema,
): Shape & { type: 'list' } {
  let items: Shape | undefined;
  return {
    type: 'list',
    atomic,
    keys,
    get items() {
      return (items ??= shapeOf(schema));
    },
  };
}

const scalarZeros: Partial<Record<Scalar, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
};

/** What Go has where a field is absent that its type cannot leave out; undefined where absent is absent. */
function zeroOf(
  owner: Definition,
  name: string,
  { schema, required, nullWhenUnset }: Field,
): unknown {
  if (owner.custom === true) return undefined;
  if (nullWhenUnset === true) return null;
  if (schema.type === 'ref') {
    return required === true || isValueStruct(owner.name, name) ? {} : undefined;
  }
  if (required !== true && !isValueText(owner.name, name)) return undefined;
  return schema.type === 'scalar' ? scalarZeros[schema.scalar] : null;
}

function fieldsOf(definition: Definition): ReadonlyMap<string, StructField> {
  const fields = new Map<string, StructField>();
  for (const [name, field] of Object.entries(definition.fields)) {
    const zero = zeroOf(definition, name, field);
    const shape = shapeOf(field.schema, field);
    fields.set(name, { element: fieldElement(name), shape, zero, unowned: false });
  }
  return fields;
}

function makeStruct(
  isAtomic: boolean,
  makeFields: () => ReadonlyMap<string, StructField>,
  others: Shape | undefined,
): StructShape {
  let fields: ReadonlyMap<string, StructField> | undefined;
  let nulls: readonly string[] | undefined;
  return {
    type: 'struct',
    atomic: isAtomic,
    others,
    get fields() {
      return (fields ??= makeFields());
    },
    get nulls() {
      return (nulls ??= [...this.fields.values()]
        .filter(({ zero }) => zero === null)
        .map(({ element }) => element));
    },
  };
}

const othersOf = ({ keepsUnknown }: Definition): Shape | undefined =>
  keepsUnknown === true ? deduced : undefined;

const granular = new WeakMap<Definition, StructShape>();
const atomic = new WeakMap<Definition, StructShape>();

/** The shape of objects of a definition. One and the same for each definition and way of merging. */
function structShape(definition: Definition, isAtomic: boolean): StructShape {
  const known = isAtomic ? atomic : granular;
  let shape = known.get(definition);
  if (shape === undefined) {
    shape = makeStruct(isAtomic, () => fieldsOf(definition), othersOf(definition));
    known.set(definition, shape);
  }
  return shape;
}

/** What nobody owns of an object's metadata. */
export const unownedMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
];

function unowned(
  fields: ReadonlyMap<string, StructField>,
  names: readonly string[],
): Map<string, StructField> {
  const result = new Map(fields);
  for (const name of names) {
    const field = fields.get(name);
    if (field !== undefined) result.set(name, { ...field, unowned: true });
  }
  return result;
}

function objectFields(definition: Definition): ReadonlyMap<string, StructField> {
  const fields = unowned(fieldsOf(definition), ['apiVersion', 'kind']);
  const metadata = fields.get('metadata');
  if (metadata?.shape.type === 'struct') {
    const { shape } = metadata;
    const owned = makeStruct(false, () => unowned(shape.fields, unownedMetadata), shape.others);
    fields.set('metadata', { ...metadata, shape: owned, zero: {} });
  }
  return fields;
}

const objects = new WeakMap<Definition, StructShape>();

/** The shape of whole objects of a kind: as `structShape`, but their identity is nobody's. */
export function objectShape(definition: Definition): StructShape {
  let shape = objects.get(definition);
  if (shape === undefined) {
    shape = makeStruct(false, () => objectFields(definition), othersOf(definition));
    objects.set(definition, shape);
  }
  return shape;
}

/** A shape with `deduced` decided by the value at hand. */
export type KnownShape = Exclude<Shape, { type: 'deduced' }>;

/** The shape of a value: what its type leaves open is decided by the value itself. */
export function resolved(shape: Shape, value: unknown): KnownShape {
  if (shape.type !== 'deduced') return shape;
  return isJsonObject(value) ? (openObject as KnownShape) : (anyLeaf as KnownShape);
}

/** One member of an object: a declared field, or as good as one; undefined where there may be none. */
export function memberOf(
  shape: KnownShape & { readonly type: 'struct' | 'map' },
  name: string,
): StructField | undefined {
  const declared = shape.type === 'struct' ? shape.fields.get(name) : undefined;
  if (declared !== undefined) return declared;
  const inner = shape.type === 'map' ? shape.values : shape.others;
  if (inner === undefined) return undefined;
  return { element: fieldElement(name), shape: inner, zero: undefined, unowned: false };
}

/** The shape of one member of an object. */
export const memberShape = (
  shape: KnownShape & { readonly type: 'struct' | 'map' },
  name: string,
): Shape | undefined =>
  shape.type === 'map' ? shape.values : (shape.fields.get(name)?.shape ?? shape.others);
