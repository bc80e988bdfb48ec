/** Kubernetes' quantities. */
import { maxInt64 } from '../../integers.js';
import {
  QuantityError,
  addQuantities,
  compareQuantities,
  isQuantity,
  parseQuantity,
  quantityFromUnits,
  quantitySign,
  subtractQuantities,
} from '../../quantity.js';
import type { Quantity } from '../../quantity.js';
import { fn, method, traversalCost } from '../overload.js';
import type { Overload } from '../overload.js';
import { CelError, Opaque } from '../values.js';

const nanosPerUnit = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly typeName = 'kubernetes.Quantity';
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }
  override equals(other: Opaque): boolean {
    return other instanceof QuantityValue && other.quantity.nanos === this.quantity.nanos;
  }
}

function quantityFrom(text: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new CelError(error.message);
    throw error;
  }
}

const isWhole = ({ quantity }: QuantityValue): boolean =>
  quantity.nanos % nanosPerUnit === 0n && quantity.nanos / nanosPerUnit <= maxInt64;

function wholeOf(value: QuantityValue): bigint {
  if (!isWhole(value)) throw new CelError('cannot convert value to integer');
  return value.quantity.nanos / nanosPerUnit;
}

const units = (count: bigint): QuantityValue => new QuantityValue(quantityFromUnits(count));
const compare = (left: QuantityValue, right: QuantityValue): number =>
  compareQuantities(left.quantity, right.quantity);
const add = (left: QuantityValue, right: QuantityValue): QuantityValue =>
  new QuantityValue(addQuantities(left.quantity, right.quantity));
const subtract = (left: QuantityValue, right: QuantityValue): QuantityValue =>
  new QuantityValue(subtractQuantities(left.quantity, right.quantity));

const type = 'kubernetes.Quantity';

export const quantityLibrary: readonly Overload[] = [
  fn(`quantity(string): ${type}`, quantityFrom, traversalCost),
  fn('isQuantity(string): bool', (text: string) => isQuantity(text), traversalCost),
  method(type, 'sign(): int', ({ quantity }: QuantityValue) => BigInt(quantitySign(quantity))),
  method(type, 'isInteger(): bool', isWhole),
  method(type, 'asInteger(): int', wholeOf),
  method(
    type,
    'asApproximateFloat(): double',
    ({ quantity }: QuantityValue) => Number(quantity.nanos) / 1e9,
  ),
  method(
    type,
    `isGreaterThan(${type}): bool`,
    (a: QuantityValue, b: QuantityValue) => compare(a, b) > 0,
  ),
  method(
    type,
    `isLessThan(${type}): bool`,
    (a: QuantityValue, b: QuantityValue) => compare(a, b) < 0,
  ),
  method(type, `compareTo(${type}): int`, (a: QuantityValue, b: QuantityValue) =>
    BigInt(compare(a, b)),
  ),
  method(type, `add(${type}): ${type}`, add),
  method(type, `add(int): ${type}`, (a: QuantityValue, count: bigint) => add(a, units(count))),
  method(type, `sub(${type}): ${type}`, subtract),
  method(type, `sub(int): ${type}`, (a: QuantityValue, count: bigint) => subtract(a, units(count))),
];
