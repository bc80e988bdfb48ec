/** Turns a checked expression into a function of its variables that counts what it costs. */
import type {
  BindExpression,
  CallExpression,
  ComprehensionExpression,
  Expression,
  ListExpression,
  MapExpression,
  SelectExpression,
  StructExpression,
} from './ast.js';
import type { CheckedExpression } from './checker.js';
import { listCreateCost, mapCreateCost, selectCost, structCreateCost } from './cost.js';
import { dispatch, folded, logical, ternary, uncounted } from './calls.js';
import { noOverload } from './evaluator.js';
import type { Evaluator, Frame } from './evaluator.js';
import { collectList, collectMap, countMatches, quantify, stepsOf } from './loops.js';
import type { Steps } from './loops.js';
import { ArrayList, CelError, CelMap, EntryMap, Optional, TypeValue } from './values.js';
import type { Value } from './values.js';

/** The field of an object or the entry of a map; undefined where it is absent, as in null and whatever else has no fields. */
const lookUp = (operand: Value, field: string): Value | undefined =>
  operand instanceof CelMap ? operand.get(field) : undefined;

class Compiler {
  private readonly checked: CheckedExpression;
  /** How many slots an evaluation needs. */
  slotCount: number;

  constructor(checked: CheckedExpression, variableCount: number) {
    this.checked = checked;
    this.slotCount = variableCount;
  }

  private newSlot(): number {
    this.slotCount += 1;
    return this.slotCount - 1;
  }

  compile(expression: Expression, scope: ReadonlyMap<string, number>): Evaluator {
    const evaluate = this.compiled(expression, scope);
    return expression.type !== 'constant' && isConstant(expression) ? folded(evaluate) : evaluate;
  }

  private compiled(expression: Expression, scope: ReadonlyMap<string, number>): Evaluator {
    const typeName = this.checked.typeNames.get(expression);
    if (typeName !== undefined) {
      const value = new TypeValue(typeName);
      return () => value;
    }
    switch (expression.type) {
      case 'constant': {
        const { value } = expression;
        return () => value;
      }
      case 'identifier':
        return this.variable(expression.name, scope);
      case 'select':
        return this.select(expression, scope);
      case 'call':
        return this.call(expression, scope);
      case 'list':
        return this.list(expression, scope);
      case 'map':
        return this.map(expression, scope);
      case 'struct':
        return this.struct(expression, scope);
      case 'comprehension':
        return this.comprehension(expression, scope);
      case 'bind':
        return this.bind(expression, scope);
    }
  }

  private variable(name: string, scope: ReadonlyMap<string, number>): Evaluator {
    const slot = scope.get(name);
    if (slot === undefined) throw new CelError(`no such attribute: ${name}`);
    return (frame) => {
      frame.meter.charge(selectCost);
      return (frame.slots[slot] ??= frame.read(slot));
    };
  }

  private select(expression: SelectExpression, scope: ReadonlyMap<string, number>): Evaluator {
    const operand = this.compile(expression.operand, scope);
    const { field, optional, test } = expression;
    return (frame) => {
      const value = operand(frame);
      if (!test) frame.meter.charge(selectCost);
      if (value instanceof Optional) {
        if (value.value === undefined) return test ? false : value;
        const inner = lookUp(value.value, field);
        return test ? inner !== undefined : asOptional(inner);
      }
      const found = lookUp(value, field);
      if (test) return found !== undefined;
      if (optional) return asOptional(found);
      if (found === undefined) throw new CelError(`no such key: ${field}`);
      return found;
    };
  }

  private call(expression: CallExpression, scope: ReadonlyMap<string, number>): Evaluator {
    const { name, target } = expression;
    const parts =
      target === undefined || this.checked.qualified.has(expression)
        ? expression.args
        : [target, ...expression.args];
    const args = parts.map((part) => this.compile(part, scope));
    if (name === '_&&_') return logical(args, false);
    if (name === '_||_') return logical(args, true);
    if (name === '_?_:_') {
      return ternary(
        args.map((arg, position) =>
          position > 0 && isPlain(parts[position]) ? uncounted(arg) : arg,
        ),
      );
    }
    const isSetLookUp = name === '@in' && isConstant(parts[1]);
    // A variable that selects an element is part of the way there.
    const given =
      name === '_[_]'
        ? args.map((arg, position) =>
            position > 0 && isPlain(parts[position]) ? uncounted(arg) : arg,
          )
        : args;
    return dispatch(name, this.checked.overloads.get(expression) ?? [], given, !isSetLookUp);
  }

  private list({ elements }: ListExpression, scope: ReadonlyMap<string, number>): Evaluator {
    const parts = elements.map(({ value, optional }) => ({
      value: this.compile(value, scope),
      optional,
    }));
    return (frame) => {
      frame.meter.charge(listCreateCost);
      const items: Value[] = [];
      for (const { value, optional } of parts) {
        const item = optional ? presentValue(value(frame)) : value(frame);
        if (item !== undefined) items.push(item);
      }
      return new ArrayList(items);
    };
  }

