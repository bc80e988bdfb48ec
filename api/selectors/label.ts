/**
 * Label selectors: the text form of `?labelSelector=` and `kubectl -l`, the `LabelSelector` object, and matching.
 *
 * Called by LIST and WATCH, controllers and the scheduler. Errors carry the texts of Kubernetes' parser.
 */
import { compareText } from '../compare-text.js';
import type { LabelSelector } from '../meta/v1/types.js';
import type { FieldError } from '../validation/field-error.js';
import { index, invalid, key as keyPath } from '../validation/field-error.js';
import { labelValueErrors, qualifiedNameErrors } from '../validation/names.js';
import type { LabelOperator, LabelToken, LabelTokenKind } from './label-lexer.js';
import { labelTokens } from './label-lexer.js';

export type Labels = Readonly<Record<string, string>>;

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, without duplicates. */
  readonly values: readonly string[];
}

/** All of the requirements must hold; an empty list matches everything, `nothing` matches nothing. */
export type LabelMatcher =
  { readonly requirements: readonly LabelRequirement[] } | { readonly nothing: true };

/** A selector that cannot be parsed; the message is Kubernetes' own. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}
/** Selects no object at all. */
export const nothing: LabelMatcher = { nothing: true };

const binaryOperators = 'in, notin, =, ==, !=, gt, lt';
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

const joined = (field: string, value: string, details: readonly string[]): FieldError[] =>
  details.length === 0 ? [] : [invalid(field, value, details.join('; '))];

