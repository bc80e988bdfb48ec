/**
 * Finds the type of every part of an expression and which functions its calls can mean, and says what cannot be right, in
 * cel-go's words.
 */
import type {
  BindExpression,
  CallExpression,
  ComprehensionExpression,
  Expression,
  SelectExpression,
  StructExpression,
} from './ast.js';
import type { Environment } from './environment.js';
import type { Overload } from './overload.js';
import { dottedName, rootName, typeIdentifiers } from './identifiers.js';
import { Inference } from './inference.js';
import { literalIssues } from './literals.js';
import { CelCompileError } from './source.js';
import type { Issue } from './source.js';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  intType,
  isDyn,
  isOptional,
  joinTypes,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  typeOf,
  typeText,
  uintType,
} from './types.js';
import type { CelType } from './types.js';
import { Uint } from './values.js';
import type { Value } from './values.js';

/** What the checker found out, by node. */
export interface CheckedExpression {
  readonly type: CelType;
  /** The type of every node. */
  readonly types: ReadonlyMap<Expression, CelType>;
  /** The functions a call can mean; which one is decided by the values. */
  readonly overloads: ReadonlyMap<Expression, readonly Overload[]>;
  /** Names of types used as values. */
  readonly typeNames: ReadonlyMap<Expression, string>;
  /** Calls of functions with dots in their names, whose receiver is no value. */
  readonly qualified: ReadonlySet<Expression>;
}

function constantType(value: Value): CelType {
  if (value === null) return nullType;
  if (typeof value === 'boolean') return boolType;
  if (typeof value === 'bigint') return intType;
  if (typeof value === 'number') return doubleType;
  if (typeof value === 'string') return stringType;
  return value instanceof Uint ? uintType : bytesType;
}

type Scope = ReadonlyMap<string, CelType>;

class Checker {
  readonly types = new Map<Expression, CelType>();
  readonly overloads = new Map<Expression, readonly Overload[]>();
  readonly typeNames = new Map<Expression, string>();
  readonly qualified = new Set<Expression>();
  readonly issues: Issue[] = [];
  private readonly inference = new Inference();
  private readonly environment: Environment;
  /** Whether the elements of literals may be of different types here. */
  private mayMix = false;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  private report(offset: number, message: string): CelType {
    this.issues.push({ offset, message });
    return dynType;
  }

  check(expression: Expression, scope: Scope): CelType {
    const type = this.inference.resolved(this.infer(expression, scope));
    this.types.set(expression, type);
    return type;
  }

  private infer(expression: Expression, scope: Scope): CelType {
    switch (expression.type) {
      case 'constant':
        return constantType(expression.value);
      case 'identifier':
        return this.identifier(expression, expression.name, scope);
      case 'select':
        return this.select(expression, scope);
      case 'call':
        return this.call(expression, scope);
      case 'list':
        return this.list(expression.elements, scope);
      case 'map':
        return this.map(expression.entries, scope);
      case 'struct':
        return this.struct(expression, scope);
      case 'comprehension':
        return this.comprehension(expression, scope);
      case 'bind':
        return this.bind(expression, scope);
    }
  }

  private identifier(expression: Expression, name: string, scope: Scope): CelType {
    const variable = scope.get(name);
    if (variable !== undefined) return variable;
    const type = typeIdentifiers.get(name);
    if (type !== undefined) {
      this.typeNames.set(expression, name);
      return typeOf(type);
    }
    return this.report(expression.offset, `undeclared reference to '${name}' (in container '')`);
  }

  private select(expression: SelectExpression, scope: Scope): CelType {
    const dotted = dottedName(expression);
    const type = dotted === undefined ? undefined : typeIdentifiers.get(dotted);
    if (dotted !== undefined && type !== undefined && !scope.has(rootName(expression) ?? '')) {
      this.typeNames.set(expression, dotted);
      return typeOf(type);
    }
    const operand = this.check(expression.operand, scope);
    const inner = isOptional(operand) ? (operand.parameters[0] ?? dynType) : operand;
    const field = this.fieldOf(expression, inner);
    if (expression.test) return boolType;
    if (expression.optional || isOptional(operand)) {
      return isOptional(field) ? field : optionalType(field);
    }
    return field;
  }

  private fieldOf(expression: SelectExpression, type: CelType): CelType {
    switch (type.kind) {
      case 'object': {
        const field = type.field(expression.field);
        if (field !== undefined) return field;
        return this.report(expression.offset, `undefined field '${expression.field}'`);
      }
      case 'map':
        return type.value;
      case 'parameter':
        return dynType;
      default:
        if (isDyn(type)) return dynType;
        return this.report(
          expression.offset,
          `type '${typeText(type)}' does not support field selection`,
        );
    }
  }

