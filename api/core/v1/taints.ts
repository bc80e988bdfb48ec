/** Checks of taints, in the places where Kubernetes' validation of nodes looks. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { validateLabelName } from '../../validation/labels.js';
import { labelValueErrors } from '../../validation/names.js';
import type { Taint } from './types.js';

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;

/** Checks every taint by itself and that no two share key and effect. */
export function validateTaints(taints: readonly Taint[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  (taints ?? []).forEach((taint, position) => {
    const path = index(field, position);
    const { key = '', value = '', effect = '' } = taint as Partial<Taint>;
    errors.push(...validateLabelName(key, child(path, 'key')));
    const details = labelValueErrors(value).join(';');
    if (details !== '') errors.push(invalid(child(path, 'value'), value, details));
    if (effect === '') errors.push(required(child(path, 'effect')));
    else if (!taintEffects.some((known) => known === effect)) {
      errors.push(notSupported(child(path, 'effect'), effect, taintEffects));
    }
    const identity = `${effect}\n${key}`;
    if (effect !== '' && seen.has(identity)) {
      // Kubernetes shows the taint in the names it has inside.
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null };
      errors.push(duplicate(path, shown, 'taints must be unique by key and effect pair'));
    }
    seen.add(identity);
  });
  return errors;
}