const failIfAny = (errors: readonly FieldError[]): void => {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  if (texts.length === 0) return;
  throw new SelectorError(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
};

const integer = /^[+-]?[0-9]+$/;

/** Builds a requirement, checking key, values and their number against the operator. Throws `SelectorError`. */
function labelRequirement(
  key: string,
  operator: LabelOperator,
  unsorted: readonly string[],
): LabelRequirement {
  const values = sorted(unsorted);
  const errors = joined('key', key, qualifiedNameErrors(key));
  switch (operator) {
    case 'in':
    case 'notin':
      if (values.length === 0) {
        errors.push(
          invalid('values', [], "for 'in', 'notin' operators, values set can't be empty"),
        );
      }
      break;
    case '=':
    case '==':
    case '!=':
      if (values.length !== 1) {
        errors.push(
          invalid('values', values, 'exact-match compatibility requires one single value'),
        );
      }
      break;
    case 'gt':
    case 'lt':
      if (values.length !== 1) {
        errors.push(
          invalid('values', values, "for 'Gt', 'Lt' operators, exactly one value is required"),
        );
      }
      values.forEach((value, position) => {
        if (integer.test(value)) return;
        const path = index('values', position);
        errors.push(invalid(path, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      });
      break;
    case 'exists':
    case '!':
      if (values.length > 0) {
        errors.push(
          invalid('values', values, 'values set must be empty for exists and does not exist'),
        );
      }
      break;
  }
  values.forEach((value, position) => {
    errors.push(...joined(keyPath(index('values', position), key), value, labelValueErrors(value)));
  });
  failIfAny(errors);
  return { key, operator, values };
}

/** Recursive descent over the tokens; `in` and `notin` are plain words except where an operator is due. */
class Parser {
  readonly tokens: readonly LabelToken[];
  position = 0;

  constructor(tokens: readonly LabelToken[]) {
    this.tokens = tokens;
  }

  peek(asWord = true): LabelToken {
    const token = this.tokens[this.position] ?? { kind: 'end', text: '' };
    const isKeyword = token.kind === 'in' || token.kind === 'notin';
    return asWord && isKeyword ? { kind: 'word', text: token.text } : token;
  }

  take(asWord = true): LabelToken {
    const token = this.peek(asWord);
    this.position += 1;
    return token;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const next = this.peek();
      if (next.kind === 'end') return requirements;
      if (next.kind !== 'word' && next.kind !== '!') {
        throw new SelectorError(
          `found '${next.text}', expected: !, identifier, or 'end of string'`,
        );
      }
      requirements.push(this.requirement());
      const separator = this.take();
      if (separator.kind === 'end') return requirements;
      if (separator.kind !== ',') {
        throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const after = this.peek();
      if (after.kind !== 'word' && after.kind !== '!') {
        throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
      }
    }
  }

  requirement(): LabelRequirement {
    try {
      return this.requirementOrThrow();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  requirementOrThrow(): LabelRequirement {
    const negated = this.peek().kind === '!';
    if (negated) this.take();
    const { kind, text: key } = this.take();
    if (kind !== 'word') throw new SelectorError(`found '${key}', expected: identifier`);
    failIfAny(joined('<nil>', key, qualifiedNameErrors(key)));
    if (negated) return labelRequirement(key, '!', []);
    const next = this.peek().kind;
    if (next === 'end' || next === ',') return labelRequirement(key, 'exists', []);
    const operator = this.operator();
    const values =
      operator === 'in' || operator === 'notin' ? this.valueSet() : [this.exactValue()];
    return labelRequirement(key, operator, values);
  }

  operator(): LabelOperator {
    const { kind, text } = this.take(false);
    const operators: Partial<Record<LabelTokenKind, LabelOperator>> = {
      in: 'in',
      notin: 'notin',
      '=': '=',
      '==': '==',
      '!=': '!=',
      '>': 'gt',
      '<': 'lt',
    };
    const operator = operators[kind];
    if (operator !== undefined) return operator;
    throw new SelectorError(`found '${text}', expected: ${binaryOperators}`);
  }

  valueSet(): string[] {
    const open = this.take();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const next = this.peek();
    if (next.kind === ')') {
      this.take();
      return [''];
    }
    if (next.kind !== 'word' && next.kind !== ',') {
      throw new SelectorError(`found '${next.text}', expected: ',', ')' or identifier`);
    }
    const values = this.valueList();
    const close = this.take();
    if (close.kind !== ')') throw new SelectorError(`found '${close.text}', expected: ')'`);
    return values;
  }

  /** Values up to the closing parenthesis; a comma with nothing beside it stands for the empty value. */
  valueList(): string[] {
    const values: string[] = [];
    for (;;) {
      const { kind, text } = this.take();
      if (kind === 'word') {
        values.push(text);
        const next = this.peek();
        if (next.kind === ')') return values;
        if (next.kind !== ',') {
          throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
        }
      } else if (kind === ',') {
        if (values.length === 0) values.push('');
        const next = this.peek().kind;
        if (next === ')') return [...values, ''];
        if (next === ',') {
          this.take();
          values.push('');
        }
      } else {
        throw new SelectorError(`found '${text}', expected: ',', or identifier`);
      }
    }
  }

  exactValue(): string {
    const next = this.peek().kind;
    if (next === 'end' || next === ',') return '';
    const { kind, text } = this.take();
    if (kind === 'word') return text;
    throw new SelectorError(`found '${text}', expected: identifier`);
  }
}

/** Parses the text form. The empty text matches everything. Throws `SelectorError`. */
export function parseLabelSelector(text: string): LabelMatcher {
  const requirements = new Parser(labelTokens(text)).parse();
  // Kubernetes keeps requirements sorted by key, so that equal selectors print equally.
  return { requirements: requirements.sort((a, b) => compareText(a.key, b.key)) };
}

const objectOperators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;

/** A matcher from a `LabelSelector`: absent matches nothing, empty matches everything. Throws `SelectorError`. */
export function labelMatcherFrom(selector: LabelSelector | undefined): LabelMatcher {
  if (selector === undefined) return nothing;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([name, value]) =>
    labelRequirement(name, '=', [value]),
  );
  for (const { key: name, operator, values } of selector.matchExpressions ?? []) {
    const known = Object.hasOwn(objectOperators, operator);
    if (!known)
      throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    requirements.push(labelRequirement(name, objectOperators[operator], values ?? []));
  }
  return { requirements: requirements.sort((a, b) => compareText(a.key, b.key)) };
}

/** A matcher from a plain map, as Services and ReplicationControllers select. An empty map matches everything. */
export const labelMatcherFromMap = (labels: Labels | undefined): LabelMatcher => ({
  requirements: Object.entries(labels ?? {})
    .map(([name, value]): LabelRequirement => ({ key: name, operator: '=', values: [value] }))
    .sort((a, b) => compareText(a.key, b.key)),
});

function requirementMatches(requirement: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
    case 'lt':
      return compares(requirement, value);
  }
}

function compares(requirement: LabelRequirement, value: string | undefined): boolean {
  const limit = requirement.values[0] ?? '';
  if (value === undefined || !integer.test(value) || !integer.test(limit)) return false;
  const [left, right] = [BigInt(value.replace('+', '')), BigInt(limit.replace('+', ''))];
  return requirement.operator === 'gt' ? left > right : left < right;
}

/** Whether labels satisfy a matcher. Absent labels are like none. */
export const matchesLabels = (matcher: LabelMatcher, labels: Labels | undefined): boolean =>
  'requirements' in matcher &&
  matcher.requirements.every((requirement) => requirementMatches(requirement, labels ?? {}));

/** Whether a matcher accepts every set of labels, so that a list need not look at them. */
export const matchesEverything = (matcher: LabelMatcher): boolean =>
  'requirements' in matcher && matcher.requirements.length === 0;

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    case 'lt':
      return `${key}<${values[0] ?? ''}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${values[0] ?? ''}`;
  }
}

/** The text form, as `kubectl get -o wide` and the scale subresource show it. */
export const formatLabelMatcher = (matcher: LabelMatcher): string =>
  'requirements' in matcher ? matcher.requirements.map(formatRequirement).join(',') : '';

/** A `LabelSelector` in text form; `<none>` where it selects everything, as Kubernetes prints it. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  try {
    const text = formatLabelMatcher(labelMatcherFrom(selector));
    return text === '' ? '<none>' : text;
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}