  private map({ entries }: MapExpression, scope: ReadonlyMap<string, number>): Evaluator {
    const parts = entries.map(({ key, value, optional }) => ({
      key: this.compile(key, scope),
      value: this.compile(value, scope),
      optional,
    }));
    return (frame) => {
      frame.meter.charge(mapCreateCost);
      const made: [Value, Value][] = [];
      for (const { key, value, optional } of parts) {
        const name = key(frame);
        const content = optional ? presentValue(value(frame)) : value(frame);
        if (content !== undefined) made.push([name, content]);
      }
      return new EntryMap(made);
    };
  }

  private struct(
    { name, fields }: StructExpression,
    scope: ReadonlyMap<string, number>,
  ): Evaluator {
    const parts = fields.map((field) => ({
      name: field.name,
      value: this.compile(field.value, scope),
      optional: field.optional,
    }));
    return (frame) => {
      frame.meter.charge(structCreateCost);
      const made: [Value, Value][] = [];
      for (const part of parts) {
        const content = part.optional ? presentValue(part.value(frame)) : part.value(frame);
        if (content !== undefined) made.push([part.name, content]);
      }
      return new EntryMap(made, name);
    };
  }

  private bind(expression: BindExpression, scope: ReadonlyMap<string, number>): Evaluator {
    const value = this.compile(expression.value, scope);
    const slot = this.newSlot();
    const body = this.compile(expression.body, new Map(scope).set(expression.variable, slot));
    const { macro } = expression;
    return (frame) => {
      const bound = value(frame);
      if (macro === 'bind') {
        frame.slots[slot] = bound;
        return body(frame);
      }
      if (!(bound instanceof Optional)) throw noOverload(macro);
      if (bound.value === undefined) return bound;
      frame.slots[slot] = bound.value;
      const result = body(frame);
      return macro === 'optMap' ? new Optional(result) : result;
    };
  }

  private comprehension(
    expression: ComprehensionExpression,
    scope: ReadonlyMap<string, number>,
  ): Evaluator {
    const range = this.compile(expression.range, scope);
    const inner = new Map(scope);
    const slots = expression.variables.map((name) => {
      const slot = this.newSlot();
      inner.set(name, slot);
      return slot;
    });
    const { condition, transform } = expression;
    const test = condition === undefined ? undefined : this.compile(condition, inner);
    const make = transform === undefined ? undefined : this.compile(transform, inner);
    const steps = (frame: Frame): Steps => stepsOf(range(frame), slots, frame);
    switch (expression.macro) {
      case 'all':
        return (frame) => quantify(steps(frame), frame, { test, stopAt: false });
      case 'exists':
        return (frame) => quantify(steps(frame), frame, { test, stopAt: true });
      case 'existsOne':
        return (frame) => countMatches(steps(frame), frame, test) === 1;
      case 'map':
      case 'filter':
      case 'transformList':
        return (frame) => collectList(steps(frame), frame, { test, make });
      case 'transformMap':
      case 'transformMapEntry': {
        const entries = expression.macro === 'transformMapEntry';
        return (frame) => collectMap(steps(frame), frame, { test, make, entries });
      }
    }
  }
}

const conversions = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'uint',
]);

/** Whether an expression always has the same value: constants, lists and maps of them, and conversions of them. */
function isConstant(expression: Expression | undefined): boolean {
  switch (expression?.type) {
    case 'constant':
      return true;
    case 'list':
      return expression.elements.every(({ value, optional }) => !optional && isConstant(value));
    case 'map':
      return expression.entries.every(
        ({ key, value, optional }) => !optional && isConstant(key) && isConstant(value),
      );
    case 'call': {
      const { name, target, args } = expression;
      return target === undefined && conversions.has(name) && args.every(isConstant);
    }
    default:
      return false;
  }
}

/** Whether an expression is a variable, or what names and positions lead to from one. */
function isPlain(expression: Expression | undefined): boolean {
  switch (expression?.type) {
    case 'identifier':
      return true;
    case 'select':
      return !expression.test && !expression.optional && isPlain(expression.operand);
    case 'call': {
      const [container, key] = expression.args;
      const isKey = key?.type === 'constant' || isPlain(key);
      return expression.name === '_[_]' && isPlain(container) && isKey;
    }
    default:
      return false;
  }
}

const asOptional = (value: Value | undefined): Optional =>
  value === undefined ? Optional.none : value instanceof Optional ? value : new Optional(value);

/** What `?value` contributes: the content of an optional, or nothing. */
function presentValue(value: Value): Value | undefined {
  if (!(value instanceof Optional)) throw noOverload('optional element');
  return value.value;
}

export interface CompiledExpression {
  readonly evaluate: Evaluator;
  readonly slotCount: number;
}

/** Compiles a checked expression; the environment's variables have the first slots, in their order. */
export function compileChecked(
  expression: Expression,
  checked: CheckedExpression,
  variables: readonly string[],
): CompiledExpression {
  const compiler = new Compiler(checked, variables.length);
  const scope = new Map(variables.map((name, slot) => [name, slot]));
  const evaluate = compiler.compile(expression, scope);
  return { evaluate, slotCount: compiler.slotCount };
}
