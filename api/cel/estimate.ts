/**
 * What evaluating an expression can cost at most, from the sizes its types allow: to the unit what cel-go estimates, since
 * it decides which rules a definition may have.
 *
 * Sizes are known of what a variable's declared type bounds, wherever its parts are reached by names, positions and keys, and
 * of what functions make of that. What is not known is infinite.
 */
import type {
  BindExpression,
  CallExpression,
  ComprehensionExpression,
  Expression,
  SelectExpression,
} from './ast.js';
import { estimateCall } from './call-estimates.js';
import type { Operand } from './call-estimates.js';
import type { CheckedExpression } from './checker.js';
import { listCreateCost, mapCreateCost, selectCost, structCreateCost } from './cost.js';
import { eitherSize, fixedSize, times, unknownSize } from './sizes.js';
import type { Size } from './sizes.js';
import { dynType, isOptional } from './types.js';
import type { CelType } from './types.js';
import { sizeOf } from './values.js';

/** What a value was reached by: a variable, and the way from there. */
interface Place {
  /** Undefined where the way leads out of what is declared. */
  readonly declared: CelType | undefined;
}

/** The sizes of what a list or map holds. */
interface Entries {
  readonly kind: 'list' | 'map';
  readonly key: Size;
  readonly value: Size;
}

interface Facts {
  readonly cost: number;
  readonly size: Size | undefined;
  readonly entries: Entries | undefined;
  readonly place: Place | undefined;
}

type Known = Omit<Facts, 'cost'>;

const nothingKnown: Known = { size: undefined, entries: undefined, place: undefined };

const scalars = new Set(['bool', 'int', 'uint', 'double', 'timestamp', 'duration']);

/** One, for what always has the same size. */
function scalarSize(type: CelType): Size | undefined {
  if (isOptional(type)) return scalarSize(type.parameters[0] ?? dynType);
  return type.kind === 'simple' && scalars.has(type.name) ? fixedSize(1) : undefined;
}

/** What a declaration says of a size; numbers and objects count nothing. */
function declaredSize(type: CelType): Size | undefined {
  switch (type.kind) {
    case 'list':
    case 'map':
      return type.maxSize === undefined ? undefined : { min: 0, max: type.maxSize };
    case 'simple':
      if (type.maxSize !== undefined) return { min: 0, max: type.maxSize };
      return ['string', 'bytes', 'dyn', 'timestamp', 'duration'].includes(type.name)
        ? undefined
        : fixedSize(0);
    default:
      return fixedSize(0);
  }
}

type Step = { readonly field: string } | 'element' | 'key' | 'position';

function partOf(type: CelType | undefined, step: Step): CelType | undefined {
  if (type === undefined) return undefined;
  if (typeof step === 'object') return type.kind === 'object' ? type.field(step.field) : undefined;
  if (step === 'element') {
    if (type.kind === 'list') return type.element;
    return type.kind === 'map' ? type.value : undefined;
  }
  return step === 'key' && type.kind === 'map' ? type.key : undefined;
}

class Estimator {
  private readonly checked: CheckedExpression;
  private readonly root: CelType | undefined;
  private readonly locals = new Map<string, Known>();

  constructor(checked: CheckedExpression, root: CelType | undefined) {
    this.checked = checked;
    this.root = root;
  }

  private typeOf(expression: Expression): CelType {
    return this.checked.types.get(expression) ?? dynType;
  }

  /** One step on. From nowhere it leads to the root: cel-go forgets that there was no way, and so do rules in use. */
  private below(place: Place | undefined, step: Step): Place {
    return { declared: place === undefined ? this.root : partOf(place.declared, step) };
  }

  /** Completes what is known of a node by its place and its type. */
  private facts(expression: Expression, cost: number, known: Partial<Known> = {}): Facts {
    const { place, entries } = known;
    const declared = place?.declared;
    const size =
      known.size ??
      (declared === undefined ? undefined : declaredSize(declared)) ??
      scalarSize(this.typeOf(expression));
    return { cost, size, entries, place };
  }

  estimate(expression: Expression): Facts {
    switch (expression.type) {
      case 'constant':
        return this.facts(expression, 0, { size: fixedSize(sizeOf(expression.value)) });
      case 'identifier':
        return this.identifier(expression, expression.name);
      case 'select':
        return this.select(expression);
      case 'call':
        return this.call(expression);
      case 'list': {
        const parts = expression.elements.map(({ value }) => this.estimate(value));
        const entries = { kind: 'list', key: fixedSize(1), value: coveringSize(parts) } as const;
        const size = fixedSize(parts.length);
        return this.facts(expression, sumOfCosts(parts) + listCreateCost, { size, entries });
      }
      case 'map': {
        const keys = expression.entries.map(({ key }) => this.estimate(key));
        const values = expression.entries.map(({ value }) => this.estimate(value));
        const cost = sumOfCosts(keys) + sumOfCosts(values) + mapCreateCost;
        const entries = {
          kind: 'map',
          key: coveringSize(keys),
          value: coveringSize(values),
        } as const;
        return this.facts(expression, cost, { size: fixedSize(keys.length), entries });
      }
      case 'struct': {
        const fields = expression.fields.map(({ value }) => this.estimate(value));
        return this.facts(expression, sumOfCosts(fields) + structCreateCost);
      }
      case 'comprehension':
        return this.comprehension(expression);
      case 'bind':
        return this.bind(expression);
    }
  }

