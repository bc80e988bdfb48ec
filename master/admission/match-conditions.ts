/** The CEL conditions under which a webhook or policy looks at a request. */
import { CelBudgetError, CostMeter } from '../../api/cel/cost.js';
import { isCelError } from '../../api/cel/program.js';
import type { Binding, Program } from '../../api/cel/program.js';
import { CelCompileError } from '../../api/cel/source.js';
import { compileIn } from '../../api/admissionregistration/v1/expressions.js';
import type { ExpressionScope } from '../../api/admissionregistration/cel/environment.js';
import { matchConditionCostBudget } from './limits.js';

export interface CompiledCondition {
  readonly expression: string;
  readonly name: string;
  /** Why it cannot be compiled, in place of the program. */
  readonly program: Program | string;
}

export type MatchResult =
  | { readonly matches: true }
  | { readonly matches: false }
  | { readonly matches: undefined; readonly error: string };

/** A condition that does not compile fails whenever it is evaluated: it was written for another version. */
export function compileConditions(
  conditions: readonly { readonly name: string; readonly expression: string }[] | undefined,
  scope: ExpressionScope,
): readonly CompiledCondition[] {
  return (conditions ?? []).map(({ name, expression }) => {
    try {
      return { name, expression, program: compileIn(expression, scope, 'bool') };
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      return { name, expression, program: `compilation error: ${error.message}` };
    }
  });
}

/** What an evaluation that fails is told as; anything but CEL's own errors is a fault and goes on. */
export function evaluationFailure(error: unknown): string {
  if (error instanceof CelBudgetError) return error.message;
  if (isCelError(error)) return error.message;
  throw error;
}

/** False wins over failures: a request no condition can make match is none of its business. */
export function evaluateConditions(
  conditions: readonly CompiledCondition[],
  bindings: Readonly<Record<string, Binding>>,
): MatchResult {
  if (conditions.length === 0) return { matches: true };
  const meter = new CostMeter(matchConditionCostBudget);
  const errors: string[] = [];
  for (const { program, expression } of conditions) {
    if (typeof program === 'string') {
      errors.push(program);
      continue;
    }
    try {
      if (program.evaluate(bindings, meter) === false) return { matches: false };
    } catch (error) {
      errors.push(`expression '${expression}' resulted in error: ${evaluationFailure(error)}`);
    }
  }
  const [only, ...others] = errors;
  if (only === undefined) return { matches: true };
  return { matches: undefined, error: others.length === 0 ? only : `[${errors.join(', ')}]` };
}
