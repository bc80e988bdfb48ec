/** The CEL expressions that pick devices: what they may look at, and whether they can be compiled. */
import { createEnvironment } from '../../cel/environment.js';
import { CelResultTypeError, compileExpression } from '../../cel/program.js';
import { CelCompileError } from '../../cel/source.js';
import { boolType, dynType, mapType, objectType, opaqueType, stringType } from '../../cel/types.js';

/** Attributes and capacities are found by their domain first, then by their name. */
const device = objectType('kubernetes.DRADevice', {
  driver: stringType,
  attributes: mapType(stringType, mapType(stringType, dynType)),
  capacity: mapType(stringType, mapType(stringType, opaqueType('kubernetes.Quantity'))),
  allowMultipleAllocations: boolType,
});

const environment = createEnvironment({ variables: { device } });

/** What is wrong with an expression, in Kubernetes' words; undefined where it can be compiled and says yes or no. */
export function expressionError(expression: string): string | undefined {
  try {
    compileExpression(expression, environment, { resultTypes: [boolType] });
    return undefined;
  } catch (error) {
    if (error instanceof CelResultTypeError) return error.why;
    if (error instanceof CelCompileError) return `compilation failed: ${error.message}`;
    throw error;
  }
}
