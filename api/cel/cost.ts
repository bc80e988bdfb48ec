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
/** What `all` and `exists` spend on whether to go on, before each element. */
export const goOnCosts = { all: 2, exists: 3 } as const;
/** What joining an element's result with those before costs. */
export const stepCost = 1;
/** What appending to the list of a macro costs beside the element: the list so far, a list of one, and joining them. */
export const appendCost = 1 + listCreateCost + 1;
/** What putting an entry into the map of a macro costs beside key and value. */
export const insertCost = 2;
/** What counting one more costs. */
export const countCost = 2;
/** What reading the result of a macro costs. */
export const resultCost = 1;
