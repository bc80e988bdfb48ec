/** How comprehensions go over lists and maps. Called by the interpreter. */
import { iterationCost, listCreateCost, mapCreateCost } from './cost.js';
import { noOverload } from './evaluator.js';
import type { Evaluator, Frame } from './evaluator.js';
import { ArrayList, CelError, CelList, CelMap, EntryMap, typeNameOf } from './values.js';
import type { Value } from './values.js';

/** Puts each element into its variables' slots; yields key and element. */
export function* stepsOf(
  range: Value,
  slots: readonly number[],
  frame: Frame,
): Generator<readonly [Value, Value]> {
  const [first = 0, second] = slots;
  if (range instanceof CelList) {
    for (let position = 0; position < range.size; position += 1) {
      frame.meter.charge(iterationCost);
      const element = range.at(position);
      frame.slots[first] = second === undefined ? element : BigInt(position);
      if (second !== undefined) frame.slots[second] = element;
      yield [BigInt(position), element];
    }
    return;
  }
  if (!(range instanceof CelMap)) throw new CelError(`no such overload: ${typeNameOf(range)}`);
  for (const key of range.keys()) {
    frame.meter.charge(iterationCost);
    frame.slots[first] = key;
    if (second !== undefined) frame.slots[second] = range.get(key) ?? null;
    yield [key, key];
  }
}

/** `all` stops at false, `exists` at true; errors of other elements only count when nothing decides. */
export function quantify(
  steps: Iterable<readonly [Value, Value]>,
  frame: Frame,
  { test, stopAt }: { readonly test: Evaluator | undefined; readonly stopAt: boolean },
): boolean {
  let failure: CelError | undefined;
  for (const _step of steps) {
    try {
      const result = test?.(frame);
      if (typeof result !== 'boolean') throw noOverload(stopAt ? '_||_' : '_&&_');
      if (result === stopAt) return stopAt;
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return !stopAt;
}

function holds(test: Evaluator | undefined, frame: Frame): boolean {
  if (test === undefined) return true;
  const result = test(frame);
  if (typeof result !== 'boolean') throw noOverload('_?_:_');
  return result;
}

/** How many elements pass the test. */
export function countMatches(
  steps: Iterable<readonly [Value, Value]>,
  frame: Frame,
  test: Evaluator | undefined,
): number {
  let count = 0;
  for (const _step of steps) if (holds(test, frame)) count += 1;
  return count;
}

interface Collecting {
  readonly test: Evaluator | undefined;
  readonly make: Evaluator | undefined;
}

/** A list of what is made of the elements that pass the test, or of them themselves. */
export function collectList(
  steps: Iterable<readonly [Value, Value]>,
  frame: Frame,
  { test, make }: Collecting,
): Value {
  frame.meter.charge(listCreateCost);
  const items: Value[] = [];
  for (const [, element] of steps) {
    if (!holds(test, frame)) continue;
    items.push(make === undefined ? element : make(frame));
    // cel-go makes a list of one and appends it.
    frame.meter.charge(listCreateCost);
  }
  return new ArrayList(items);
}

/** A map of what is made of the keys that pass the test: a value each, or whole entries. */
export function collectMap(
  steps: Iterable<readonly [Value, Value]>,
  frame: Frame,
  { test, make, entries }: Collecting & { readonly entries: boolean },
): Value {
  frame.meter.charge(mapCreateCost);
  const made: [Value, Value][] = [];
  for (const [key] of steps) {
    if (!holds(test, frame)) continue;
    const value = make?.(frame) ?? null;
    frame.meter.charge(1);
    if (!entries) {
      made.push([key, value]);
      continue;
    }
    if (!(value instanceof CelMap)) throw noOverload('cel.@mapInsert');
    for (const name of value.keys()) made.push([name, value.get(name) ?? null]);
  }
  try {
    return new EntryMap(made);
  } catch (error) {
    if (error instanceof CelError)
      throw new CelError(
        error.message.replace('Failed with repeated key', 'insert failed: key already exists'),
      );
    throw error;
  }
}
