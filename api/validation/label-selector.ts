/** Checks of `LabelSelector` objects, with Kubernetes' texts. */
import type { LabelSelector, LabelSelectorRequirement } from '../meta/v1/types.js';
import type { FieldError } from './field-error.js';
import { child, forbidden, index, invalid, required } from './field-error.js';
import { validateLabelName, validateLabels } from './labels.js';
import { labelValueErrors } from './names.js';

function validateRequirement(requirement: LabelSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(
          required(child(field, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"),
        );
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(
          forbidden(
            child(field, 'values'),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
      break;
    default:
      errors.push(
        invalid(child(field, 'operator'), requirement.operator, 'not a valid selector operator'),
      );
  }
  errors.push(...validateLabelName(requirement.key, child(field, 'key')));
  values.forEach((value, position) => {
    const path = index(child(field, 'values'), position);
    errors.push(...labelValueErrors(value).map((detail) => invalid(path, value, detail)));
  });
  return errors;
}

/** Checks a selector; an absent one has nothing wrong with it. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  field: string,
): FieldError[] {
  if (selector === undefined) return [];
  return [
    ...validateLabels(selector.matchLabels, child(field, 'matchLabels')),
    ...(selector.matchExpressions ?? []).flatMap((requirement, position) =>
      validateRequirement(requirement, index(child(field, 'matchExpressions'), position)),
    ),
  ];
}
