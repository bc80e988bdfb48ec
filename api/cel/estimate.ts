/**
 * What evaluating an expression can cost at most, from the sizes its types allow. An estimate: where the checker knows no
 * size it counts little, so that nothing is refused that Kubernetes would take.
 */
import type { CallExpression, ComprehensionExpression, Expression } from './ast.js';
import type { CheckedExpression } from './checker.js';
import { listCreateCost, mapCreateCost, selectCost, structCreateCost } from './cost.js';
import type { CelType } from './types.js';
import { sizeOf } from './values.js';

interface Estimate {
  readonly cost: number;
  /** The most elements or characters of the result. */
  readonly size: number;
}

/** Sizes of values that nobody gave a type. */
const unknownSize = 256;

const sizeOfType = (type: CelType | undefined): number => {
  if (type === undefined) return unknownSize;
  if (type.kind === 'list' || type.kind === 'map') return type.maxSize ?? unknownSize;
  if (type.kind !== 'simple') return 1;
  const hasSize = type.name === 'string' || type.name === 'bytes' || type.name === 'dyn';
  return hasSize ? (type.maxSize ?? unknownSize) : 1;
};

const tenth = (size: number): number => Math.ceil(size * 0.1);

/** What a call costs beside its arguments, by the sizes of these. */
function callCost(name: string, sizes: readonly number[]): number {
  const [first = 1, second = 1] = sizes;
  switch (name) {
    case 'contains':
      return tenth(first) * tenth(second);
    case 'startsWith':
    case 'endsWith':
      return tenth(second);
    case 'matches':
    case 'find':
    case 'findAll':
      return tenth(first + 1) * Math.ceil(second * 0.25);
    case '_==_':
    case '_!=_':
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return Math.max(1, tenth(Math.min(first, second)));
    case '_+_':
      return Math.max(1, tenth(first + second));
    case '@in':
      return Math.max(1, second);
    case 'isSorted':
    case 'sum':
    case 'min':
    case 'max':
      return Math.max(1, first);
    case 'split':
    case 'join':
    case 'lowerAscii':
    case 'upperAscii':
    case 'trim':
    case 'substring':
    case 'replace':
      return Math.max(1, tenth(first));
    default:
      return 1;
  }
}

class Estimator {
  private readonly checked: CheckedExpression;

  constructor(checked: CheckedExpression) {
    this.checked = checked;
  }

  estimate(expression: Expression): Estimate {
    const size = sizeOfType(this.checked.types.get(expression));
    switch (expression.type) {
      case 'constant':
        return { cost: 0, size: sizeOf(expression.value) };
      case 'identifier':
        return { cost: selectCost, size };
      case 'select':
        return { cost: this.estimate(expression.operand).cost + selectCost, size };
      case 'call':
        return this.call(expression, size);
      case 'list': {
        const cost = this.sum(expression.elements.map(({ value }) => value));
        return { cost: cost + listCreateCost, size: expression.elements.length };
      }
      case 'map': {
        const cost = this.sum(expression.entries.flatMap(({ key, value }) => [key, value]));
        return { cost: cost + mapCreateCost, size: expression.entries.length };
      }
      case 'struct': {
        const cost = this.sum(expression.fields.map(({ value }) => value));
        return { cost: cost + structCreateCost, size: expression.fields.length };
      }
      case 'comprehension':
        return this.comprehension(expression);
      case 'bind':
        return { cost: this.sum([expression.value, expression.body]), size };
    }
  }

  private sum(expressions: readonly Expression[]): number {
    return expressions.reduce((total, part) => total + this.estimate(part).cost, 0);
  }

  private call(expression: CallExpression, size: number): Estimate {
    const { name, target } = expression;
    const isNamespace = target === undefined || this.checked.qualified.has(expression);
    const parts = isNamespace ? expression.args : [target, ...expression.args];
    const args = parts.map((part) => this.estimate(part));
    const cost = args.reduce((total, arg) => total + arg.cost, 0);
    if (name === '_&&_' || name === '_||_') return { cost, size: 1 };
    if (name === '_?_:_') {
      const [condition, yes, no] = args;
      const branches = Math.max(yes?.cost ?? 0, no?.cost ?? 0);
      return {
        cost: (condition?.cost ?? 0) + branches,
        size: Math.max(yes?.size ?? 1, no?.size ?? 1),
      };
    }
    const own = callCost(
      name,
      args.map((arg) => arg.size),
    );
    return { cost: cost + own, size: resultSize(name, args, size) };
  }

  private comprehension(expression: ComprehensionExpression): Estimate {
    const { condition, transform, macro } = expression;
    const range = this.estimate(expression.range);
    const each = this.sum([condition, transform].filter((part) => part !== undefined)) + 1;
    const collects = macro !== 'all' && macro !== 'exists' && macro !== 'existsOne';
    return { cost: range.cost + range.size * each, size: collects ? range.size : 1 };
  }
}

/** What functions make of their receiver is at most as long as it is. */
function resultSize(name: string, args: readonly Estimate[], typed: number): number {
  const [first, second] = args;
  if (name === '_+_') return (first?.size ?? 1) + (second?.size ?? 0);
  if (name === '_[_]' || name === '_[?_]') return typed;
  return Math.min(typed, Math.max(first?.size ?? typed, 1));
}

/** The most that one evaluation can cost. */
export const estimateCost = (tree: {
  readonly expression: Expression;
  readonly checked: CheckedExpression;
}): number => new Estimator(tree.checked).estimate(tree.expression).cost;
