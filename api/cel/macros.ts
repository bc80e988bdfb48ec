/** Calls that are no calls: `has`, `all`, `exists`, `map`, … become nodes of the tree that bind variables. */
import type {
  BindExpression,
  CallExpression,
  ComprehensionExpression,
  ComprehensionMacro,
  Expression,
} from './ast.js';
import { SyntaxIssue } from './lexer.js';

function variableOf(argument: Expression | undefined): string {
  if (argument?.type === 'identifier') return argument.name;
  throw new SyntaxIssue(argument?.offset ?? 0, 'argument must be a simple name');
}

function hasMacro(call: CallExpression): Expression {
  const [argument] = call.args;
  if (call.args.length !== 1 || argument === undefined) return call;
  if (argument.type !== 'select' || argument.test) {
    throw new SyntaxIssue(argument.offset, 'invalid argument to has() macro');
  }
  return { ...argument, test: true };
}

interface Shape {
  readonly macro: ComprehensionMacro;
  readonly variables: number;
  readonly condition: boolean;
  readonly transform: boolean;
}

/** By name and number of arguments. */
const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>(
  Object.entries({
    'all 2': { macro: 'all', variables: 1, condition: true, transform: false },
    'all 3': { macro: 'all', variables: 2, condition: true, transform: false },
    'exists 2': { macro: 'exists', variables: 1, condition: true, transform: false },
    'exists 3': { macro: 'exists', variables: 2, condition: true, transform: false },
    'exists_one 2': { macro: 'existsOne', variables: 1, condition: true, transform: false },
    'existsOne 2': { macro: 'existsOne', variables: 1, condition: true, transform: false },
    'existsOne 3': { macro: 'existsOne', variables: 2, condition: true, transform: false },
    'map 2': { macro: 'map', variables: 1, condition: false, transform: true },
    'map 3': { macro: 'map', variables: 1, condition: true, transform: true },
    'filter 2': { macro: 'filter', variables: 1, condition: true, transform: false },
    'transformList 3': { macro: 'transformList', variables: 2, condition: false, transform: true },
    'transformList 4': { macro: 'transformList', variables: 2, condition: true, transform: true },
    'transformMap 3': { macro: 'transformMap', variables: 2, condition: false, transform: true },
    'transformMap 4': { macro: 'transformMap', variables: 2, condition: true, transform: true },
    'transformMapEntry 3': {
      macro: 'transformMapEntry',
      variables: 2,
      condition: false,
      transform: true,
    },
    'transformMapEntry 4': {
      macro: 'transformMapEntry',
      variables: 2,
      condition: true,
      transform: true,
    },
  }),
);

function comprehension(call: CallExpression, range: Expression, shape: Shape): Expression {
  const names = call.args.slice(0, shape.variables).map(variableOf);
  const rest = call.args.slice(shape.variables);
  const node: ComprehensionExpression = {
    type: 'comprehension',
    offset: call.offset,
    depth: call.depth + 1,
    macro: shape.macro,
    range,
    variables: names,
    condition: shape.condition ? rest[0] : undefined,
    transform: shape.transform ? rest.at(-1) : undefined,
  };
  return node;
}

function bindMacro(
  call: CallExpression,
  macro: BindExpression['macro'],
  [variable, value, body]: readonly (Expression | undefined)[],
): Expression {
  if (value === undefined || body === undefined) return call;
  return {
    type: 'bind',
    offset: call.offset,
    depth: call.depth + 1,
    macro,
    variable: variableOf(variable),
    value,
    body,
  };
}

/** The node a call means. */
export function expandCall(call: CallExpression): Expression {
  const { name, target, args } = call;
  if (target === undefined) return name === 'has' ? hasMacro(call) : call;
  const shape = shapes.get(`${name} ${String(args.length)}`);
  if (shape !== undefined) return comprehension(call, target, shape);
  if ((name === 'optMap' || name === 'optFlatMap') && args.length === 2) {
    return bindMacro(call, name, [args[0], target, args[1]]);
  }
  if (
    name === 'bind' &&
    args.length === 3 &&
    target.type === 'identifier' &&
    target.name === 'cel'
  ) {
    return bindMacro(call, 'bind', args);
  }
  return call;
}
