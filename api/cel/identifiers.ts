/** Names in expressions, for the checker. */
import { childrenOf } from './ast.js';
import type { Expression } from './ast.js';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  typeOf,
  uintType,
} from './types.js';
import type { CelType } from './types.js';

/** The types that expressions can name. */
export const typeIdentifiers: ReadonlyMap<string, CelType> = new Map(
  Object.entries({
    bool: boolType,
    int: intType,
    uint: uintType,
    double: doubleType,
    string: stringType,
    bytes: bytesType,
    null_type: nullType,
    list: listType(dynType),
    map: mapType(dynType, dynType),
    type: typeOf(dynType),
    optional_type: optionalType(dynType),
    'google.protobuf.Timestamp': { kind: 'simple', name: 'timestamp' },
    'google.protobuf.Duration': { kind: 'simple', name: 'duration' },
  }),
);

/** `a.b.c` for a chain of plain selections. */
export function dottedName(expression: Expression): string | undefined {
  if (expression.type === 'identifier') return expression.name;
  if (expression.type !== 'select' || expression.optional || expression.test) return undefined;
  const operand = dottedName(expression.operand);
  return operand === undefined ? undefined : `${operand}.${expression.field}`;
}

/** The first name of such a chain. */
export const rootName = (expression: Expression): string | undefined =>
  expression.type === 'identifier'
    ? expression.name
    : expression.type === 'select'
      ? rootName(expression.operand)
      : undefined;

/** Whether an expression reads a field of a variable anywhere, or asks whether it is there. */
export function selectsField(expression: Expression, variable: string, field: string): boolean {
  const isIt =
    expression.type === 'select' &&
    expression.field === field &&
    expression.operand.type === 'identifier' &&
    expression.operand.name === variable;
  return isIt || childrenOf(expression).some((part) => selectsField(part, variable, field));
}
