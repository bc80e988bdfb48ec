/** The syntax tree of an expression. Macros are nodes of their own, operators are calls named as in CEL (`_+_`, `@in`). */
import type { Value } from './values.js';

interface Node {
  /** Where messages about the node point to. */
  readonly offset: number;
  /** How many nodes lie below, at most, on one path; bounded by the parser. */
  readonly depth: number;
}

export interface ConstantExpression extends Node {
  readonly type: 'constant';
  readonly value: Value;
}

export interface IdentifierExpression extends Node {
  readonly type: 'identifier';
  readonly name: string;
}

export interface SelectExpression extends Node {
  readonly type: 'select';
  readonly operand: Expression;
  readonly field: string;
  /** `.?field` */
  readonly optional: boolean;
  /** Inside `has(…)`: whether the field is there. */
  readonly test: boolean;
}

export interface CallExpression extends Node {
  readonly type: 'call';
  readonly name: string;
  readonly target: Expression | undefined;
  readonly args: readonly Expression[];
}

export interface ListExpression extends Node {
  readonly type: 'list';
  readonly elements: readonly { readonly value: Expression; readonly optional: boolean }[];
}

export interface MapExpression extends Node {
  readonly type: 'map';
  readonly entries: readonly {
    readonly key: Expression;
    readonly value: Expression;
    readonly optional: boolean;
  }[];
}

export interface StructExpression extends Node {
  readonly type: 'struct';
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly value: Expression;
    readonly optional: boolean;
    readonly offset: number;
  }[];
}

export type ComprehensionMacro =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry';

export interface ComprehensionExpression extends Node {
  readonly type: 'comprehension';
  readonly macro: ComprehensionMacro;
  readonly range: Expression;
  /** One variable is the element of a list or the key of a map; two are position and element, or key and value. */
  readonly variables: readonly string[];
  /** What is tested of each element. */
  readonly condition: Expression | undefined;
  /** What each element becomes. */
  readonly transform: Expression | undefined;
}

/** `cel.bind(x, value, body)` and the optional macros, which bind one variable. */
export interface BindExpression extends Node {
  readonly type: 'bind';
  readonly macro: 'bind' | 'optMap' | 'optFlatMap';
  readonly variable: string;
  readonly value: Expression;
  readonly body: Expression;
}

export type Expression =
  | ConstantExpression
  | IdentifierExpression
  | SelectExpression
  | CallExpression
  | ListExpression
  | MapExpression
  | StructExpression
  | ComprehensionExpression
  | BindExpression;

/** The direct parts of an expression. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'constant':
    case 'identifier':
      return [];
    case 'select':
      return [expression.operand];
    case 'call':
      return expression.target === undefined
        ? expression.args
        : [expression.target, ...expression.args];
    case 'list':
      return expression.elements.map(({ value }) => value);
    case 'map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expression.fields.map(({ value }) => value);
    case 'comprehension':
      return [expression.range, expression.condition, expression.transform].filter(
        (part) => part !== undefined,
      );
    case 'bind':
      return [expression.value, expression.body];
  }
}
