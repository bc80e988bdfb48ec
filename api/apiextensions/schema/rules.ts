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
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  required,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { byteLength } from '../../validation/names.js';
import { celTypeOf } from './cel-types.js';
import { Correlation } from './correlation.js';
import { FieldPathError, fieldPathIn } from './field-path.js';
import {
  isJsonObject,
  itemsOf,
  nowhere,
  propertyOf,
  saidAnywhere,
  valuesOf,
} from './json-schema.js';
import type { JsonObject, JsonSchema, ValidationRule } from './json-schema.js';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program;
  readonly message: Program | undefined;
  /** It says something about a change. */
  readonly isTransition: boolean;
  /** Where below its own value the rule reports failures; empty for the value itself. */
  readonly fieldPath: string;
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

/** Compiles one rule of a schema. Throws CelCompileError. */
export function compileRule(type: CelType, rule: ValidationRule, schema: JsonSchema): CompiledRule {
  const environment = ruleEnvironment(type, rule);
  const program = compileExpression(rule.rule, environment, { resultTypes: [boolType] });
  const message =
    rule.messageExpression === undefined || rule.messageExpression === ''
      ? undefined
      : compileExpression(rule.messageExpression, environment, { resultTypes: [stringType] });
  const isTransition = program.reads('oldSelf');
  return { rule, program, message, isTransition, fieldPath: shownPath(rule, schema) };
}

/** Where a failure is reported; the value itself where a stored definition has a path that leads nowhere. */
function shownPath({ fieldPath = '' }: ValidationRule, schema: JsonSchema): string {
  try {
    return fieldPathIn(fieldPath, schema).text;
  } catch (error) {
    if (error instanceof FieldPathError) return '';
    throw error;
  }
}

const compiledNodes = new WeakMap<JsonSchema, CompiledNode>();

function nodeOf(schema: JsonSchema, isRoot: boolean): CompiledNode {
  const known = compiledNodes.get(schema);
  if (known !== undefined) return known;
  const type = celTypeOf(schema, 'selfType', isRoot) ?? dynType;
  const node = {
    type,
    rules: (schema['x-kubernetes-validations'] ?? []).map((rule) =>
      compileRule(type, rule, schema),
    ),
  };
  compiledNodes.set(schema, node);
  return node;
}

/** Whether the schema or any part of it has rules. */
export const hasRules = saidAnywhere(
  (schema) => (schema['x-kubernetes-validations'] ?? []).length > 0,
);

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

/** Bytes of what a message expression may give. */
const maxMessageBytes = 5 * 1024;

const isUsableMessage = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.trim() !== '' &&
  !text.trim().includes('\n') &&
  byteLength(text.trim()) <= maxMessageBytes;

const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** Ends the run: nothing more may be spent on the object. */
class RunEnded extends Error {
  readonly why: string;
  constructor(why: string) {
    super(why);
    this.name = 'RunEnded';
    this.why = why;
  }
}

/** A value and what it was before. */
interface Pair {
  readonly value: unknown;
  readonly old: Correlation;
}

interface Place {
  readonly path: string;
  /** What transition rules see as `oldSelf`; undefined where there was nothing, or nothing that can be matched. */
  readonly old: unknown;
  /** The value itself or, where it cannot be matched with an old one, the nearest around it that can. */
  readonly matched: Pair | undefined;
  readonly isRoot: boolean;
}

/** What rules have against an object. */
export interface RuleResult {
  readonly errors: readonly FieldError[];
  /** Held against values that the write does not change, and so only told. */
  readonly warnings: readonly FieldError[];
}

/** Walks one object. */
class RuleRun {
  readonly errors: FieldError[] = [];
  readonly warnings: FieldError[] = [];
  private left = customResourceCostBudget;

  visit(value: unknown, schema: JsonSchema, place: Place): void {
    if (!hasRules(schema) || value === undefined || value === null) return;
    const node = nodeOf(schema, place.isRoot);
    for (const rule of node.rules) this.apply(rule, node.type, value, schema, place);
    if (Array.isArray(value)) this.visitItems(value, schema, place);
    else if (isJsonObject(value)) this.visitProperties(value, schema, place);
  }

  private visitItems(value: readonly unknown[], schema: JsonSchema, place: Place): void {
    const items = itemsOf(schema);
    if (items === undefined || !hasRules(items)) return;
    const olds = place.old === undefined ? undefined : new Correlation(place.old);
    for (const [position, element] of value.entries()) {
      const matched = matchedIn(place, value)?.item(element, schema);
      this.visit(element, items, {
        path: index(place.path, position),
        old: olds?.item(element, schema)?.value ?? undefined,
        matched: matched === undefined ? place.matched : { value: element, old: matched },
        isRoot: false,
      });
    }
  }

