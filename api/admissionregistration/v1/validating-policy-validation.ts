/** Checks of ValidatingAdmissionPolicy and its binding, in Kubernetes' words. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  invalidBecause,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import { checkExpression } from './expressions.js';
import type { ExpressionScope } from '../cel/environment.js';
import { maxAuditAnnotations, maxAuditExpressionBytes } from './limits.js';
import { policyScope, validateBindingSpec, validatePolicySpec } from './policy-rules.js';
import { isTooLong, oneOf } from './rule-validation.js';
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from './types.js';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];
const either = 'validations or auditAnnotations must contain at least one item';

const hasBreaks = (text: string): boolean => /[\r\n]/.test(text);

function validateMessage({ message = '' }: Validation, field: string): FieldError[] {
  const trimmed = message.trim();
  if (message !== '' && trimmed === '') {
    return [invalid(field, message, 'message must be non-empty if specified')];
  }
  return hasBreaks(trimmed)
    ? [invalid(field, message, 'message must not contain line breaks')]
    : [];
}

function validateValidation(
  validation: Validation,
  field: string,
  scope: ExpressionScope,
): FieldError[] {
  const { expression, messageExpression, reason } = validation;
  const path = (name: string): string => child(field, name);
  const errors: FieldError[] = [];
  if (expression.trim() === '') {
    errors.push(required(path('expression'), 'expression is not specified'));
  } else errors.push(...checkExpression(expression, path('expression'), { scope, type: 'bool' }));
  if (messageExpression !== undefined && messageExpression !== '') {
    const messagePath = path('messageExpression');
    if (messageExpression.trim() === '') {
      errors.push(invalid(messagePath, messageExpression, 'must be non-empty if specified'));
    } else {
      const options = { scope: { ...scope, authorizer: false }, type: 'string' } as const;
      errors.push(...checkExpression(messageExpression, messagePath, options));
    }
  }
  errors.push(...validateMessage(validation, path('message')));
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(path('reason'), reason, reasons));
  }
  return errors;
}

function validateAnnotation(
  { key, valueExpression }: AuditAnnotation,
  field: string,
  context: { readonly policyName: string; readonly scope: ExpressionScope },
): FieldError[] {
  const { policyName, scope } = context;
  const path = child(field, 'valueExpression');
  const keyPath = child(field, 'key');
  const fullKey = `${policyName}/${key}`;
  const errors =
    policyName === ''
      ? [invalid(keyPath, key, 'requires metadata.name be non-empty')]
      : invalidBecause(keyPath, fullKey, qualifiedNameErrors(fullKey));
  if (valueExpression.trim() === '') {
    errors.push(required(path, 'valueExpression is not specified'));
  } else if (isTooLong(valueExpression.trim(), maxAuditExpressionBytes)) {
    const limit = String(maxAuditExpressionBytes);
    errors.push(required(path, `must not exceed ${limit} bytes in length`));
  } else {
    errors.push(...checkExpression(valueExpression, path, { scope, type: 'string or null' }));
  }
  return errors;
}

function validateAnnotations(
  annotations: readonly AuditAnnotation[],
  field: string,
  context: { readonly policyName: string; readonly scope: ExpressionScope },
): FieldError[] {
  const errors =
    annotations.length > maxAuditAnnotations
      ? [
          invalid(
            field,
            annotations,
            `must not have more than ${String(maxAuditAnnotations)} auditAnnotations`,
          ),
        ]
      : [];
  const seen = new Set<string>();
  for (const [position, annotation] of annotations.entries()) {
    const path = index(field, position);
    errors.push(...validateAnnotation(annotation, path, context));
    if (seen.has(annotation.key)) errors.push(duplicate(child(path, 'key'), annotation.key));
    seen.add(annotation.key);
  }
  return errors;
}

/** Checks a policy, its expressions included. */
export function validateValidatingPolicy(policy: ValidatingAdmissionPolicy): FieldError[] {
  const { spec } = policy;
  const { validations = [], auditAnnotations = [] } = spec;
  const errors = validatePolicySpec(spec, 'spec');
  if (validations.length + auditAnnotations.length === 0) {
    const empty = ['validations', 'auditAnnotations'];
    return [...errors, ...empty.map((name) => required(child('spec', name), either))];
  }
  const scope = policyScope(spec);
  const context = { policyName: policy.metadata.name, scope };
  return [
    ...errors,
    ...validations.flatMap((validation, position) =>
      validateValidation(validation, index('spec.validations', position), scope),
    ),
    ...validateAnnotations(auditAnnotations, 'spec.auditAnnotations', context),
  ];
}

/** Checks what puts a policy in force. */
export function validateValidatingBinding(binding: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { spec } = binding;
  const list = spec.validationActions;
  const field = 'spec.validationActions';
  const errors = validateBindingSpec(spec, 'spec');
  for (const [position, action] of list.entries()) {
    const path = index(field, position);
    errors.push(...oneOf(path, action, actions));
    if (list.indexOf(action) < position) errors.push(duplicate(path, action));
  }
  if (list.some((action) => action === 'Deny') && list.some((action) => action === 'Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(field, list, why));
  }
  if (list.length === 0) {
    errors.push(required(field, 'at least one validation action is required'));
  }
  return errors;
}
