/** What evaluating costs, in Kubernetes' units: about one for each simple step. Costs bound the time any expression can take. */
import { perCallCostLimit } from './limits.js';

/** An evaluation that ran out of what it may cost. Nothing in an expression can absorb it. */
export class CelBudgetError extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CelBudgetError';
  }
}

/** Counts the cost of one evaluation. */
export class CostMeter {
  spent = 0;
  private readonly limit: number;

  constructor(limit: number = perCallCostLimit) {
    this.limit = limit;
  }

  charge(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CelBudgetError();
  }
}

/** A selection or the look-up of a variable. */
export const selectCost = 1;
/** What making a list costs, whatever is in it. */
export const listCreateCost = 10;
/** The same of a map. */
export const mapCreateCost = 30;
/** The same of an object of a named type. */
export const structCreateCost = 40;
/** What the loop itself costs for each element. */
export const iterationCost = 2;