  private visitProperties(value: JsonObject, schema: JsonSchema, place: Place): void {
    const values = valuesOf(schema);
    const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
    for (const [name, content] of Object.entries(value)) {
      const property = propertyOf(schema, name);
      const part = property ?? values;
      if (part === undefined) continue;
      const matched = matchedIn(place, value)?.property(name);
      const old = isJsonObject(place.old) && !isAtomic ? place.old[name] : undefined;
      this.visit(content, part, {
        path: property === undefined ? key(place.path, name) : child(place.path, name),
        old: old ?? undefined,
        matched: matched === undefined ? place.matched : { value: content, old: matched },
        isRoot: false,
      });
    }
  }

  private apply(
    compiled: CompiledRule,
    type: CelType,
    value: unknown,
    schema: JsonSchema,
    { path, old, matched }: Place,
  ): void {
    const { rule, program, isTransition } = compiled;
    if (this.left <= 0) throw this.ended(path, schema, outOfBudget);
    const optional = rule.optionalOldSelf === true;
    if (isTransition && old === undefined && !optional) return;
    const bindings = { self: value, oldSelf: optional ? optionalOf(old, type) : old };
    const shown = schema.type ?? '';
    try {
      if (this.run(program, bindings) === true) return;
    } catch (error) {
      if (error instanceof CelBudgetError)
        throw this.ended(path, schema, this.overrun(error, rule));
      this.errors.push(invalid(shownField(path), shown, explain(error, rule)));
      return;
    }
    const field = shownField(child(path, compiled.fieldPath));
    const detail = this.messageOf(compiled, bindings);
    const isOld = !isTransition && matched?.old.isSame(matched.value) === true;
    const told = isOld ? this.warnings : this.errors;
    if (detail instanceof RunEnded) {
      told.push(invalid(field, shown, detail.why));
      throw detail;
    }
    told.push(failureOf(field, shown, detail, rule.reason));
  }

  private ended(path: string, schema: JsonSchema, why: string): RunEnded {
    this.errors.push(invalid(shownField(path), schema.type ?? '', why));
    return new RunEnded(why);
  }

  private run(program: Program, bindings: Readonly<Record<string, unknown>>): unknown {
    const meter = new CostMeter(Math.min(perCallCostLimit, this.left));
    try {
      return program.evaluate(bindings, meter);
    } finally {
      this.left -= meter.spent;
    }
  }

  private overrun(error: CelBudgetError, rule: ValidationRule): string {
    return this.left < 0
      ? outOfBudget
      : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
  }

  /** What a failed rule says; the end of the run where finding that out costs too much. */
  private messageOf(
    { rule, message }: CompiledRule,
    bindings: Readonly<Record<string, unknown>>,
  ): string | RunEnded {
    const plain =
      rule.message === undefined || rule.message === ''
        ? `failed rule: ${rule.rule.trim()}`
        : rule.message.trim();
    if (message === undefined) return plain;
    try {
      const text = this.run(message, bindings);
      return isUsableMessage(text) ? text.trim() : plain;
    } catch (error) {
      if (error instanceof CelBudgetError) {
        return new RunEnded(
          this.left < 0
            ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
            : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`,
        );
      }
      if (error instanceof CelError) return plain;
      throw error;
    }
  }
}

const shownField = (path: string): string => (path === '' ? nowhere : path);

/** What an object or list is matched with, if it is itself. */
const matchedIn = ({ matched }: Place, value: object): Correlation | undefined =>
  matched?.value === value ? matched.old : undefined;

const optionalOf = (old: unknown, type: CelType): Optional =>
  old === undefined ? Optional.none : new Optional(valueFromJson(old, type));

function explain(error: unknown, rule: ValidationRule): string {
  if (!(error instanceof CelError)) throw error;
  return error.message.startsWith('no such overload')
    ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
    : `${error.message} evaluating rule: ${ruleText(rule)}`;
}

const nothing: RuleResult = { errors: [], warnings: [] };

/** Evaluates the rules of a schema over a value; `stored` is what it replaces. */
export function ruleErrors(object: unknown, stored: unknown, schema: JsonSchema): RuleResult {
  if (!hasRules(schema)) return nothing;
  const run = new RuleRun();
  const matched =
    stored === undefined ? undefined : { value: object, old: new Correlation(stored) };
  try {
    run.visit(object, schema, { path: '', old: stored ?? undefined, matched, isRoot: true });
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
  }
  return { errors: run.errors, warnings: run.warnings };
}
