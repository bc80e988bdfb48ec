/** What is wrong with a CEL expression of a webhook or policy. */
import type { FieldError } from '../../validation/field-error.js';

/** The values an expression may be expected to have. */
export type ExpressionType = 'bool' | 'string' | 'string or null' | 'any' | 'object' | 'json patch';

/** What an expression finds in its environment beside object, oldObject and request. */
export interface ExpressionScope {
  readonly params: boolean;
  readonly authorizer: boolean;
  readonly namespaceObject: boolean;
  /** Undefined where there are no variables. */
  readonly variables: readonly string[] | undefined;
}

export const webhookScope: ExpressionScope = {
  params: false,
  authorizer: true,
  namespaceObject: false,
  variables: undefined,
};

/** Errors of an expression that cannot be compiled or has another type than it must. */
export function checkExpression(
  _expression: string,
  _field: string,
  _options: { readonly scope: ExpressionScope; readonly type: ExpressionType },
): readonly FieldError[] {
  return [];
}
