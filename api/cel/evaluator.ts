/** What a compiled expression is, for the parts that make one. */
import type { CostMeter } from './cost.js';
import { CelError } from './values.js';
import type { Value } from './values.js';

/** The state of one evaluation. */
export interface Frame {
  /** Values of variables by their slot; made when first read. */
  readonly slots: (Value | undefined)[];
  /** Gives the value of one of the environment's variables. */
  readonly read: (slot: number) => Value;
  readonly meter: CostMeter;
}

/** Gives the value of an expression in one evaluation. */
export type Evaluator = (frame: Frame) => Value;

/** The error of an operation that its operands do not have. */
export const noOverload = (name: string): CelError => new CelError(`no such overload: ${name}`);