  private call(expression: CallExpression, scope: Scope): CelType {
    const { name, target } = expression;
    const prefix = target === undefined ? undefined : dottedName(target);
    const global =
      target === undefined
        ? this.environment.functions.get(name)
        : prefix === undefined || scope.has(rootName(target) ?? '')
          ? undefined
          : this.environment.functions.get(`${prefix}.${name}`);
    if (global !== undefined) {
      if (target !== undefined) this.qualified.add(expression);
      const args = expression.args.map((arg) => this.check(arg, scope));
      const shown = target === undefined ? name : `${prefix ?? ''}.${name}`;
      return this.resolve(expression, global, args, shown);
    }
    if (target === undefined) return this.undeclared(expression, name, scope);
    const receiver = this.check(target, scope);
    const outer = this.mayMix;
    // What is formatted into a text may be of any types.
    this.mayMix = name === 'format';
    const args = expression.args.map((arg) => this.check(arg, scope));
    this.mayMix = outer;
    const methods = this.environment.methods.get(name);
    if (methods === undefined) {
      return this.report(expression.offset, `undeclared reference to '${name}' (in container '')`);
    }
    return this.resolve(expression, methods, [receiver, ...args], name);
  }

  private undeclared(expression: CallExpression, name: string, scope: Scope): CelType {
    if (name === '_&&_' || name === '_||_') {
      const args = expression.args.map((arg) => this.check(arg, scope));
      return this.requireBooleans(expression.offset, name, args);
    }
    if (name === '_?_:_') return this.ternary(expression, scope);
    for (const arg of expression.args) this.check(arg, scope);
    return this.report(expression.offset, `undeclared reference to '${name}' (in container '')`);
  }

  private noOverload(offset: number, name: string, args: readonly CelType[]): CelType {
    const shown = args.map((arg) => this.inference.shown(arg)).join(', ');
    return this.report(offset, `found no matching overload for '${name}' applied to '(${shown})'`);
  }

  private requireBooleans(offset: number, name: string, args: readonly CelType[]): CelType {
    if (args.every((arg) => this.inference.fits(arg, boolType))) return boolType;
    this.noOverload(offset, name, args);
    return boolType;
  }

  private ternary(expression: CallExpression, scope: Scope): CelType {
    const args = expression.args.map((arg) => this.check(arg, scope));
    const [condition = dynType, yes = dynType, no = dynType] = args;
    const fits = this.inference.fitTogether([condition, yes], [boolType, no]);
    if (!fits) return this.noOverload(expression.offset, '_?_:_', args);
    return joinTypes(this.inference.resolved(yes), this.inference.resolved(no));
  }

  /** Keeps the functions that take such arguments. */
  private resolve(
    expression: CallExpression,
    candidates: readonly Overload[],
    args: readonly CelType[],
    name: string,
  ): CelType {
    const match = this.inference.match(candidates, args);
    if (match !== undefined) {
      this.overloads.set(expression, match.overloads);
      return match.result;
    }
    const [receiver, ...rest] = args;
    if (candidates[0]?.member !== true || receiver === undefined) {
      return this.noOverload(expression.offset, name, args);
    }
    const shown = rest.map((arg) => this.inference.shown(arg)).join(', ');
    return this.report(
      expression.offset,
      `found no matching overload for '${name}' applied to '${this.inference.shown(receiver)}.(${shown})'`,
    );
  }

  /** The type the elements of a literal share; Kubernetes wants them alike unless one is dyn. */
  private join(elements: readonly { readonly type: CelType; readonly offset: number }[]): CelType {
    const [first, ...rest] = elements;
    if (first === undefined) return this.inference.freshType();
    let joined = first.type;
    for (const { type, offset } of rest) {
      const next = joinTypes(joined, type);
      if (!this.mayMix && isDyn(next) && !isDyn(joined) && !isDyn(type)) {
        return this.report(
          offset,
          `expected type '${typeText(joined)}' but found '${typeText(type)}'`,
        );
      }
      joined = next;
    }
    return joined;
  }

  private list(
    elements: readonly { readonly value: Expression; readonly optional: boolean }[],
    scope: Scope,
  ): CelType {
    return listType(
      this.join(
        elements.map(({ value, optional }) => ({
          type: this.unwrapped(value, optional, scope),
          offset: value.offset,
        })),
      ),
    );
  }

