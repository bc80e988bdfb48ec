/**
 * The types of CEL as Kubernetes uses it: what variables are declared as, what the checker infers, and what is assignable to
 * what. Pure; knows nothing of values.
 */

export type SimpleTypeName =
  | 'dyn'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration';

export interface SimpleType {
  readonly kind: 'simple';
  readonly name: SimpleTypeName;
  /** The most characters or bytes a value can have, where that is known. */
  readonly maxSize?: number;
}

export interface ListType {
  readonly kind: 'list';
  readonly element: CelType;
  /** The most elements a value can have, where that is known. */
  readonly maxSize?: number;
  /** Order does not matter when lists of these kinds are compared, and adding them merges, as the API's lists do. */
  readonly semantics?: { readonly type: 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };
}

export interface MapType {
  readonly kind: 'map';
  readonly key: CelType;
  readonly value: CelType;
  /** The most entries a value can have, where that is known. */
  readonly maxSize?: number;
}

/** A type with named fields. Fields are looked up when needed, so that types may refer to themselves. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** Undefined for a field the type does not have. */
  readonly field: (name: string) => CelType | undefined;
  /** The JSON name of a field where it is no CEL identifier. */
  readonly jsonName?: (name: string) => string;
  /** Whether literals such as `Object{…}` may be written. */
  readonly constructible?: true;
}

/** A type whose values only its functions can look into, such as `kubernetes.Quantity` or `optional_type(string)`. */
export interface OpaqueType {
  readonly kind: 'opaque';
  readonly name: string;
  readonly parameters: readonly CelType[];
}

export interface TypeOfType {
  readonly kind: 'type';
  readonly of: CelType;
}

export interface ParameterType {
  readonly kind: 'parameter';
  readonly name: string;
}

export type CelType =
  | SimpleType
  | ListType
  | MapType
  | ObjectType
  | OpaqueType
  | TypeOfType
  | ParameterType;

const simple = (name: SimpleTypeName): SimpleType => ({ kind: 'simple', name });

export const dynType = simple('dyn');
export const nullType = simple('null');
export const boolType = simple('bool');
export const intType = simple('int');
export const uintType = simple('uint');
export const doubleType = simple('double');
export const stringType = simple('string');
export const bytesType = simple('bytes');
export const timestampType = simple('timestamp');
export const durationType = simple('duration');
export const listType = (element: CelType): ListType => ({ kind: 'list', element });
export const mapType = (key: CelType, value: CelType): MapType => ({ kind: 'map', key, value });
export const opaqueType = (name: string, ...parameters: readonly CelType[]): OpaqueType => ({
  kind: 'opaque',
  name,
  parameters,
});
export const optionalType = (value: CelType): OpaqueType => opaqueType('optional_type', value);
export const typeOf = (of: CelType): TypeOfType => ({ kind: 'type', of });

/** An object type from a table of fields. */
export const objectType = (
  name: string,
  fields: Readonly<Record<string, CelType>>,
): ObjectType => {
  const known = new Map(Object.entries(fields));
  return { kind: 'object', name, field: (field) => known.get(field) };
};

export const isDyn = (type: CelType): boolean => type.kind === 'simple' && type.name === 'dyn';

export const isOptional = (type: CelType): type is OpaqueType =>
  type.kind === 'opaque' && type.name === 'optional_type';

const longNames: Readonly<Partial<Record<SimpleTypeName, string>>> = {
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
};

/** The type as messages spell it: `list(string)`, `map(string, int)`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case 'simple':
      return longNames[type.name] ?? type.name;
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'object':
    case 'parameter':
      return type.name;
    case 'opaque':
      return type.parameters.length === 0
        ? type.name
        : `${type.name}(${type.parameters.map(typeText).join(', ')})`;
    case 'type':
      return `type(${typeText(type.of)})`;
  }
}

/**
 * What type parameters stand for. A trial sees what it was made from and changes nothing of it until it is kept: copies of
 * everything for each try would make long expressions take the square of their length.
 */
export class Bindings {
  private readonly own = new Map<string, CelType>();
  private readonly outer: Bindings | undefined;

  constructor(outer?: Bindings) {
    this.outer = outer;
  }

  get(name: string): CelType | undefined {
    return this.own.get(name) ?? this.outer?.get(name);
  }

  set(name: string, type: CelType): void {
    this.own.set(name, type);
  }

  /** Takes over what a trial made from these bindings bound. */
  keep(trial: Bindings): void {
    for (const [name, type] of trial.own) this.own.set(name, type);
  }
}

