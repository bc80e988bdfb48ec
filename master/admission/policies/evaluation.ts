/** Evaluating the expressions of a policy in one request: variables when first read, and one budget for all of it. */
import { CostMeter } from '../../../api/cel/cost.js';
import type { Binding, Program } from '../../../api/cel/program.js';
import { perCallCostLimit } from '../../../api/cel/limits.js';
import { CelCompileError } from '../../../api/cel/source.js';
import { CelError, CelMap } from '../../../api/cel/values.js';
import type { Value } from '../../../api/cel/values.js';
import { variablesTypeName } from '../../../api/admissionregistration/cel/environment.js';
import type { ExpressionScope } from '../../../api/admissionregistration/cel/environment.js';
import { compileIn } from '../../../api/admissionregistration/v1/expressions.js';
import type { ExpressionType } from '../../../api/admissionregistration/v1/expressions.js';
import type { Variable } from '../../../api/admissionregistration/v1/types.js';
import { policyCostBudget } from '../limits.js';
import { evaluationFailure } from '../match-conditions.js';

/** An expression with its program, or why it has none. */
export interface Compiled {
  readonly expression: string;
  readonly program: Program | string;
}

export type Evaluated =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: string };

/** Compiles an expression; what is wrong with it is said when it is evaluated. */
export function compile(
  expression: string,
  scope: ExpressionScope,
  type: ExpressionType,
): Compiled {
  try {
    return { expression, program: compileIn(expression, scope, type) };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { expression, program: `compilation error: compilation failed: ${error.message}` };
  }
}

/** Each variable sees those declared before it. */
export function compileVariables(
  variables: readonly Variable[],
  scope: ExpressionScope,
): ReadonlyMap<string, Compiled> {
  const { variables: types = {}, ...rest } = scope;
  const compiled = new Map<string, Compiled>();
  for (const { name, expression } of variables) {
    const before = Object.fromEntries([...compiled.keys()].map((known) => [known, types[known]]));
    const own = { ...rest, variables: before as NonNullable<ExpressionScope['variables']> };
    compiled.set(name, compile(expression, own, 'any'));
  }
  return compiled;
}

class LazyVariables extends CelMap {
  override readonly typeName = variablesTypeName;
  private readonly evaluate: (name: string) => Value | undefined;
  private readonly names: readonly string[];
  readonly size: number;

  constructor(names: readonly string[], evaluate: (name: string) => Value | undefined) {
    super();
    this.names = names;
    this.size = names.length;
    this.evaluate = evaluate;
  }
  get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.evaluate(key) : undefined;
  }
  keys(): Iterable<Value> {
    return this.names;
  }
}

/** One evaluation of one policy under one binding, with one set of parameters. */
export class Evaluation {
  private remaining = policyCostBudget;
  private readonly variables: ReadonlyMap<string, Compiled>;
  private readonly values = new Map<string, Value>();
  private readonly bindings: Readonly<Record<string, Binding>>;

  constructor(
    variables: ReadonlyMap<string, Compiled>,
    bindings: Readonly<Record<string, Binding>>,
  ) {
    this.variables = variables;
    const lazy = new LazyVariables([...variables.keys()], (name) => this.variable(name));
    this.bindings = { ...bindings, variables: lazy };
  }

  /** What expressions of this evaluation find. */
  get environment(): Readonly<Record<string, Binding>> {
    return this.bindings;
  }

  evaluate({ expression, program }: Compiled): Evaluated {
    if (typeof program === 'string') return { ok: false, error: program };
    if (this.remaining <= 0) {
      const error =
        'validation failed due to running out of cost budget, no further validation rules will be run';
      return { ok: false, error };
    }
    const meter = new CostMeter(Math.min(perCallCostLimit, this.remaining));
    try {
      return { ok: true, value: program.evaluate(this.bindings, meter) };
    } catch (error) {
      const text = evaluationFailure(error);
      return { ok: false, error: `expression '${expression}' resulted in error: ${text}` };
    } finally {
      this.remaining -= meter.spent;
    }
  }

  private variable(name: string): Value | undefined {
    const compiled = this.variables.get(name);
    if (compiled === undefined) return undefined;
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const result = this.evaluate(compiled);
    if (!result.ok) {
      throw new CelError(
        `composited variable ${JSON.stringify(name)} fails to evaluate: ${result.error}`,
      );
    }
    this.values.set(name, result.value);
    return result.value;
  }
}
