/** Checks of MutatingAdmissionPolicy and its binding, in Kubernetes' words. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { checkExpression } from './expressions.js';
import type { ExpressionScope } from '../cel/environment.js';
import { policyScope, validateBindingSpec, validatePolicySpec } from './policy-rules.js';
import { oneOf, reinvocationPolicies } from './rule-validation.js';
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingAdmissionPolicySpec,
  Mutation,
} from './types.js';

const patchTypes = ['ApplyConfiguration', 'JSONPatch'];

const fieldOf = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;
const typeOf = { ApplyConfiguration: 'object', JSONPatch: 'json patch' } as const;

function validateMutation(mutation: Mutation, field: string, scope: ExpressionScope): FieldError[] {
  const { patchType } = mutation as Partial<Mutation>;
  const typePath = child(field, 'patchType');
  if (patchType === undefined || (patchType as string) === '') return [required(typePath)];
  if (!patchTypes.includes(patchType)) return [notSupported(typePath, patchType, patchTypes)];
  const own = fieldOf[patchType];
  const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const errors: FieldError[] = [];
  if (mutation[other] !== undefined) {
    const why = `must not be set when patchType is ${patchType}`;
    errors.push(forbidden(child(field, other), why));
  }
  const part = mutation[own];
  if (part === undefined) {
    const why = `must be specified when patchType is ${patchType}`;
    return [...errors, required(child(field, own), why)];
  }
  const path = child(field, own, 'expression');
  const { expression = '' } = part;
  if (expression.trim() === '') {
    return [...errors, required(path, 'expression is not specified')];
  }
  return [...errors, ...checkExpression(expression, path, { scope, type: typeOf[patchType] })];
}

/** A mutation needs an object to change, so it cannot be about deletions. */
function validateOperations({ matchConstraints }: MutatingAdmissionPolicySpec): FieldError[] {
  const rules = matchConstraints?.resourceRules ?? [];
  return rules.flatMap(({ operations = [] }, rule) =>
    operations.flatMap((operation, position) => {
      if (operation !== 'DELETE') return [];
      const list = child(index('spec.matchConstraints.resourceRules', rule), 'operations');
      return [notSupported(index(list, position), operation, ['*', 'CONNECT', 'CREATE', 'UPDATE'])];
    }),
  );
}

/** Checks a policy, its expressions included. */
export function validateMutatingPolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { mutations = [], reinvocationPolicy = '', variables = [] } = spec;
  const scope = policyScope(spec);
  const path = 'spec.reinvocationPolicy';
  const names = variables.map(({ name }) => name);
  return [
    ...validatePolicySpec(spec, 'spec'),
    ...names.flatMap((name, position) =>
      names.indexOf(name) < position
        ? [invalid(child(index('spec.variables', position), 'name'), name, 'is declared twice')]
        : [],
    ),
    ...validateOperations(spec),
    ...(mutations.length === 0
      ? [required('spec.mutations', 'mutations must contain at least one item')]
      : []),
    ...mutations.flatMap((mutation, position) =>
      validateMutation(mutation, index('spec.mutations', position), scope),
    ),
    ...(reinvocationPolicy === ''
      ? [required(path)]
      : oneOf(path, reinvocationPolicy, reinvocationPolicies)),
  ];
}

/** Checks what puts a policy in force. */
export const validateMutatingBinding = ({ spec }: MutatingAdmissionPolicyBinding): FieldError[] =>
  validateBindingSpec(spec, 'spec');
