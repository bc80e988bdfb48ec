/**
 * Puts the zero value of Go where a client left out a required field: an empty text, 0, false, an empty list. Kubernetes'
 * decoder does the same by its nature, so its validation meets `""` and never nothing; ours can rely on it just so.
 * Required objects stay absent: whether Go has them as a pointer is not in the schema.
 *
 * Called by the `defaults` of kinds before anything else. Changes what it is given; pays only for fields that are there.
 */
import type { Definition, Scalar, Schema } from './schema.js';

type Fields = Record<string, unknown>;
type Filler = (value: unknown) => void;

const zeros: Partial<Record<Scalar, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  intOrString: 0,
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The zero of a schema as a maker, because lists must not be shared; undefined where there is none to give. */
function zeroOf(schema: Schema): (() => unknown) | undefined {
  if (schema.type === 'list') return () => [];
  if (schema.type !== 'scalar') return undefined;
  const zero = zeros[schema.scalar];
  return zero === undefined ? undefined : () => zero;
}

function fillerOf(schema: Schema): Filler | undefined {
  if (schema.type === 'scalar') return undefined;
  if (schema.type === 'ref') {
    return (value) => {
      fillDefinition(schema.target(), value);
    };
  }
  const inner = fillerOf(schema.type === 'list' ? schema.items : schema.values);
  if (inner === undefined) return undefined;
  return (value) => {
    if (Array.isArray(value)) value.forEach(inner);
    else if (isObject(value)) Object.values(value).forEach(inner);
  };
}

interface Compiled {
  readonly required: readonly (readonly [string, () => unknown])[];
  readonly nested: ReadonlyMap<string, Filler>;
}

const compiled = new WeakMap<Definition, Compiled>();

function compile(definition: Definition): Compiled {
  const required: [string, () => unknown][] = [];
  const nested = new Map<string, Filler>();
  for (const [name, { required: isRequired, schema }] of Object.entries(definition.fields)) {
    const zero = isRequired === true ? zeroOf(schema) : undefined;
    if (zero !== undefined) required.push([name, zero]);
    const filler = fillerOf(schema);
    if (filler !== undefined) nested.set(name, filler);
  }
  return { required, nested };
}

function fillDefinition(definition: Definition, value: unknown): void {
  if (!isObject(value)) return;
  let plan = compiled.get(definition);
  if (plan === undefined) {
    plan = compile(definition);
    compiled.set(definition, plan);
  }
  for (const [name, zero] of plan.required) value[name] ??= zero();
  for (const name of Object.keys(value)) plan.nested.get(name)?.(value[name]);
}

/** Fills the required fields of a decoded object and of everything in it. */
export const fillZeroValues = (definition: Definition, object: object): void => {
  fillDefinition(definition, object);
};