  /** The type of an element; of `?element` what the optional holds. */
  private unwrapped(value: Expression, optional: boolean, scope: Scope): CelType {
    const type = this.check(value, scope);
    if (!optional || isDyn(type)) return type;
    if (isOptional(type)) return type.parameters[0] ?? dynType;
    return this.report(
      value.offset,
      `expected type 'optional_type(${typeText(type)})' but found '${typeText(type)}'`,
    );
  }

  private map(
    entries: readonly {
      readonly key: Expression;
      readonly value: Expression;
      readonly optional: boolean;
    }[],
    scope: Scope,
  ): CelType {
    const keys = this.join(
      entries.map(({ key }) => ({ type: this.check(key, scope), offset: key.offset })),
    );
    const values = this.join(
      entries.map(({ value, optional }) => ({
        type: this.unwrapped(value, optional, scope),
        offset: value.offset,
      })),
    );
    return mapType(keys, values);
  }

  private struct(expression: StructExpression, scope: Scope): CelType {
    const type = this.environment.structType(expression.name);
    if (type?.constructible !== true) {
      for (const { value } of expression.fields) this.check(value, scope);
      return this.report(
        expression.offset,
        `undeclared reference to '${expression.name}' (in container '')`,
      );
    }
    for (const { name, value, optional, offset } of expression.fields) {
      const found = this.unwrapped(value, optional, scope);
      const wanted = type.field(name);
      if (wanted === undefined) this.report(offset, `undefined field '${name}'`);
      else if (!this.inference.fits(found, wanted)) {
        this.report(
          offset,
          `expected type of field '${name}' is '${typeText(wanted)}' but provided type is '${typeText(found)}'`,
        );
      }
    }
    return type;
  }

  private rangeTypes(expression: ComprehensionExpression, range: CelType): readonly CelType[] {
    const two = expression.variables.length === 2;
    if (range.kind === 'list') return two ? [intType, range.element] : [range.element];
    if (range.kind === 'map') return two ? [range.key, range.value] : [range.key];
    if (!isDyn(range) && range.kind !== 'parameter') {
      this.report(
        expression.range.offset,
        `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    }
    return [dynType, dynType];
  }

  private comprehension(expression: ComprehensionExpression, scope: Scope): CelType {
    const { macro, variables, condition, transform, offset } = expression;
    const range = this.check(expression.range, scope);
    const types = this.rangeTypes(expression, range);
    const inner = new Map(scope);
    for (const [position, name] of variables.entries()) inner.set(name, types[position] ?? dynType);
    const tested = condition === undefined ? boolType : this.check(condition, inner);
    const made = transform === undefined ? (types[0] ?? dynType) : this.check(transform, inner);
    if (macro === 'all') return this.requireBooleans(offset, '_&&_', [boolType, tested]);
    if (macro === 'exists') return this.requireBooleans(offset, '_||_', [boolType, tested]);
    if (!this.inference.fits(tested, boolType)) {
      const accumulated = macro === 'existsOne' ? intType : listType(made);
      this.noOverload(offset, '_?_:_', [tested, accumulated, accumulated]);
    }
    const keys = range.kind === 'map' ? range.key : range.kind === 'list' ? intType : dynType;
    switch (macro) {
      case 'existsOne':
        return boolType;
      case 'map':
      case 'filter':
      case 'transformList':
        return listType(made);
      case 'transformMap':
        return mapType(keys, made);
      case 'transformMapEntry':
        if (made.kind === 'map' || isDyn(made)) return made.kind === 'map' ? made : dynType;
        return this.noOverload(offset, 'cel.@mapInsert', [mapType(dynType, dynType), made]);
    }
  }

  private bind(expression: BindExpression, scope: Scope): CelType {
    const { macro, variable, body } = expression;
    const value = this.check(expression.value, scope);
    if (macro !== 'bind' && !isOptional(value) && !isDyn(value)) {
      return this.noOverload(expression.offset, macro, [value]);
    }
    const bound =
      macro === 'bind' ? value : isOptional(value) ? (value.parameters[0] ?? dynType) : dynType;
    const result = this.check(body, new Map(scope).set(variable, bound));
    if (macro === 'optMap') return optionalType(result);
    return result;
  }
}

/** Checks an expression against what the environment declares. Throws CelCompileError with every issue. */
export function checkExpression(
  source: string,
  expression: Expression,
  environment: Environment,
): CheckedExpression {
  const checker = new Checker(environment);
  const type = checker.check(expression, environment.variables);
  const issues = checker.issues.length > 0 ? checker.issues : literalIssues(expression);
  if (issues.length > 0) throw new CelCompileError(source, issues);
  const { types, overloads, typeNames, qualified } = checker;
  return { type, types, overloads, typeNames, qualified };
}
