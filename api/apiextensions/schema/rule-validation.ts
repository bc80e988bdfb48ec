/** Whether the CEL rules of a schema can be: they compile, say something about their value, and cannot become too costly. */
import { estimateCost } from '../../cel/estimate.js';
import { estimatedRuleCostLimit, estimatedSchemaCostLimit } from '../../cel/limits.js';
import { times } from '../../cel/sizes.js';
import { CelCompileError } from '../../cel/source.js';
import { CelResultTypeError } from '../../cel/program.js';
import type { CelType } from '../../cel/types.js';
import {
  child,
  forbidden,
  index,
  invalid,
  key,
  notSupported,
  required,
} from '../../validation/field-error.js';
import type { FieldError } from '../../validation/field-error.js';
import { celTypeOf } from './cel-types.js';
import { FieldPathError, fieldPathIn } from './field-path.js';
import { itemsOf, valuesOf } from './json-schema.js';
import type { JsonSchema, ValidationRule } from './json-schema.js';
import { compileRule } from './rules.js';
import { maxCardinality } from './sizes.js';
import type { CompiledRule } from './rules.js';

/** How many rules are named where all together cost too much. */
const namedCosts = 4;

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
];

interface RuleCost {
  readonly field: string;
  readonly cost: number;
}

interface Place {
  readonly path: string;
  /** Set below lists and maps whose old elements cannot be matched with new ones: the path of the first of them. */
  readonly uncorrelatable: string | undefined;
  readonly isRoot: boolean;
  /** How many values there can be here; undefined where only the length of a request bounds it. */
  readonly count: number | undefined;
  /** What every rule costs. */
  readonly costs: RuleCost[];
  readonly isUnchanged: boolean;
}

const hasBreaks = (text: string): boolean => /[\r\n]/.test(text);

function wordErrors({ rule, message = '' }: ValidationRule, field: string): FieldError[] {
  const own = child(field, 'message');
  const [trimmedRule, trimmed] = [rule.trim(), message.trim()];
  if (trimmedRule === '') return [required(child(field, 'rule'), 'rule is not specified')];
  if (message !== '' && trimmed === '') {
    return [invalid(own, message, 'message must be non-empty if specified')];
  }
  if (hasBreaks(trimmed)) return [invalid(own, message, 'message must not contain line breaks')];
  return hasBreaks(trimmedRule) && trimmed === ''
    ? [required(own, 'message must be specified if rule contains line breaks')]
    : [];
}

function textErrors(rule: ValidationRule, field: string): FieldError[] {
  const errors = wordErrors(rule, field);
  const { messageExpression, reason } = rule;
  if (
    messageExpression !== undefined &&
    messageExpression !== '' &&
    messageExpression.trim() === ''
  ) {
    errors.push(
      required(
        child(field, 'messageExpression'),
        'messageExpression must be non-empty if specified',
      ),
    );
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(child(field, 'reason'), reason, reasons));
  }
  return errors;
}

function fieldPathErrors(rule: ValidationRule, schema: JsonSchema, field: string): FieldError[] {
  const { fieldPath } = rule;
  if (fieldPath === undefined || fieldPath === '') return [];
  const errors: FieldError[] = [];
  const refuse = (why: string): void => {
    errors.push(invalid(child(field, 'fieldPath'), fieldPath, why));
  };
  if (fieldPath.trim() === '') refuse('fieldPath must be non-empty if specified');
  if (hasBreaks(fieldPath)) refuse('fieldPath must not contain line breaks');
  if (!leadsSomewhere(fieldPath, schema)) refuse('fieldPath must be a valid path');
  return errors;
}

function leadsSomewhere(path: string, schema: JsonSchema): boolean {
  try {
    fieldPathIn(path, schema);
    return true;
  } catch (error) {
    if (error instanceof FieldPathError) return false;
    throw error;
  }
}

/** What is wrong with the texts of a schema's own rules, whatever they mean. */
export function ruleTextErrors(schema: JsonSchema, path: string): FieldError[] {
  const own = child(path, 'x-kubernetes-validations');
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, position) => {
    const field = index(own, position);
    return [...textErrors(rule, field), ...fieldPathErrors(rule, schema, field)];
  });
}

export interface RuleOptions {
  /** The schema was taken before, so that what a rule costs is no longer held against it. */
  readonly isUnchanged?: boolean;
}

function compileErrors(error: unknown, rule: ValidationRule, field: string): FieldError[] {
  if (error instanceof CelResultTypeError) {
    return [invalid(child(field, 'rule'), rule, 'cel expression must evaluate to a bool')];
  }
  if (!(error instanceof CelCompileError)) throw error;
  return [invalid(child(field, 'rule'), rule, `compilation failed: ${error.message}`)];
}

