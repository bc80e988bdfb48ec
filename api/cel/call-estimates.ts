/** What calls of functions cost at most by the sizes of what they are given: cel-go's figures, and Kubernetes' for its own functions. */
import type { Overload } from './overload.js';
import {
  eitherSize,
  fixedSize,
  patternWeight,
  productOfSizes,
  sumOfSizes,
  times,
  traversal,
  unknownSize,
} from './sizes.js';
import type { Size } from './sizes.js';
import type { CelType } from './types.js';

/** One argument, or the receiver. */
export interface Operand {
  readonly type: CelType;
  readonly size: Size;
  /** Of the elements of a list. */
  readonly elementSize: Size;
  /** The value where it is written as a number. */
  readonly literal: bigint | undefined;
}

export interface CallEstimate {
  /** Beside what the operands cost. */
  readonly cost: number;
  /** Undefined where the type of the result decides. */
  readonly size?: Size;
}

type Estimate = (operands: readonly Operand[]) => CallEstimate;

const nominal: CallEstimate = { cost: 1 };

const sizeAt = (operands: readonly Operand[], position: number): Size =>
  operands[position]?.size ?? unknownSize;

const isText = (type: CelType | undefined): boolean =>
  type?.kind === 'simple' && (type.name === 'string' || type.name === 'bytes');

/** One pass over the first operand, which the result is no longer than. */
const pass: Estimate = (operands) => {
  const size = sizeAt(operands, 0);
  return { cost: traversal(size.max), size };
};

/** One pass over a text that becomes something of no size. */
const parse: Estimate = (operands) => ({ cost: traversal(sizeAt(operands, 0).max) });

const overElements: Estimate = ([list]) => {
  if (list === undefined) return nominal;
  if (list.type.kind !== 'list') return { cost: traversal(list.size.max) };
  const each = 1 + (isText(list.type.element) ? traversal(list.elementSize.max) : 0);
  return { cost: times(list.size.max, each) };
};

/** How long a text can get when parts of it are replaced. */
function replacedSize(text: Size, from: Size, to: Size): Size {
  const longest =
    from.min === 0
      ? times(text.max + 1, to.max) + text.max
      : to.max <= from.min
        ? text.max
        : times(Math.ceil(text.max / from.min), to.max);
  const shortest =
    from.max === 0
      ? times(text.min + 1, to.min) + text.min
      : from.max <= to.min
        ? text.min
        : times(Math.ceil(text.min / from.max), to.min);
  return { min: shortest, max: longest };
}

const replace: Estimate = (operands) => {
  const text = sizeAt(operands, 0);
  const size = replacedSize(text, sizeAt(operands, 1), sizeAt(operands, 2));
  return { cost: traversal(text.max, 2), size };
};

const split: Estimate = (operands) => {
  const text = sizeAt(operands, 0);
  const limit = operands[2]?.literal;
  const max = limit === undefined || limit < 0n ? text.max : Number(limit);
  return { cost: traversal(text.max, 2), size: { min: 0, max } };
};

const join: Estimate = ([list, separator]) => {
  if (list === undefined) return nominal;
  const gaps: Size = { min: Math.max(0, list.size.min - 1), max: Math.max(0, list.size.max - 1) };
  const size = sumOfSizes(
    productOfSizes(list.size, list.elementSize),
    separator === undefined ? fixedSize(0) : productOfSizes(separator.size, gaps),
  );
  return { cost: traversal(size.max), size };
};

const match: Estimate = (operands) => ({
  cost: times(traversal(sizeAt(operands, 0).max + 1), patternWeight(sizeAt(operands, 1).max)),
});

const find: Estimate = (operands) => ({
  ...match(operands),
  size: { min: 0, max: sizeAt(operands, 0).max },
});

/** Compares every element with every other, so many times. */
const pairs =
  (rounds: number): Estimate =>
  (operands) => ({
    cost: 1 + rounds * times(sizeAt(operands, 0).max, sizeAt(operands, 1).max),
  });

/** Bytes of an address. */
const maxAddressBytes = 16;

/** Compares addresses, after reading the second one where it is a text. */
const within =
  (more: number): Estimate =>
  (operands) => ({
    cost:
      traversal(2 * maxAddressBytes) +
      more +
      (isText(operands[1]?.type) ? traversal(sizeAt(operands, 1).max) : 0),
  });

const selector: Estimate = (operands) => {
  const length = sizeAt(operands, 1).max;
  return { cost: 10 + traversal(length) + Math.ceil(length * 0.5) * 50 };
};

/** Characters of the patterns of named formats. */
const formatPatternSize = 128;
/** Characters of the names of formats. */
const maxFormatNameSize = 64;

