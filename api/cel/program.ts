/**
 * CEL, the expression language of CustomResourceDefinitions, admission policies and webhooks: compile once, evaluate often.
 *
 * Called by custom resources' validation and by admission. Evaluating has no side effects, always ends, and never costs more
 * than the meter allows. Errors: `CelCompileError` from compiling; `CelError` (the expression failed) and `CelBudgetError`
 * (it cost too much) from evaluating.
 */
import { checkExpression } from './checker.js';
import type { CheckedExpression } from './checker.js';
import { childrenOf } from './ast.js';
import type { Expression } from './ast.js';
import { CostMeter } from './cost.js';
import type { Environment } from './environment.js';
import { compileChecked } from './interpreter.js';
import type { Frame } from './evaluator.js';
import { valueFromJson } from './json-values.js';
import { parseExpression } from './parser.js';
import { Bindings, isAssignable, isDyn, typeText } from './types.js';
import { dynType } from './types.js';
import type { CelType } from './types.js';
import { CelCompileError } from './source.js';
import {
  CelError,
  CelList,
  CelMap,
  Duration,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './values.js';
import type { Value } from './values.js';

/** Wraps a CEL value given as a binding, to tell it from JSON. A function is called when the variable is first read. */
export type Binding = unknown;

export interface Program {
  readonly source: string;
  /** The type of what it evaluates to. */
  readonly type: CelType;
  /** For estimating what evaluating may cost. */
  readonly tree: { readonly expression: Expression; readonly checked: CheckedExpression };
  /** Whether the expression reads the variable anywhere. */
  readonly reads: (variable: string) => boolean;
  /**
   * Evaluates over variables. A variable's value is JSON, a CEL value, or a function giving one of them when it is first
   * needed. A variable that is declared but not given is null.
   */
  readonly evaluate: (bindings: Readonly<Record<string, Binding>>, meter?: CostMeter) => Value;
}

export interface CompileOptions {
  /** What the expression must evaluate to; anything when absent. */
  readonly resultTypes?: readonly CelType[];
}

const isCelValue = (value: unknown): value is Value =>
  value instanceof CelList ||
  value instanceof CelMap ||
  value instanceof Opaque ||
  value instanceof Optional ||
  value instanceof Timestamp ||
  value instanceof Duration ||
  value instanceof Uint ||
  value instanceof TypeValue ||
  value instanceof Uint8Array;

function valueOf(binding: Binding, type: CelType): Value {
  if (typeof binding === 'function') return valueOf((binding as () => Binding)(), type);
  return isCelValue(binding) ? binding : valueFromJson(binding, type);
}

function checkResult(source: string, type: CelType, wanted: readonly CelType[] | undefined): void {
  if (wanted === undefined || isDyn(type)) return;
  if (wanted.some((candidate) => isAssignable(type, candidate, new Bindings()))) return;
  const message =
    wanted.length === 1
      ? `must evaluate to ${wanted.map(typeText).join()}`
      : `must evaluate to one of ${wanted.map(typeText).join(', ')}`;
  throw new CelResultTypeError(source, message, typeText(type));
}

/** An expression that is right in itself but gives something of another type than is wanted. */
export class CelResultTypeError extends CelCompileError {
  readonly why: string;
  /** The type it has, as messages spell it. */
  readonly found: string;
  constructor(source: string, why: string, found: string) {
    super(source, [{ offset: -1, message: why }]);
    this.name = 'CelResultTypeError';
    this.why = why;
    this.found = found;
  }
}

function identifiersIn(expression: Expression, found: Set<string>): void {
  if (expression.type === 'identifier') found.add(expression.name);
  for (const part of childrenOf(expression)) identifiersIn(part, found);
}

/** Compiles an expression over an environment. Throws CelCompileError. */
export function compileExpression(
  source: string,
  environment: Environment,
  options: CompileOptions = {},
): Program {
  const expression = parseExpression(source);
  const checked = checkExpression(source, expression, environment);
  checkResult(source, checked.type, options.resultTypes);
  const names = [...environment.variables.keys()];
  const types = [...environment.variables.values()];
  const { evaluate, slotCount } = compileChecked(expression, checked, names);
  const identifiers = new Set<string>();
  identifiersIn(expression, identifiers);
  return {
    source,
    type: checked.type,
    tree: { expression, checked },
    reads: (variable) => identifiers.has(variable),
    evaluate: (bindings, meter = new CostMeter()) => {
      const frame: Frame = {
        slots: new Array<Value | undefined>(slotCount),
        read: (slot) => valueOf(bindings[names[slot] ?? ''], types[slot] ?? dynType),
        meter,
      };
      return evaluate(frame);
    },
  };
}

/** Whether a failure is the expression's own and not a fault of the program around it. */
export const isCelError = (error: unknown): error is CelError => error instanceof CelError;