/** Compiles rule and message apart, so that a fault is said where it is. */
function compiled(
  rule: ValidationRule,
  { type, schema }: { readonly type: CelType; readonly schema: JsonSchema },
  field: string,
): { readonly rule?: CompiledRule; readonly errors: readonly FieldError[] } {
  const { messageExpression: _message, ...bare } = rule;
  let main: CompiledRule;
  try {
    main = compileRule(type, bare, schema);
  } catch (error) {
    return { errors: compileErrors(error, rule, field) };
  }
  try {
    return { rule: compileRule(type, rule, schema), errors: [] };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    const why =
      error instanceof CelResultTypeError
        ? 'must evaluate to a string'
        : `messageExpression compilation failed: ${error.message}`;
    return { rule: main, errors: [invalid(child(field, 'messageExpression'), rule, why)] };
  }
}

function transitionErrors(
  { rule, isTransition }: CompiledRule,
  field: string,
  { uncorrelatable }: Place,
): FieldError[] {
  const { optionalOldSelf } = rule;
  if (!isTransition) {
    if (optionalOldSelf === undefined) return [];
    const own = child(field, 'optionalOldSelf');
    return [invalid(own, optionalOldSelf, 'may not be set if oldSelf is not used in rule')];
  }
  if (uncorrelatable === undefined) return [];
  const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
  return [invalid(child(field, 'rule'), rule.rule, why)];
}

const hint =
  ' (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

/** How many times over the limit, as Kubernetes puts it. */
function excessText(cost: number, limit: number): string {
  const factor = cost / limit;
  if (factor > 100) return 'more than 100x';
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}

function costErrors(
  { program, message }: CompiledRule,
  { type, schema }: { readonly type: CelType; readonly schema: JsonSchema },
  field: string,
  { count, costs, isUnchanged }: Place,
): FieldError[] {
  const most = count ?? maxCardinality(schema);
  const estimates = [
    {
      name: 'rule',
      shown: 'estimated rule cost',
      cost: times(estimateCost(program.tree, type), most),
    },
    ...(message === undefined
      ? []
      : [
          {
            name: 'messageExpression',
            shown: 'estimated messageExpression cost',
            cost: estimateCost(message.tree, type),
          },
        ]),
  ];
  return estimates.flatMap(({ name, shown, cost }) => {
    costs.push({ field: child(field, name), cost });
    if (isUnchanged || cost <= estimatedRuleCostLimit) return [];
    const excess = excessText(cost, estimatedRuleCostLimit);
    return [forbidden(child(field, name), `${shown} exceeds budget by factor of ${excess}${hint}`)];
  });
}

function ruleErrors(schema: JsonSchema, place: Place): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const own = child(place.path, 'x-kubernetes-validations');
  const type = celTypeOf(schema, 'selfType', place.isRoot);
  if (type === undefined) {
    return [invalid(own, schema.type ?? '', 'rules are not supported on values without a type')];
  }
  return rules.flatMap((rule, position) => {
    const field = index(own, position);
    const result = compiled(rule, { type, schema }, field);
    if (result.rule === undefined) return result.errors;
    return [
      ...costErrors(result.rule, { type, schema }, field, place),
      ...result.errors,
      ...transitionErrors(result.rule, field, place),
    ];
  });
}

const multiplied = (count: number | undefined, most: number | undefined): number | undefined =>
  count === undefined || most === undefined ? undefined : count * Math.max(0, most);

function visit(schema: JsonSchema, place: Place): FieldError[] {
  const errors = ruleErrors(schema, place);
  const { path, uncorrelatable, count } = place;
  const inside = { ...place, isRoot: false };
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  if (items !== undefined) {
    const matches = schema['x-kubernetes-list-type'] === 'map';
    errors.push(
      ...visit(items, {
        ...inside,
        path: child(path, 'items'),
        uncorrelatable: uncorrelatable ?? (matches ? undefined : path),
        count: multiplied(count, schema.maxItems),
      }),
    );
  }
  if (values !== undefined) {
    const most = multiplied(count, schema.maxProperties);
    errors.push(
      ...visit(values, { ...inside, path: child(path, 'additionalProperties'), count: most }),
    );
  }
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic';
  const below = { ...inside, uncorrelatable: uncorrelatable ?? (isAtomic ? path : undefined) };
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    errors.push(...visit(part, { ...below, path: key(child(path, 'properties'), name) }));
  }
  return errors;
}

/** Rules that take less than a hundredth of what all may cost are not named. */
const leastNamedCost = estimatedSchemaCostLimit / 100;

/** What is wrong with the rules of a schema that is structural. */
export function ruleDeclarationErrors(
  schema: JsonSchema,
  path: string,
  { isUnchanged = false }: RuleOptions = {},
): FieldError[] {
  const costs: RuleCost[] = [];
  const root = { path, uncorrelatable: undefined, isRoot: true, count: 1, costs, isUnchanged };
  const errors = visit(schema, root);
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= estimatedSchemaCostLimit) return errors;
  const worst = costs
    .filter(({ cost }) => cost >= leastNamedCost)
    .sort((a, b) => b.cost - a.cost)
    .slice(0, namedCosts);
  const part =
    'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  const excess = excessText(total, estimatedSchemaCostLimit);
  const why = `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of ${excess}${hint}`;
  return [...errors, ...worst.map(({ field }) => forbidden(field, part)), forbidden(path, why)];
}