  private identifier(expression: Expression, name: string): Facts {
    const local = this.locals.get(name);
    if (local === undefined) {
      const declared = this.checked.typeNames.has(expression) ? undefined : this.typeOf(expression);
      return this.facts(expression, selectCost, { place: { declared } });
    }
    const { place, entries } = local;
    const found = this.facts(expression, selectCost, { place, entries });
    return { ...found, size: found.size ?? local.size };
  }

  private select(expression: SelectExpression): Facts {
    if (this.checked.typeNames.has(expression)) return this.facts(expression, selectCost);
    const operand = this.estimate(expression.operand);
    if (expression.test) return this.facts(expression, operand.cost);
    if (expression.optional) return this.facts(expression, operand.cost + 1);
    const { kind } = this.typeOf(expression.operand);
    const own = kind === 'map' || kind === 'object' || kind === 'parameter' ? selectCost : 0;
    const place = this.below(operand.place, { field: expression.field });
    return this.facts(expression, operand.cost + own, { place });
  }

  private operand(expression: Expression, { size, place }: Facts): Operand {
    const element = place === undefined ? undefined : partOf(place.declared, 'element');
    const isNumber = expression.type === 'constant' && typeof expression.value === 'bigint';
    return {
      type: this.typeOf(expression),
      size: size ?? unknownSize,
      elementSize: (element === undefined ? undefined : declaredSize(element)) ?? unknownSize,
      literal: isNumber ? expression.value : undefined,
    };
  }

  private call(expression: CallExpression): Facts {
    const { name, target } = expression;
    const isNamespace = target === undefined || this.checked.qualified.has(expression);
    const parts = isNamespace ? expression.args : [target, ...expression.args];
    const facts = parts.map((part) => this.estimate(part));
    const cost = sumOfCosts(facts);
    switch (name) {
      case '_&&_':
      case '_||_':
        return this.facts(expression, cost);
      case '_?_:_':
        return this.ternary(expression, facts);
      case 'dyn':
        return { ...this.facts(expression, cost + 1), ...knownOf(facts[0]), place: undefined };
      case '_[_]':
        return this.index(expression, facts);
      default: {
        const operands = parts.map((part, position) =>
          this.operand(part, facts[position] ?? { cost: 0, ...nothingKnown }),
        );
        const overloads = this.checked.overloads.get(expression) ?? [];
        const { cost: own, size } = estimateCall(overloads, operands);
        const entries = name === '_+_' ? unitedEntries(facts[0], facts[1]) : undefined;
        return this.facts(expression, cost + own, { size, entries });
      }
    }
  }

  private ternary(expression: Expression, [condition, yes, no]: readonly Facts[]): Facts {
    const branches = Math.max(yes?.cost ?? 0, no?.cost ?? 0);
    return this.facts(expression, (condition?.cost ?? 0) + branches, {
      size: eitherSize(yes?.size ?? unknownSize, no?.size ?? unknownSize),
      entries: unitedEntries(yes, no),
    });
  }

  private index(expression: Expression, facts: readonly Facts[]): Facts {
    const [container] = facts;
    return this.facts(expression, sumOfCosts(facts) + 1, {
      size: container?.entries?.value,
      place: this.below(container?.place, 'element'),
    });
  }

  /** What is known of a variable that goes over a list or map. */
  private variables(expression: ComprehensionExpression, range: Facts): readonly Known[] {
    const { kind } = range.entries ?? this.typeOf(expression.range);
    const at = (step: Step, size: Size | undefined): Known => ({
      size,
      entries: undefined,
      place: this.below(range.place, step),
    });
    const { key, value } = range.entries ?? {};
    if (expression.variables.length === 2) {
      return [at(kind === 'list' ? 'position' : 'key', key), at('element', value)];
    }
    return [kind === 'list' ? at('element', value) : at('key', key)];
  }

