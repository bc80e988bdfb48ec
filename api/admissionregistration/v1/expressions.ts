/** What is wrong with a CEL expression of a webhook or policy. */
import { compileExpression, CelResultTypeError } from '../../cel/program.js';
import type { Program } from '../../cel/program.js';
import { CelCompileError } from '../../cel/source.js';
import { boolType, dynType, listType, nullType, stringType } from '../../cel/types.js';
import type { CelType } from '../../cel/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { appliedObjectType, environmentOf, jsonPatchType } from '../cel/environment.js';
import type { ExpressionScope } from '../cel/environment.js';

/** The values an expression may be expected to have. */
export type ExpressionType = 'bool' | 'string' | 'string or null' | 'any' | 'object' | 'json patch';

const resultTypes: Readonly<Record<ExpressionType, readonly CelType[]>> = {
  bool: [boolType],
  string: [stringType],
  'string or null': [stringType, nullType],
  any: [],
  object: [appliedObjectType('Object')],
  'json patch': [listType(jsonPatchType)],
};

/** Compiles an expression that must have a value of the type. Throws CelCompileError. */
export function compileIn(
  expression: string,
  scope: ExpressionScope,
  type: ExpressionType,
): Program {
  const wanted = resultTypes[type];
  return compileExpression(
    expression,
    environmentOf(scope),
    wanted.length === 0 ? {} : { resultTypes: wanted },
  );
}

/** Errors of an expression that cannot be compiled or has another type than it must. */
export function checkExpression(
  expression: string,
  field: string,
  options: { readonly scope: ExpressionScope; readonly type: ExpressionType },
): readonly FieldError[] {
  try {
    compileIn(expression, options.scope, options.type);
    return [];
  } catch (error) {
    if (error instanceof CelResultTypeError) return [invalid(field, expression, error.why)];
    if (!(error instanceof CelCompileError)) throw error;
    return [invalid(field, expression, `compilation failed: ${error.message}`)];
  }
}

/** The types of a policy's variables in the order they are declared; dyn for those that do not compile. */
export function variableTypes(
  variables: readonly { readonly name: string; readonly expression: string }[],
  scope: ExpressionScope,
): Readonly<Record<string, CelType>> {
  const types: Record<string, CelType> = {};
  for (const { name, expression } of variables) {
    try {
      types[name] = compileIn(expression, { ...scope, variables: { ...types } }, 'any').type;
    } catch (error) {
      if (!(error instanceof CelCompileError)) throw error;
      types[name] = dynType;
    }
  }
  return types;
}
