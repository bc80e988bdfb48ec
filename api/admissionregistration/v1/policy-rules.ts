/** Defaults and validation that validating and mutating policies and their bindings share. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentNameErrors,
} from '../../validation/names.js';
import { keywords } from '../../cel/words.js';
import type { ExpressionScope } from '../cel/environment.js';
import { checkExpression, variableTypes } from './expressions.js';
import {
  failurePolicies,
  oneOf,
  validateMatchConditions,
  validateMatchResources,
} from './rule-validation.js';
import type { MatchResources, ParamKind, ParamRef, Variable } from './types.js';
import type { MutatingAdmissionPolicySpec, ValidatingAdmissionPolicySpec } from './types.js';

type Spec = Partial<ValidatingAdmissionPolicySpec> & Partial<MutatingAdmissionPolicySpec>;

/** Fills in what a match leaves out. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of match.resourceRules ?? []) rule.scope ??= '*';
  for (const rule of match.excludeResourceRules ?? []) rule.scope ??= '*';
}

const details = (field: string, value: string, errors: readonly string[]): FieldError[] =>
  errors.map((detail) => invalid(field, value, detail));

/** All that is wrong with a value as one error. */
const together = (field: string, value: string, errors: readonly string[]): FieldError[] =>
  errors.length === 0 ? [] : [invalid(field, value, errors.join(','))];

function validateGroupVersion(apiVersion: string, field: string): FieldError[] {
  const parts = apiVersion.split('/');
  if (parts.length > 2) {
    return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const version = parts.at(-1) ?? '';
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  return [
    ...(group === '' ? [] : together(field, group, dns1123SubdomainErrors(group))),
    ...(version === ''
      ? [invalid(field, apiVersion, 'version must be specified')]
      : together(field, version, dns1035LabelErrors(version))),
  ];
}

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, field: string): FieldError[] {
  const [versionPath, kindPath] = [child(field, 'apiVersion'), child(field, 'kind')];
  const wrong = dns1035LabelErrors(kind.toLowerCase());
  const start = 'may have mixed case, but should otherwise match: ';
  return [
    ...(apiVersion === ''
      ? [required(versionPath)]
      : validateGroupVersion(apiVersion, versionPath)),
    ...(kind === ''
      ? [required(kindPath)]
      : wrong.length > 0
        ? [invalid(kindPath, kind, start + wrong.join(','))]
        : []),
  ];
}

/** What the expressions of a policy find; `declared` are the variables declared before. */
export function policyScope(
  spec: Spec,
  declared: readonly Variable[] = spec.variables ?? [],
): ExpressionScope {
  const scope: ExpressionScope = {
    params: spec.paramKind !== undefined,
    authorizer: true,
    namespaceObject: true,
    variables: undefined,
    ...(spec.mutations === undefined ? {} : { mutation: true }),
  };
  return { ...scope, variables: variableTypes(declared, scope) };
}

const celName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function validateVariable(
  { name, expression }: Variable,
  field: string,
  scope: ExpressionScope,
): FieldError[] {
  const [namePath, expressionPath] = [child(field, 'name'), child(field, 'expression')];
  const named =
    name.trim() === ''
      ? [required(namePath, 'name is not specified')]
      : celName.test(name) && !keywords.has(name)
        ? []
        : [invalid(namePath, name, 'name is not a valid CEL identifier')];
  return [
    ...named,
    ...(expression.trim() === ''
      ? [required(expressionPath, 'expression is not specified')]
      : checkExpression(expression, expressionPath, { scope, type: 'any' })),
  ];
}

/** The parts of a policy that both kinds have. */
export function validatePolicySpec(spec: Spec, field: string): FieldError[] {
  const path = (name: string): string => child(field, name);
  const { failurePolicy, paramKind, matchConstraints, variables = [] } = spec;
  const scope = policyScope(spec, []);
  return [
    ...(failurePolicy === undefined
      ? [required(path('failurePolicy'))]
      : oneOf(path('failurePolicy'), failurePolicy, failurePolicies)),
    ...(paramKind === undefined ? [] : validateParamKind(paramKind, path('paramKind'))),
    ...validateConstraints(matchConstraints, path('matchConstraints')),
    ...validateMatchConditions(
      spec.matchConditions,
      path('matchConditions'),
      (expression, expressionPath) =>
        checkExpression(expression, expressionPath, { scope, type: 'bool' }),
    ),
    ...variables.flatMap((variable, position) =>
      validateVariable(
        variable,
        index(path('variables'), position),
        policyScope(spec, variables.slice(0, position)),
      ),
    ),
  ];
}

function validateConstraints(match: MatchResources | undefined, field: string): FieldError[] {
  if (match === undefined) return [required(field)];
  return [
    ...validateMatchResources(match, field),
    ...((match.resourceRules ?? []).length === 0 ? [required(child(field, 'resourceRules'))] : []),
  ];
}

const exclusive = '`name` and `selector` are mutually exclusive';

function validateParamRef(reference: ParamRef, field: string): FieldError[] {
  const { name = '', selector, parameterNotFoundAction: action = '' } = reference;
  const path = (part: string): string => child(field, part);
  const errors: FieldError[] = [];
  if (name !== '') {
    errors.push(...details(path('name'), name, pathSegmentNameErrors(name)));
    if (selector !== undefined) errors.push(forbidden(path('name'), exclusive));
  }
  if (selector !== undefined) {
    errors.push(...validateLabelSelector(selector, path('selector')));
    if (name !== '') errors.push(forbidden(path('selector'), exclusive));
  }
  if (name === '' && selector === undefined) {
    errors.push(required(field, 'one of `name` or `selector` must be specified'));
  }
  const allowed = ['Allow', 'Deny'];
  if (action === '') errors.push(required(path('parameterNotFoundAction')));
  else if (!allowed.includes(action)) {
    errors.push(notSupported(path('parameterNotFoundAction'), action, allowed));
  }
  return errors;
}

/** The parts of a binding that both kinds have. */
export function validateBindingSpec(
  spec: {
    readonly policyName?: string | undefined;
    readonly paramRef?: ParamRef | undefined;
    readonly matchResources?: MatchResources | undefined;
  },
  field: string,
): FieldError[] {
  const { policyName = '', paramRef, matchResources } = spec;
  const namePath = child(field, 'policyName');
  return [
    ...(policyName === ''
      ? [required(namePath)]
      : details(namePath, policyName, dns1123SubdomainErrors(policyName))),
    ...(paramRef === undefined ? [] : validateParamRef(paramRef, child(field, 'paramRef'))),
    ...(matchResources === undefined
      ? []
      : validateMatchResources(matchResources, child(field, 'matchResources'))),
  ];
}