const equality: Estimate = (operands) => {
  const type = operands[0]?.type;
  const [left, right] = [sizeAt(operands, 0), sizeAt(operands, 1)];
  if (type?.kind === 'opaque' && type.name.includes('.')) {
    if (type.name === 'kubernetes.NamedFormat') return { cost: traversal(maxFormatNameSize) };
    return type.name === 'kubernetes.URL' ? { cost: traversal(right.max) } : nominal;
  }
  return { cost: traversal(Math.min(left.max, right.max)) };
};

const order: Estimate = (operands) =>
  operands.every(({ type }) => isText(type))
    ? { cost: traversal(Math.min(sizeAt(operands, 0).max, sizeAt(operands, 1).max)) }
    : nominal;

const add: Estimate = (operands) => {
  const size = sumOfSizes(sizeAt(operands, 0), sizeAt(operands, 1));
  if (operands.every(({ type }) => type.kind === 'list')) return { cost: 1, size };
  return operands.every(({ type }) => isText(type)) ? { cost: traversal(size.max), size } : nominal;
};

/** What costs more than a step, by the name of the function. */
const estimates: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['check', () => ({ cost: 350_000 })],
  ['fieldSelector', selector],
  ['labelSelector', selector],
  ...['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map(
    (name) => [name, overElements] as const,
  ),
  ...['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'jsonpatch.escapeKey'].map(
    (name) => [name, pass] as const,
  ),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ['find', find],
  ['findAll', find],
  ['matches', match],
  ...['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'].map(
    (name) => [name, parse] as const,
  ),
  // An address of a text is read; that of a range is there.
  ['ip', (operands) => (isText(operands[0]?.type) ? parse(operands) : nominal)],
  ['ip.isCanonical', (operands) => ({ cost: traversal(sizeAt(operands, 0).max, 2) })],
  ['containsIP', within(0)],
  ['containsCIDR', within(traversal(maxAddressBytes) + 1)],
  [
    'validate',
    (operands) => ({
      cost: Math.ceil(times(traversal(sizeAt(operands, 1).max), formatPatternSize * 0.25)),
    }),
  ],
  ['format', (operands) => ({ cost: traversal(sizeAt(operands, 0).max) })],
  [
    'strings.quote',
    (operands) => {
      const { min, max } = sizeAt(operands, 0);
      return { cost: traversal(max), size: { min: min + 2, max: max * 2 + 2 } };
    },
  ],
  [
    'bytes',
    (operands) => {
      const { min, max } = sizeAt(operands, 0);
      return isText(operands[0]?.type)
        ? { cost: traversal(max), size: { min, max: max * 4 } }
        : nominal;
    },
  ],
  [
    'string',
    (operands) => {
      const { type } = operands[0] ?? {};
      if (type?.kind !== 'simple' || type.name !== 'bytes') return nominal;
      const { min, max } = sizeAt(operands, 0);
      return { cost: traversal(max), size: { min: Math.floor(min / 4), max } };
    },
  ],
  ['startsWith', (operands) => ({ cost: traversal(sizeAt(operands, 1).max) })],
  ['endsWith', (operands) => ({ cost: traversal(sizeAt(operands, 1).max) })],
  [
    'contains',
    (operands) => ({
      cost: times(traversal(sizeAt(operands, 0).max), traversal(sizeAt(operands, 1).max)),
    }),
  ],
  [
    '@in',
    (operands) => (operands[1]?.type.kind === 'map' ? nominal : { cost: sizeAt(operands, 1).max }),
  ],
  ['sets.contains', pairs(1)],
  ['sets.intersects', pairs(1)],
  ['sets.equivalent', pairs(2)],
  ['_==_', equality],
  ['_!=_', equality],
  ...['_<_', '_<=_', '_>_', '_>=_'].map((name) => [name, order] as const),
  ['_+_', add],
]);

/** What a call costs for the worst of the functions it can mean. Operands have the types of the function where their own is dyn. */
export function estimateCall(
  overloads: readonly Overload[],
  operands: readonly Operand[],
): CallEstimate {
  let cost = 0;
  let size: Size | undefined;
  for (const { name, parameters } of overloads) {
    const typed = operands.map((operand, position) => ({
      ...operand,
      type: knownType(parameters[position], operand.type),
    }));
    const estimate = (estimates.get(name) ?? (() => nominal))(typed);
    cost = Math.max(cost, estimate.cost);
    if (estimate.size !== undefined) {
      size = size === undefined ? estimate.size : eitherSize(size, estimate.size);
    }
  }
  return size === undefined ? { cost } : { cost, size };
}

function knownType(parameter: CelType | undefined, type: CelType): CelType {
  if (parameter === undefined || parameter.kind === 'parameter') return type;
  const isOpen = parameter.kind === 'list' || parameter.kind === 'map';
  return isOpen && parameter.kind === type.kind ? type : parameter;
}
