/** How operators and calls of functions are evaluated. Called by the interpreter. */
import { noOverload } from './evaluator.js';
import type { Evaluator, Frame } from './evaluator.js';
import { acceptsValue } from './overload.js';
import type { Overload } from './overload.js';
import { CelError, typeNameOf } from './values.js';
import type { Value } from './values.js';

/** `&&` and `||`: a side that decides makes an error of the other one harmless. */
export function logical(args: readonly Evaluator[], decisive: boolean): Evaluator {
  const [left, right] = args;
  const side = (evaluator: Evaluator | undefined, frame: Frame): boolean | CelError => {
    try {
      const value = evaluator?.(frame);
      return typeof value === 'boolean' ? value : noOverload(decisive ? '_||_' : '_&&_');
    } catch (error) {
      if (error instanceof CelError) return error;
      throw error;
    }
  };
  return (frame) => {
    const first = side(left, frame);
    if (first === decisive) return decisive;
    const second = side(right, frame);
    if (second === decisive) return decisive;
    if (first instanceof CelError) throw first;
    if (second instanceof CelError) throw second;
    return !decisive;
  };
}

/** Only the side that the condition chooses is evaluated. */
export function ternary([condition, yes, no]: readonly Evaluator[]): Evaluator {
  return (frame) => {
    const decided = condition?.(frame);
    if (typeof decided !== 'boolean') throw noOverload('_?_:_');
    return (decided ? yes?.(frame) : no?.(frame)) ?? null;
  };
}

/** The same at no cost: what cel-go does not count. */
export const uncounted =
  (evaluate: Evaluator): Evaluator =>
  (frame) => {
    const before = frame.meter.spent;
    const value = evaluate(frame);
    frame.meter.spent = before;
    return value;
  };

/** Evaluated once, whatever the variables are, and not counted, as cel-go folds constants. */
export function folded(evaluate: Evaluator): Evaluator {
  const once = uncounted(evaluate);
  let value: Value | undefined;
  return (frame) => (value ??= once(frame));
}

/** The values of arguments. A call that one of them fails is counted all the same. */
function operands(args: readonly Evaluator[], frame: Frame, isCounted: boolean): readonly Value[] {
  try {
    return args.map((arg) => arg(frame));
  } catch (error) {
    if (isCounted && error instanceof CelError) frame.meter.charge(1);
    throw error;
  }
}

/** Runs the first function that takes the values at hand. */
export function dispatch(
  name: string,
  candidates: readonly Overload[],
  args: readonly Evaluator[],
  isCounted = true,
): Evaluator {
  return (frame) => {
    const values = operands(args, frame, isCounted);
    for (const overload of candidates) {
      const fits = overload.parameters.every((parameter, position) =>
        acceptsValue(parameter, values[position] ?? null),
      );
      if (!fits) continue;
      // A traversal that is too long must not even begin; what it gives costs at most as much again.
      if (isCounted) frame.meter.charge(overload.cost?.(values, null) ?? 1);
      return overload.run(values);
    }
    throw new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
  };
}
