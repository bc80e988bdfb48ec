/** How comprehensions go over lists and maps, at the costs of the loops that cel-go makes of them. Called by the interpreter. */
import { appendCost, countCost, goOnCosts, insertCost, resultCost, stepCost } from './cost.js';
import { noOverload } from './evaluator.js';
import type { Evaluator, Frame } from './evaluator.js';
import { ArrayList, CelError, CelList, CelMap, EntryMap, typeNameOf } from './values.js';
import type { Value } from './values.js';

/** What a loop goes over. */
export interface Steps {
  readonly count: number;
  readonly each: Iterable<Step>;
}

interface Step {
  /** Position of a list, key of a map. */
  readonly key: Value;
  /** What a filter keeps. */
  readonly element: Value;
}

function* listSteps(range: CelList, slots: readonly number[], frame: Frame): Generator<Step> {
  const [first = 0, second] = slots;
  for (let position = 0; position < range.size; position += 1) {
    const element = range.at(position);
    frame.slots[first] = second === undefined ? element : BigInt(position);
    if (second !== undefined) frame.slots[second] = element;
    yield { key: BigInt(position), element };
  }
}

function* mapSteps(range: CelMap, slots: readonly number[], frame: Frame): Generator<Step> {
  const [first = 0, second] = slots;
  for (const key of range.keys()) {
    frame.slots[first] = key;
    if (second !== undefined) frame.slots[second] = range.get(key) ?? null;
    yield { key, element: key };
  }
}

/** Puts each element into its variables' slots. */
export function stepsOf(range: Value, slots: readonly number[], frame: Frame): Steps {
  if (range instanceof CelList) {
    return { count: range.size, each: listSteps(range, slots, frame) };
  }
  if (!(range instanceof CelMap)) throw new CelError(`no such overload: ${typeNameOf(range)}`);
  return { count: range.size, each: mapSteps(range, slots, frame) };
}

/** `all` stops at false, `exists` at true; errors of other elements only count when nothing decides. */
export function quantify(
  { count, each }: Steps,
  frame: Frame,
  { test, stopAt }: { readonly test: Evaluator | undefined; readonly stopAt: boolean },
): boolean {
  const goOnCost = stopAt ? goOnCosts.exists : goOnCosts.all;
  let failure: CelError | undefined;
  let done = 0;
  for (const _step of each) {
    done += 1;
    frame.meter.charge(goOnCost + stepCost);
    try {
      const result = test?.(frame);
      if (typeof result !== 'boolean') throw noOverload(stopAt ? '_||_' : '_&&_');
      if (result === stopAt) {
        // That there is no need to go on is found out where there is something to go on to.
        frame.meter.charge(resultCost + (done < count ? goOnCost : 0));
        return stopAt;
      }
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      failure = error;
    }
  }
  frame.meter.charge(resultCost);
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
export function countMatches({ each }: Steps, frame: Frame, test: Evaluator | undefined): number {
  let count = 0;
  for (const _step of each) {
    if (!holds(test, frame)) continue;
    frame.meter.charge(countCost);
    count += 1;
  }
  // The result is compared with one.
  frame.meter.charge(resultCost + 1);
  return count;
}

interface Collecting {
  readonly test: Evaluator | undefined;
  readonly make: Evaluator | undefined;
}

/** A list of what is made of the elements that pass the test, or of them themselves. */
export function collectList({ each }: Steps, frame: Frame, { test, make }: Collecting): Value {
  const items: Value[] = [];
  for (const { element } of each) {
    if (!holds(test, frame)) continue;
    frame.meter.charge(appendCost + (make === undefined ? 1 : 0));
    items.push(make === undefined ? element : make(frame));
  }
  frame.meter.charge(resultCost);
  return new ArrayList(items);
}

/** A map of what is made of the keys that pass the test: a value each, or whole entries. */
export function collectMap(
  { each }: Steps,
  frame: Frame,
  { test, make, entries }: Collecting & { readonly entries: boolean },
): Value {
  const made: [Value, Value][] = [];
  for (const { key } of each) {
    if (!holds(test, frame)) continue;
    frame.meter.charge(insertCost + (entries ? 0 : 1));
    const value = make?.(frame) ?? null;
    if (!entries) {
      made.push([key, value]);
      continue;
    }
    if (!(value instanceof CelMap)) throw noOverload('cel.@mapInsert');
    for (const name of value.keys()) made.push([name, value.get(name) ?? null]);
  }
  frame.meter.charge(resultCost);
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
