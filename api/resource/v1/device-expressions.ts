/** The CEL expressions that pick devices: what they may look at, whether they can be compiled, and what they may cost. */
import { createEnvironment } from '../../cel/environment.js';
import { estimateCost } from '../../cel/estimate.js';
import { estimateTolerance, perCallCostLimit } from '../../cel/limits.js';
import { CelResultTypeError, compileExpression } from '../../cel/program.js';
import { CelCompileError } from '../../cel/source.js';
import { boolType, dynType, mapType, objectType, opaqueType, stringType } from '../../cel/types.js';
import type { CelType } from '../../cel/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { forbidden, invalid } from '../../validation/field-error.js';
import {
  maxAttributeDomainBytes,
  maxAttributeNameBytes,
  maxAttributesAndCapacities,
  maxAttributeValueBytes,
  maxDriverNameBytes,
} from './limits.js';

const text = (maxSize: number): CelType => ({ ...stringType, maxSize });
const mapFrom = (key: CelType, value: CelType): CelType => ({
  ...mapType(key, value),
  maxSize: maxAttributesAndCapacities,
});

/** Attributes and capacities are found by their domain first, then by their name. */
const byName = (value: CelType): CelType =>
  mapFrom(text(maxAttributeDomainBytes), mapFrom(text(maxAttributeNameBytes), value));

const device = objectType('kubernetes.DRADevice', {
  driver: text(maxDriverNameBytes),
  attributes: byName({ ...dynType, maxSize: maxAttributeValueBytes }),
  capacity: byName(opaqueType('kubernetes.Quantity')),
  allowMultipleAllocations: boolType,
});

const environment = createEnvironment({ variables: { device } });

/** What is wrong with an expression: it cannot be compiled, does not say yes or no, or may cost too much. */
export function expressionErrors(expression: string, field: string): FieldError[] {
  try {
    const { tree } = compileExpression(expression, environment, { resultTypes: [boolType] });
    return estimateCost(tree) > perCallCostLimit * estimateTolerance
      ? [forbidden(field, 'too complex, exceeds cost limit')]
      : [];
  } catch (error) {
    if (error instanceof CelResultTypeError) {
      const why = `must evaluate to bool or the unknown type, not ${error.found}`;
      return [invalid(field, expression, why)];
    }
    if (!(error instanceof CelCompileError)) throw error;
    return [invalid(field, expression, `compilation failed: ${error.message}`)];
  }
}
