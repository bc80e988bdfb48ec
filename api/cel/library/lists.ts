/** Kubernetes' functions of lists, and lists as sets. */
import { elementCost, fn, method } from '../overload.js';
import type { CallCost, Overload } from '../overload.js';
import { checkedInt, compareOrdered } from './standard.js';
import { CelError, Duration, Uint, equalValues, sizeOf } from '../values.js';
import type { Value, CelList } from '../values.js';

const orderedTypes = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const summedTypes = ['int', 'uint', 'double', 'duration'];

const zeroes: Readonly<Record<string, Value>> = {
  int: 0n,
  uint: new Uint(0n),
  double: 0,
  duration: new Duration(0n),
};

function isSorted(list: CelList): boolean {
  for (let position = 1; position < list.size; position += 1) {
    if (compareOrdered(list.at(position - 1), list.at(position)) > 0) return false;
  }
  return true;
}

function extreme(list: CelList, sign: number, name: string): Value {
  if (list.size === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const item of list) if (compareOrdered(item, best) * sign > 0) best = item;
  return best;
}

function add(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(left + right);
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (left instanceof Duration && right instanceof Duration) {
    return new Duration(checkedInt(left.nanos + right.nanos));
  }
  if (left instanceof Uint && right instanceof Uint) return new Uint(left.value + right.value);
  throw new CelError('no such overload: sum');
}

function sum(list: CelList, zero: Value): Value {
  let total: Value | undefined;
  for (const item of list) total = total === undefined ? item : add(total, item);
  return total ?? zero;
}

function indexOf(list: CelList, item: Value): bigint {
  for (let position = 0; position < list.size; position += 1) {
    if (equalValues(list.at(position), item)) return BigInt(position);
  }
  return -1n;
}

function lastIndexOf(list: CelList, item: Value): bigint {
  for (let position = list.size - 1; position >= 0; position -= 1) {
    if (equalValues(list.at(position), item)) return BigInt(position);
  }
  return -1n;
}

/** Compares every element with every other, so many times. */
const pairs =
  (rounds: number): CallCost =>
  ([left, right]) =>
    1 + rounds * sizeOf(left ?? null) * sizeOf(right ?? null);

const containsAll = (list: CelList, wanted: CelList): boolean =>
  [...wanted].every((item) => indexOf(list, item) >= 0n);

export const listLibrary: readonly Overload[] = [
  ...orderedTypes.flatMap((type) => [
    method(`list<${type}>`, 'isSorted(): bool', isSorted, elementCost),
    method(
      `list<${type}>`,
      `min(): ${type}`,
      (list: CelList) => extreme(list, -1, 'min'),
      elementCost,
    ),
    method(
      `list<${type}>`,
      `max(): ${type}`,
      (list: CelList) => extreme(list, 1, 'max'),
      elementCost,
    ),
  ]),
  ...summedTypes.map((type) =>
    method(
      `list<${type}>`,
      `sum(): ${type}`,
      (list: CelList) => sum(list, zeroes[type] ?? 0n),
      elementCost,
    ),
  ),
  method('list<A>', 'indexOf(A): int', indexOf, elementCost),
  method('list<A>', 'lastIndexOf(A): int', lastIndexOf, elementCost),
  fn('sets.contains(list<A>, list<A>): bool', containsAll, pairs(1)),
  fn(
    'sets.equivalent(list<A>, list<A>): bool',
    (left: CelList, right: CelList) => containsAll(left, right) && containsAll(right, left),
    pairs(2),
  ),
  fn(
    'sets.intersects(list<A>, list<A>): bool',
    (left: CelList, right: CelList) => [...right].some((item) => indexOf(left, item) >= 0n),
    pairs(1),
  ),
];
