/**
 * The CEL rules of a structural schema (`x-kubernetes-validations`): compiled once a schema, evaluated over new and old
 * values within a budget for the whole object.
 */
import { CelBudgetError, CostMeter } from '../../cel/cost.js';
import { createEnvironment } from '../../cel/environment.js';
import { customResourceCostBudget, perCallCostLimit } from '../../cel/limits.js';
import { compileExpression } from '../../cel/program.js';
import type { Program } from '../../cel/program.js';
import { boolType, dynType, optionalType, stringType } from '../../cel/types.js';
import type { CelType } from '../../cel/types.js';
import { CelError, Optional } from '../../cel/values.js';
import { valueFromJson } from '../../cel/json-values.js';
import { duplicate, forbidden, invalid, required } from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { celTypeOf } from './cel-types.js';
import { Correlation } from './correlation.js';
import { isJsonObject, itemsOf, propertyOf, valuesOf, saidAnywhere } from './json-schema.js';
import type { JsonSchema, ValidationRule } from './json-schema.js';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program;
  readonly message: Program | undefined;
  /** It says something about a change. */
  readonly isTransition: boolean;
}

interface CompiledNode {
  readonly type: CelType;
  readonly rules: readonly CompiledRule[];
}

/** The environments of a rule and its message. */
function ruleEnvironment(type: CelType, rule: ValidationRule) {
  const oldSelf = rule.optionalOldSelf === true ? optionalType(type) : type;
  return createEnvironment({ variables: { self: type, oldSelf } });
}

/** Compiles one rule. Throws CelCompileError. */
export function compileRule(type: CelType, rule: ValidationRule): CompiledRule {
  const environment = ruleEnvironment(type, rule);
  const program = compileExpression(rule.rule, environment, { resultTypes: [boolType] });
  const message =
    rule.messageExpression === undefined || rule.messageExpression === ''
      ? undefined
      : compileExpression(rule.messageExpression, environment, { resultTypes: [stringType] });
  return { rule, program, message, isTransition: program.reads('oldSelf') };
}

const compiledNodes = new WeakMap<JsonSchema, CompiledNode>();

function nodeOf(schema: JsonSchema, isRoot: boolean): CompiledNode {
  const known = compiledNodes.get(schema);
  if (known !== undefined) return known;
  const type = celTypeOf(schema, 'selfType', isRoot) ?? dynType;
  const node = {
    type,
    rules: (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(type, rule)),
  };
  compiledNodes.set(schema, node);
  return node;
}

const hasRules = saidAnywhere((schema) => (schema['x-kubernetes-validations'] ?? []).length > 0);

const ruleText = ({ message, rule }: ValidationRule): string =>
  (message === undefined || message === '' ? rule : message).trim();

function failureOf(
  field: string,
  shown: string,
  detail: string,
  reason: string | undefined,
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return duplicate(field, shown);
    default:
      return invalid(field, shown, detail);
  }
}

/** `.spec.foo['bar']` below a field. */
const withFieldPath = (field: string, path: string | undefined): string => {
  if (path === undefined || path === '') return field;
  const dotted = path.replace(/\['([^']*)'\]/g, '[$1]');
  return field === '' ? dotted.replace(/^\./, '') : `${field}${dotted}`;
};

/** Walks one object. */
class RuleRun {
  readonly errors: FieldError[] = [];
  private left = customResourceCostBudget;
  private exhausted = false;

  visit(value: unknown, schema: JsonSchema, place: Place): void {
    if (this.exhausted || !hasRules(schema) || value === undefined) return;
    const node = nodeOf(schema, place.isRoot);
    if (value !== null)
      for (const rule of node.rules) this.apply(rule, node.type, value, schema, place);
    if (Array.isArray(value)) this.visitItems(value, schema, place);
    else if (isJsonObject(value)) this.visitProperties(value, schema, place);
  }

