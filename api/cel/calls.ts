/** How operators and calls of functions are evaluated. Called by the interpreter. */
import { noOverload } from './evaluator.js';
import type { Evaluator, Frame } from './evaluator.js';
import { acceptsValue } from './overload.js';
import type { Overload } from './overload.js';
import { CelError, typeNameOf } from './values.js';

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

/** Runs the first function that takes the values at hand. */
export function dispatch(
  name: string,
  candidates: readonly Overload[],
  args: readonly Evaluator[],
): Evaluator {
  return (frame) => {
    const values = args.map((arg) => arg(frame));
    for (const overload of candidates) {
      const fits = overload.parameters.every((parameter, position) =>
        acceptsValue(parameter, values[position] ?? null),
      );
      if (!fits) continue;
      // A traversal that is too long must not even begin; what it gives costs at most as much again.
      frame.meter.charge(overload.cost?.(values, null) ?? 1);
      return overload.run(values);
    }
    throw new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
  };
}
