/**
 * The vocabulary in which every API type is declared. A declaration feeds OpenAPI, pruning, defaulting, patch merge keys,
 * protobuf, `kubectl explain` and the generated TypeScript types, so a field is written down once.
 *
 * Called by the files under `api/<group>/<version>/`; read by the API server. Must never hold behaviour.
 */

/** Wire formats with one value. The last six are definitions of their own in OpenAPI (`Time`, `Quantity`, …). */
export type Scalar =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'any'
  | 'object'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'fieldsV1';

/** How the values of a map merge, which have no field to say it. */
export type ValueFacts = Pick<FieldOptions, 'listType' | 'listMapKeys' | 'mapType'>;

export type Schema =
  | { readonly type: 'scalar'; readonly scalar: Scalar }
  | { readonly type: 'list'; readonly items: Schema }
  | { readonly type: 'map'; readonly values: Schema; readonly valueFacts?: ValueFacts }
  | { readonly type: 'ref'; readonly target: () => Definition };

/** Facts about a field beside its type, as Kubernetes' OpenAPI document states them. */
export interface FieldOptions {
  readonly required?: true;
  /** Allowed values of a string. They are documentation and types; validation enforces them where Kubernetes does. */
  readonly enum?: readonly string[];
  /** The value an absent list-map key or field stands for, where the API marks one. */
  readonly default?: string | number | boolean;
  readonly patchStrategy?: 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** JSON shows null while the field is not set, because Go holds a time by value or a list without `omitempty`. */
  readonly nullWhenUnset?: true;
}

export interface Field extends FieldOptions {
  /** Protobuf field number; the path of numbers where protobuf nests what JSON inlines; undefined where it has none. */
  readonly proto: Proto;
  readonly description: string;
  readonly schema: Schema;
}

/** An object type with a name, such as `io.k8s.api.core.v1.Container`. */
export interface Definition {
  readonly name: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** `atomic` where writers own objects of this type as a whole and not field by field. */
  readonly mapType?: 'atomic' | undefined;
  /** Any JSON value fits: OpenAPI gives it a name and no type. It has no fields. */
  readonly freeform?: true;
  /** Of a free-form type: what its values are where they are objects, or lists of objects. Unknown fields are dropped in silence. */
  readonly objectsAre?: () => Definition;
  /** The type as a JSON schema, where it was given as one and OpenAPI is to show just that. */
  readonly jsonSchema?: object;
  /** Fields that are not declared are kept, whatever they are; a free-form value is then owned field by field. */
  readonly keepsUnknown?: true;
  /** The type of a custom resource: what is absent is absent, while built-in types have some fields always. */
  readonly custom?: true;
}

export type Proto = number | readonly number[] | undefined;

/** Stands in for the protobuf number of `apiVersion` and `kind`, which travel in the envelope. */
export const inline = undefined;

/** The protobuf number of a field that JSON inlines but protobuf keeps in a nested message: the message's, then the field's. */
export const within = (...path: readonly number[]): Proto => path;
/** Fields that JSON inlines but protobuf keeps in a nested message of this number. */
export const nestedIn = (
  message: number,
  fields: Readonly<Record<string, Field>>,
): Readonly<Record<string, Field>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const path = typeof field.proto === 'object' ? field.proto : [field.proto ?? 0];
      return [name, { ...field, proto: within(message, ...path) }];
    }),
  );

type Target = Definition | (() => Definition);
type Element = Scalar | Definition | Schema | (() => Definition);

const scalarField =
  (scalar: Scalar) =>
  (proto: Proto, description: string, options: FieldOptions = {}): Field => ({
    proto,
    description,
    schema: { type: 'scalar', scalar },
    ...options,
  });

export const string = scalarField('string');
export const boolean = scalarField('boolean');
export const int32 = scalarField('int32');
export const int64 = scalarField('int64');
export const double = scalarField('double');
/** Base64 text in JSON. */
export const bytes = scalarField('bytes');
/** RFC 3339 with seconds. */
export const time = scalarField('time');
/** RFC 3339 with microseconds. */
export const microTime = scalarField('microTime');
export const quantity = scalarField('quantity');
export const intOrString = scalarField('intOrString');
/** Any object with its own apiVersion and kind. */
export const rawExtension = scalarField('rawExtension');
export const fieldsV1 = scalarField('fieldsV1');

const targetOf = (target: Target): (() => Definition) =>
  typeof target === 'function' ? target : () => target;

function elementSchema(element: Element): Schema {
  if (typeof element === 'string') return { type: 'scalar', scalar: element };
  if (typeof element !== 'function' && 'type' in element) return element;
  return { type: 'ref', target: targetOf(element) };
}

/** A nested object of a named type. Pass a function where the types refer to each other. */
export const ref = (
  proto: Proto,
  target: Target,
  description: string,
  options: FieldOptions = {},
): Field => ({
  proto,
  description,
  schema: { type: 'ref', target: targetOf(target) },
  ...options,
});

export const list = (
  proto: Proto,
  items: Element,
  description: string,
  options: FieldOptions = {},
): Field => ({
  proto,
  description,
  schema: { type: 'list', items: elementSchema(items) },
  ...options,
});

/** The options of a list whose elements are told apart by one field, both in patches and by those who apply them. */
export const keyedBy = (key: string): FieldOptions => ({
  patchStrategy: 'merge',
  patchMergeKey: key,
  listType: 'map',
  listMapKeys: [key],
});

/** A JSON object used as a map from string to one type. */
export const map = (
  proto: Proto,
  values: Element,
  description: string,
  options: FieldOptions = {},
): Field => ({
  proto,
  description,
  schema: { type: 'map', values: elementSchema(values) },
  ...options,
});

/** A list used as an element of another list or map. */
export const listOf = (items: Element): Schema => ({ type: 'list', items: elementSchema(items) });

/** Declares an object type; `name` is its full OpenAPI definition name. */
export const definition = (
  name: string,
  description: string,
  fields: Readonly<Record<string, Field>>,
  options: Omit<Definition, 'name' | 'description' | 'fields'> = {},
): Definition => ({ name, description, fields, ...options });
