/** Checks of a list of conditions, with Kubernetes' texts. */
import type { Condition } from '../meta/v1/types.js';
import type { FieldError } from './field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  notSupported,
  required,
  tooLong,
} from './field-error.js';
import { validateLabelName } from './labels.js';
import { byteLength, conditionReasonErrors } from './names.js';

const statuses = ['False', 'True', 'Unknown'] as const;
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

function validateCondition(condition: Condition, field: string): FieldError[] {
  const { type, status, observedGeneration = 0, reason, message } = condition;
  // What the type requires may be missing: nothing has checked the object before.
  const { lastTransitionTime = '' } = condition as Partial<Condition>;
  const errors = validateLabelName(type, child(field, 'type'));
  if (!statuses.some((known) => known === status)) {
    errors.push(notSupported(child(field, 'status'), status, statuses));
  }
  if (observedGeneration < 0) {
    const path = child(field, 'observedGeneration');
    errors.push(invalid(path, observedGeneration, 'must be greater than or equal to zero'));
  }
  if (lastTransitionTime === '') {
    errors.push(required(child(field, 'lastTransitionTime'), 'must be set'));
  }
  const reasonPath = child(field, 'reason');
  if (reason === '') errors.push(required(reasonPath, 'must be set'));
  else {
    const details = conditionReasonErrors(reason);
    errors.push(...details.map((detail) => invalid(reasonPath, reason, detail)));
    if (byteLength(reason) > maxReasonBytes) errors.push(tooLong(reasonPath, maxReasonBytes));
  }
  if (byteLength(message) > maxMessageBytes) {
    errors.push(tooLong(child(field, 'message'), maxMessageBytes));
  }
  return errors;
}

/** Checks each condition and that no two have one type. */
export function validateConditions(
  conditions: readonly Condition[] | undefined,
  field: string,
): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, at) => {
    const path = index(field, at);
    const errors = seen.has(condition.type) ? [duplicate(child(path, 'type'), condition.type)] : [];
    seen.add(condition.type);
    return [...errors, ...validateCondition(condition, path)];
  });
}