  private comprehension(expression: ComprehensionExpression): Facts {
    const { macro, condition, transform } = expression;
    const range = this.estimate(expression.range);
    const known = this.variables(expression, range);
    const inner = this.within(expression.variables, known, () => ({
      tested: condition === undefined ? undefined : this.estimate(condition),
      made: transform === undefined ? undefined : this.estimate(transform),
    }));
    // A filter keeps the elements themselves.
    const kept = { size: known[0]?.size ?? this.elementSize(expression, known) };
    const loop = loopCosts(macro, inner.tested?.cost, inner.made?.cost ?? selectCost);
    const count = range.size ?? unknownSize;
    const cost = range.cost + loop.around + times(count.max, loop.each);
    if (loop.collects === undefined) return this.facts(expression, cost);
    const value = eitherSize(fixedSize(0), (inner.made ?? kept).size ?? unknownSize);
    const entries =
      loop.collects === 'list'
        ? ({ kind: 'list', key: eitherSize(fixedSize(1), fixedSize(1)), value } as const)
        : undefined;
    return this.facts(expression, cost, { size: count, entries });
  }

  private elementSize(
    { range }: ComprehensionExpression,
    known: readonly Known[],
  ): Size | undefined {
    const declared = known[0]?.place?.declared;
    const type = this.typeOf(range);
    return (
      (declared === undefined ? undefined : declaredSize(declared)) ??
      (type.kind === 'list' ? scalarSize(type.element) : undefined)
    );
  }

  private within<T>(names: readonly string[], known: readonly Known[], work: () => T): T {
    const outer = names.map((name) => [name, this.locals.get(name)] as const);
    for (const [position, name] of names.entries()) {
      this.locals.set(name, known[position] ?? nothingKnown);
    }
    const result = work();
    for (const [name, before] of outer) {
      if (before === undefined) this.locals.delete(name);
      else this.locals.set(name, before);
    }
    return result;
  }

  /** The optional macros ask their receiver twice: whether there is a value, and for it. */
  private bind(expression: BindExpression): Facts {
    const { macro, variable } = expression;
    const value = this.estimate(expression.value);
    const bound = macro === 'bind' ? knownOf(value) : nothingKnown;
    const body = this.within([variable], [bound], () => this.estimate(expression.body));
    if (macro === 'bind') {
      return { ...body, cost: listCreateCost + value.cost + body.cost, place: undefined };
    }
    const wrapping = macro === 'optMap' ? 1 : 0;
    const present = wrapping + listCreateCost + value.cost + 1 + body.cost;
    return this.facts(expression, value.cost + 1 + Math.max(present, 1));
  }
}

const sumOfCosts = (parts: readonly Facts[]): number =>
  parts.reduce((total, { cost }) => total + cost, 0);

const knownOf = (facts: Facts | undefined): Known => ({
  size: facts?.size,
  entries: facts?.entries,
  place: facts?.place,
});

const coveringSize = (parts: readonly Facts[]): Size =>
  parts.length === 0
    ? fixedSize(0)
    : parts.map(({ size = unknownSize }) => size).reduce(eitherSize);

function unitedEntries(left: Facts | undefined, right: Facts | undefined): Entries | undefined {
  const [a, b] = [left?.entries, right?.entries];
  if (a === undefined || b === undefined) return undefined;
  return { kind: a.kind, key: eitherSize(a.key, b.key), value: eitherSize(a.value, b.value) };
}

interface LoopCosts {
  /** Once, for making the accumulator and reading it at the end. */
  readonly around: number;
  /** For each element: whether to go on, and the step. */
  readonly each: number;
  readonly collects: 'list' | 'map' | undefined;
}

/** What is around the parts of a macro once it is a loop that accumulates. */
function loopCosts(
  macro: ComprehensionExpression['macro'],
  tested: number | undefined,
  made: number,
): LoopCosts {
  const chosen = (step: number): number =>
    tested === undefined ? step : tested + Math.max(step, selectCost);
  switch (macro) {
    case 'all':
      return { around: 1, each: 3 + (tested ?? 0), collects: undefined };
    case 'exists':
      return { around: 1, each: 4 + (tested ?? 0), collects: undefined };
    case 'existsOne':
      return { around: 2, each: chosen(2), collects: undefined };
    case 'map':
    case 'filter':
    case 'transformList':
      return {
        around: listCreateCost + 1,
        each: chosen(made + listCreateCost + 2),
        collects: 'list',
      };
    case 'transformMap':
      return { around: mapCreateCost + 1, each: chosen(made + 3), collects: 'map' };
    case 'transformMapEntry':
      return { around: mapCreateCost + 1, each: chosen(made + 2), collects: 'map' };
  }
}

/** The most that one evaluation can cost. `root` is the type of the variable that everything belongs to. */
export const estimateCost = (
  tree: { readonly expression: Expression; readonly checked: CheckedExpression },
  root?: CelType,
): number => new Estimator(tree.checked, root).estimate(tree.expression).cost;
