/** Checks of what webhooks and policies match, in Kubernetes' words. */
import {
  byteLength,
  dns1123SubdomainErrors,
  pathSegmentNameErrors,
  qualifiedNameErrors,
} from '../../validation/names.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { maxMatchConditions } from './limits.js';
import type { MatchCondition, MatchResources, NamedRuleWithOperations } from './types.js';

/** The values of `failurePolicy`. */
export const failurePolicies = ['Fail', 'Ignore'];
/** The values of `matchPolicy`. */
export const matchPolicies = ['Equivalent', 'Exact'];
/** The values of `reinvocationPolicy`. */
export const reinvocationPolicies = ['IfNeeded', 'Never'];
const scopes = ['*', 'Cluster', 'Namespaced'];
const allOperations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** A rule as either kind of configuration writes it; anything may be missing. */
export interface Rule {
  readonly operations?: readonly string[] | undefined;
  readonly apiGroups?: readonly string[] | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly scope?: string | undefined;
}

/** An absent value is fine here; whether it may be absent is for the caller to say. */
export const oneOf = (
  field: string,
  value: string | undefined,
  allowed: readonly string[],
): FieldError[] =>
  value === undefined || allowed.includes(value) ? [] : [notSupported(field, value, allowed)];

function validateWildcard(
  values: readonly string[] | undefined,
  field: string,
  what: string,
): FieldError[] {
  const list = values ?? [];
  if (list.length === 0) return [required(field)];
  return list.length > 1 && list.includes('*')
    ? [invalid(field, list, `if '*' is present, must not specify other ${what}`)]
    : [];
}

function validateResources(resources: readonly string[] | undefined, field: string): FieldError[] {
  const list = resources ?? [];
  if (list.length === 0) return [required(field)];
  const errors: FieldError[] = [];
  const wholeOf = new Set<string>();
  const partOfAll = new Set<string>();
  // As in Kubernetes, the last resource without a subresource decides.
  let endsPlain = false;
  for (const [position, text] of list.entries()) {
    const path = index(field, position);
    if (text === '') errors.push(required(path));
    const slash = text.indexOf('/');
    if (slash === -1) {
      endsPlain = text !== '*';
      continue;
    }
    const [resource, part] = [text.slice(0, slash), text.slice(slash + 1)];
    if (wholeOf.has(resource)) {
      errors.push(invalid(path, text, `if '${resource}/*' is present, must not specify ${text}`));
    }
    if (partOfAll.has(part)) {
      errors.push(invalid(path, text, `if '*/${part}' is present, must not specify ${text}`));
    }
    if (part === '*') wholeOf.add(resource);
    if (resource === '*') partOfAll.add(part);
  }
  if (list.length > 1 && list.includes('*/*')) {
    errors.push(invalid(field, list, "if '*/*' is present, must not specify other resources"));
  }
  if (list.includes('*') && endsPlain) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(field, list, why));
  }
  return errors;
}

/** Checks operations, groups, versions and resources of a rule. */
export function validateRule(rule: Rule, field: string): FieldError[] {
  const { operations, apiGroups, apiVersions } = rule;
  const path = (name: string): string => child(field, name);
  return [
    ...validateWildcard(operations, path('operations'), 'operations'),
    ...(operations ?? []).flatMap((operation, position) =>
      oneOf(index(path('operations'), position), operation, allOperations),
    ),
    ...validateWildcard(apiGroups, path('apiGroups'), 'API groups'),
    ...validateWildcard(apiVersions, path('apiVersions'), 'API versions'),
    ...(apiVersions ?? []).flatMap((version, position) =>
      version === '' ? [required(index(path('apiVersions'), position))] : [],
    ),
    ...validateResources(rule.resources, path('resources')),
    ...oneOf(path('scope'), rule.scope, scopes),
  ];
}

function validateNamedRule(rule: NamedRuleWithOperations, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, name] of (rule.resourceNames ?? []).entries()) {
    const path = index(child(field, 'resourceNames'), position);
    errors.push(...pathSegmentNameErrors(name).map((detail) => invalid(path, name, detail)));
    if (seen.has(name)) errors.push(duplicate(path, name));
    seen.add(name);
  }
  return [...errors, ...validateRule(rule, field)];
}

/** The match of a policy or binding; defaulting has filled in its selectors. */
export function validateMatchResources(match: MatchResources, field: string): FieldError[] {
  const path = (name: string): string => child(field, name);
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  return [
    ...(matchPolicy === undefined
      ? [required(path('matchPolicy'))]
      : oneOf(path('matchPolicy'), matchPolicy, matchPolicies)),
    ...(namespaceSelector === undefined ? [required(path('namespaceSelector'))] : []),
    ...validateLabelSelector(namespaceSelector, path('namespaceSelector')),
    ...(objectSelector === undefined ? [required(path('objectSelector'))] : []),
    ...validateLabelSelector(objectSelector, path('objectSelector')),
    ...(match.resourceRules ?? []).flatMap((rule, position) =>
      validateNamedRule(rule, index(path('resourceRules'), position)),
    ),
    ...(match.excludeResourceRules ?? []).flatMap((rule, position) =>
      validateNamedRule(rule, index(path('excludeResourceRules'), position)),
    ),
  ];
}

/** Checks names and presence of match conditions; `checkExpression` says what is wrong with an expression. */
export function validateMatchConditions(
  conditions: readonly Partial<MatchCondition>[] | undefined,
  field: string,
  checkExpression: (expression: string, field: string) => readonly FieldError[],
): FieldError[] {
  const list = conditions ?? [];
  const errors =
    list.length > maxMatchConditions ? [tooMany(field, list.length, maxMatchConditions)] : [];
  const seen = new Set<string>();
  for (const [position, { name = '', expression = '' }] of list.entries()) {
    const path = index(field, position);
    const expressionPath = child(path, 'expression');
    if (expression.trim() === '') errors.push(required(expressionPath));
    else errors.push(...checkExpression(expression, expressionPath));
    const namePath = child(path, 'name');
    if (name === '') errors.push(required(namePath));
    else errors.push(...qualifiedNameErrors(name).map((detail) => invalid(namePath, name, detail)));
    if (name !== '' && seen.has(name)) errors.push(duplicate(namePath, name));
    seen.add(name);
  }
  return errors;
}

/** A name with a domain of its own, such as `check.example.com`. */
export function validateWebhookName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const details = dns1123SubdomainErrors(name);
  if (details.length > 0) return [invalid(field, name, details.join(','))];
  return name.split('.').length < 3
    ? [invalid(field, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

/** Whether a text takes more bytes of UTF-8 than that. */
export const isTooLong = (text: string, maxBytes: number): boolean => byteLength(text) > maxBytes;