  private visitItems(value: readonly unknown[], schema: JsonSchema, { path, old }: Place): void {
    const items = itemsOf(schema);
    if (items === undefined || !hasRules(items)) return;
    for (const [position, element] of value.entries()) {
      this.visit(element, items, {
        path: `${path}[${String(position)}]`,
        old: old?.item(element, schema),
        isRoot: false,
      });
    }
  }

  private visitProperties(value: Record<string, unknown>, schema: JsonSchema, place: Place): void {
    const { path, old } = place;
    const values = valuesOf(schema);
    for (const [name, content] of Object.entries(value)) {
      const property = propertyOf(schema, name);
      if (property !== undefined) {
        const where = path === '' ? name : `${path}.${name}`;
        this.visit(content, property, {
          path: where,
          old: old?.property(name, schema),
          isRoot: false,
        });
      } else if (values !== undefined) {
        this.visit(content, values, {
          path: `${path}[${name}]`,
          old: old?.property(name, schema),
          isRoot: false,
        });
      }
    }
  }

  private apply(
    compiled: CompiledRule,
    type: CelType,
    value: unknown,
    schema: JsonSchema,
    place: Place,
  ): void {
    const { rule, program, isTransition } = compiled;
    if (this.exhausted) return;
    const { old } = place;
    const optional = rule.optionalOldSelf === true;
    if (isTransition && old === undefined && !optional) return;
    // What was stored before and has not changed is not held against an update.
    if (old !== undefined && !isTransition && old.isSame(value)) return;
    const oldSelf = optional
      ? old === undefined
        ? Optional.none
        : new Optional(valueFromJson(old.value, type))
      : old?.value;
    const bindings = { self: value, oldSelf };
    const shown = schema.type ?? 'object';
    try {
      if (this.run(program, bindings) === true) return;
      const detail = this.messageOf(compiled, bindings);
      const field = withFieldPath(place.path, rule.fieldPath);
      this.errors.push(failureOf(field, shown, detail, rule.reason));
    } catch (error) {
      this.errors.push(invalid(place.path, shown, this.explain(error, rule)));
    }
  }

  private run(program: Program, bindings: Readonly<Record<string, unknown>>): unknown {
    const meter = new CostMeter(Math.min(perCallCostLimit, this.left));
    try {
      return program.evaluate(bindings, meter);
    } finally {
      this.left -= meter.spent;
    }
  }

  private messageOf(
    { rule, message }: CompiledRule,
    bindings: Readonly<Record<string, unknown>>,
  ): string {
    const plain =
      rule.message === undefined || rule.message === ''
        ? `failed rule: ${rule.rule.trim()}`
        : rule.message.trim();
    if (message === undefined) return plain;
    try {
      const text = this.run(message, bindings);
      const usable = typeof text === 'string' && text.trim() !== '' && !text.includes('\n');
      return usable ? text.trim() : plain;
    } catch (error) {
      if (error instanceof CelError || error instanceof CelBudgetError) return plain;
      throw error;
    }
  }

  private explain(error: unknown, rule: ValidationRule): string {
    if (error instanceof CelBudgetError) {
      this.exhausted = true;
      return this.left <= 0
        ? 'validation failed due to running out of cost budget, no further validation rules will be run'
        : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
    }
    if (!(error instanceof CelError)) throw error;
    return error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
      : `${error.message} evaluating rule: ${ruleText(rule)}`;
  }
}

interface Place {
  readonly path: string;
  /** The value before the change; undefined where there was none, or none that can be matched. */
  readonly old: Correlation | undefined;
  readonly isRoot: boolean;
}

/** What the rules of a schema have against an object; `stored` is what it replaces. */
export function ruleErrors(
  object: unknown,
  stored: unknown,
  schema: JsonSchema,
): readonly FieldError[] {
  if (!hasRules(schema)) return [];
  const run = new RuleRun();
  const old = stored === undefined ? undefined : new Correlation(stored);
  run.visit(object, schema, { path: '', old, isRoot: true });
  return run.errors;
}
