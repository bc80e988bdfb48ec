/** Whether the CEL rules of a schema can be: they compile, say something about their value, and cannot become too costly. */
import { estimateCost } from '../../cel/estimate.js';
import {
  estimatedRuleCostLimit,
  estimatedSchemaCostLimit,
  estimateTolerance,
} from '../../cel/limits.js';
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
import { itemsOf, valuesOf } from './json-schema.js';
import type { JsonSchema, ValidationRule } from './json-schema.js';
import { compileRule } from './rules.js';
import { maxCardinality } from './sizes.js';
import type { CompiledRule } from './rules.js';

const reasons = [
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
  'FieldValueDuplicate',
];

const maxMessageLength = 2048;

interface Place {
  readonly path: string;
  /** Set below lists and maps whose old elements cannot be matched with new ones: the path of the first of them. */
  readonly uncorrelatable: string | undefined;
  readonly isRoot: boolean;
  /** How many values there can be here; undefined where only the length of a request bounds it. */
  readonly count: number | undefined;
  /** Adds up what all rules cost. */
  readonly total: { cost: number };
}

function textErrors(rule: ValidationRule, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (rule.rule.trim() === '') errors.push(required(child(field, 'rule'), 'rule is not specified'));
  const { message, messageExpression, reason } = rule;
  if (message !== undefined && message !== '') {
    const own = child(field, 'message');
    if (message.trim() === '')
      errors.push(invalid(own, message, 'message must be non-empty if specified'));
    else if (message.includes('\n'))
      errors.push(invalid(own, message, 'message must not contain line breaks'));
    else if (message.length > maxMessageLength) {
      errors.push(
        invalid(
          own,
          message,
          `message must have a maximum length of ${String(maxMessageLength)} characters`,
        ),
      );
    }
  } else if (rule.rule.includes('\n') && (messageExpression ?? '') === '') {
    errors.push(
      required(child(field, 'message'), 'message must be specified if rule contains line breaks'),
    );
  }
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
  const own = child(field, 'fieldPath');
  const names = [...fieldPath.matchAll(/\.([^.[]+)|\['([^']*)'\]/g)];
  if (!fieldPath.startsWith('.') && !fieldPath.startsWith('[')) {
    return [
      invalid(
        own,
        fieldPath,
        'fieldPath must be a valid path: expected [ or . but got: ' + fieldPath.slice(0, 20),
      ),
    ];
  }
  let found: JsonSchema | undefined = schema;
  for (const match of names) {
    const name = match[1] ?? match[2] ?? '';
    found = found?.properties?.[name] ?? (found === undefined ? undefined : valuesOf(found));
  }
  const isWhole = names.map(([part]) => part).join('') === fieldPath;
  return isWhole && found !== undefined
    ? []
    : [invalid(own, fieldPath, 'fieldPath must be a valid path: does not refer to a valid field')];
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
  type: CelType,
  field: string,
): { readonly rule?: CompiledRule; readonly errors: readonly FieldError[] } {
  const { messageExpression: _message, ...bare } = rule;
  let main: CompiledRule;
  try {
    main = compileRule(type, bare);
  } catch (error) {
    return { errors: compileErrors(error, rule, field) };
  }
  try {
    return { rule: compileRule(type, rule), errors: [] };
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
  if (rule.optionalOldSelf === true && !isTransition) {
    const own = child(field, 'optionalOldSelf');
    return [invalid(own, true, 'may not be set if oldSelf is not used in rule')];
  }
  if (!isTransition || uncorrelatable === undefined) return [];
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
  { program }: CompiledRule,
  schema: JsonSchema,
  field: string,
  { count, total }: Place,
): FieldError[] {
  const cost = estimateCost(program.tree) * (count ?? maxCardinality(schema));
  total.cost += cost;
  if (cost <= estimatedRuleCostLimit * estimateTolerance) return [];
  const excess = excessText(cost, estimatedRuleCostLimit);
  const why = `estimated rule cost exceeds budget by factor of ${excess}${hint}`;
  return [forbidden(child(field, 'rule'), why)];
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
    const errors = [...textErrors(rule, field), ...fieldPathErrors(rule, schema, field)];
    if (rule.rule.trim() === '') return errors;
    const result = compiled(rule, type, field);
    return [
      ...errors,
      ...result.errors,
      ...(result.rule === undefined
        ? []
        : [
            ...transitionErrors(result.rule, field, place),
            ...costErrors(result.rule, schema, field, place),
          ]),
    ];
  });
}

const times = (count: number | undefined, most: number | undefined): number | undefined =>
  count === undefined || most === undefined ? undefined : count * most;

function visit(schema: JsonSchema, place: Place): FieldError[] {
  const errors = ruleErrors(schema, place);
  const { path, uncorrelatable, count, total } = place;
  const items = itemsOf(schema);
  const values = valuesOf(schema);
  const isAtomicMap = schema['x-kubernetes-map-type'] === 'atomic';
  if (items !== undefined) {
    const matches = schema['x-kubernetes-list-type'] === 'map';
    errors.push(
      ...visit(items, {
        path: child(path, 'items'),
        uncorrelatable: uncorrelatable ?? (matches ? undefined : path),
        isRoot: false,
        count: times(count, schema.maxItems),
        total,
      }),
    );
  }
  const below = {
    uncorrelatable: uncorrelatable ?? (isAtomicMap ? path : undefined),
    isRoot: false,
    total,
  };
  if (values !== undefined) {
    const most = times(count, schema.maxProperties);
    errors.push(
      ...visit(values, { ...below, path: child(path, 'additionalProperties'), count: most }),
    );
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    errors.push(...visit(part, { ...below, path: key(child(path, 'properties'), name), count }));
  }
  return errors;
}

/** What is wrong with the rules of a schema that is structural. */
export function ruleDeclarationErrors(schema: JsonSchema, path: string): FieldError[] {
  const total = { cost: 0 };
  const errors = visit(schema, { path, uncorrelatable: undefined, isRoot: true, count: 1, total });
  if (total.cost <= estimatedSchemaCostLimit * estimateTolerance) return errors;
  const excess = excessText(total.cost, estimatedSchemaCostLimit);
  const why = `x-kubernetes-validations estimated rule & messageExpression cost total for entire OpenAPIv3 schema exceeds budget by factor of ${excess}${hint}`;
  return [...errors, forbidden(path, why)];
}
