/** Sums of resources by name, as quotas are counted in. Pure. */
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  subtractQuantities,
} from '../../../quantity.js';
import type { Quantity } from '../../../quantity.js';

export type Amounts = ReadonlyMap<string, Quantity>;

const combine =
  (operation: (left: Quantity, right: Quantity) => Quantity, zeroFirst: boolean) =>
  (left: Amounts, right: Amounts): Amounts => {
    const result = new Map(left);
    for (const [name, amount] of right) {
      const known = result.get(name);
      if (known !== undefined) result.set(name, operation(known, amount));
      else result.set(name, zeroFirst ? { ...amount, nanos: -amount.nanos } : amount);
    }
    return result;
  };

/** The sum of both, by name. */
export const addAmounts = combine(addQuantities, false);
/** The first less the second, by name; may fall below zero. */
export const subtractAmounts = combine(subtractQuantities, true);

/** Only the names given. */
export const maskAmounts = (amounts: Amounts, names: Iterable<string>): Amounts => {
  const wanted = new Set(names);
  return new Map([...amounts].filter(([name]) => wanted.has(name)));
};

/** Only the amounts that are not zero. */
export const withoutZeros = (amounts: Amounts): Amounts =>
  new Map([...amounts].filter(([, { nanos }]) => nanos !== 0n));

/** Names of amounts below zero. */
export const negativeNames = (amounts: Amounts): readonly string[] =>
  [...amounts].filter(([, { nanos }]) => nanos < 0n).map(([name]) => name);

/** Names whose amount is above that of `limits`; names without a limit are free. */
export const exceededNames = (amounts: Amounts, limits: Amounts): readonly string[] =>
  [...amounts]
    .filter(([name, amount]) => {
      const limit = limits.get(name);
      return limit !== undefined && compareQuantities(amount, limit) > 0;
    })
    .map(([name]) => name);

/** `cpu=1,memory=2Gi`, sorted, as messages print amounts. */
export const amountsText = (amounts: Amounts): string =>
  [...amounts]
    .map(([name, amount]) => `${name}=${formatQuantity(amount)}`)
    .sort()
    .join(',');