/** The type with every bound parameter replaced; parameters nobody bound become dyn when `unboundIsDyn`. */
export function substitute(type: CelType, bindings: Bindings, unboundIsDyn: boolean): CelType {
  switch (type.kind) {
    case 'parameter': {
      const bound = bindings.get(type.name);
      if (bound !== undefined) return substitute(bound, bindings, unboundIsDyn);
      return unboundIsDyn ? dynType : type;
    }
    case 'list':
      return { ...type, element: substitute(type.element, bindings, unboundIsDyn) };
    case 'map':
      return {
        ...type,
        key: substitute(type.key, bindings, unboundIsDyn),
        value: substitute(type.value, bindings, unboundIsDyn),
      };
    case 'opaque':
      return opaqueType(
        type.name,
        ...type.parameters.map((parameter) => substitute(parameter, bindings, unboundIsDyn)),
      );
    case 'type':
      return typeOf(substitute(type.of, bindings, unboundIsDyn));
    case 'simple':
    case 'object':
      return type;
  }
}

const takesNull = (type: CelType): boolean =>
  type.kind === 'object' ||
  type.kind === 'opaque' ||
  (type.kind === 'simple' &&
    (type.name === 'null' || type.name === 'timestamp' || type.name === 'duration'));

const isNull = (type: CelType): boolean => type.kind === 'simple' && type.name === 'null';

function occursIn(name: string, type: CelType, bindings: Bindings): boolean {
  switch (type.kind) {
    case 'parameter': {
      if (type.name === name) return true;
      const bound = bindings.get(type.name);
      return bound !== undefined && occursIn(name, bound, bindings);
    }
    case 'list':
      return occursIn(name, type.element, bindings);
    case 'map':
      return occursIn(name, type.key, bindings) || occursIn(name, type.value, bindings);
    case 'opaque':
      return type.parameters.some((parameter) => occursIn(name, parameter, bindings));
    case 'type':
      return occursIn(name, type.of, bindings);
    case 'simple':
    case 'object':
      return false;
  }
}

function bind(name: string, type: CelType, bindings: Bindings): boolean {
  const bound = bindings.get(name);
  if (bound === undefined) {
    if (type.kind === 'parameter' && type.name === name) return true;
    if (occursIn(name, type, bindings)) return false;
    bindings.set(name, type);
    return true;
  }
  const trial = new Bindings(bindings);
  if (isAssignable(type, bound, trial)) {
    // The more general of the two is what the parameter stands for.
    trial.set(name, moreGeneral(bound, type));
    bindings.keep(trial);
    return true;
  }
  return false;
}

/** The one of two compatible types that covers both. */
export function moreGeneral(left: CelType, right: CelType): CelType {
  if (isDyn(left) || isDyn(right)) return isDyn(left) ? left : right;
  if (isNull(left)) return right;
  if (isNull(right)) return left;
  if (left.kind === 'list' && right.kind === 'list') {
    return listType(moreGeneral(left.element, right.element));
  }
  if (left.kind === 'map' && right.kind === 'map') {
    return mapType(moreGeneral(left.key, right.key), moreGeneral(left.value, right.value));
  }
  return left;
}

/** Whether a value of type `from` may stand where `to` is wanted. Binds parameters of both as it goes. */
export function isAssignable(from: CelType, to: CelType, bindings: Bindings): boolean {
  if (to.kind === 'parameter') return bind(to.name, from, bindings);
  if (from.kind === 'parameter') return bind(from.name, to, bindings);
  if (isDyn(from) || isDyn(to)) return true;
  if (isNull(from)) return takesNull(to);
  if (isNull(to)) return takesNull(from);
  if (from.kind !== to.kind) return false;
  switch (from.kind) {
    case 'simple':
      return from.name === (to as SimpleType).name;
    case 'list':
      return isAssignable(from.element, (to as ListType).element, bindings);
    case 'map':
      return (
        isAssignable(from.key, (to as MapType).key, bindings) &&
        isAssignable(from.value, (to as MapType).value, bindings)
      );
    case 'object':
      return from.name === (to as ObjectType).name;
    case 'opaque': {
      const target = to as OpaqueType;
      return (
        from.name === target.name &&
        from.parameters.length === target.parameters.length &&
        from.parameters.every((parameter, position) =>
          isAssignable(parameter, target.parameters[position] ?? dynType, bindings),
        )
      );
    }
    case 'type':
      return true;
  }
}

/** The type two branches share: the same, or dyn. */
export function joinTypes(left: CelType, right: CelType): CelType {
  const bindings = new Bindings();
  return isAssignable(left, right, bindings)
    ? substitute(moreGeneral(left, right), bindings, false)
    : dynType;
}
