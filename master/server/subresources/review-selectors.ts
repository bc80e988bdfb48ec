/** The selectors that access reviews ask about, in the text form that requests have. */
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
} from '../../../api/authorization/v1/types.js';
import { fieldRequirementText } from '../../../api/selectors/field.js';
import {
  formatLabelMatcher,
  labelMatcherFrom,
  SelectorError,
} from '../../../api/selectors/label.js';

const isGiven = (text: string | undefined): text is string => text !== undefined && text !== '';

/** A text where anything is left of the requirements; those without a text form narrow nothing. */
const joined = (parts: readonly string[]): string | undefined =>
  parts.length === 0 ? undefined : parts.join(',');

/** Fields are compared with one value only. */
export function askedFieldSelector(
  selector: FieldSelectorAttributes | undefined,
): string | undefined {
  if (isGiven(selector?.rawSelector)) return selector.rawSelector;
  return joined(
    (selector?.requirements ?? []).flatMap(({ key: field, operator, values = [] }) => {
      const [value, ...others] = values;
      if (value === undefined || others.length > 0) return [];
      if (operator !== 'In' && operator !== 'NotIn') return [];
      return [fieldRequirementText({ field, operator: operator === 'In' ? '=' : '!=', value })];
    }),
  );
}

/** Operators this version does not know are left out. */
export function askedLabelSelector(
  selector: LabelSelectorAttributes | undefined,
): string | undefined {
  if (isGiven(selector?.rawSelector)) return selector.rawSelector;
  return joined(
    (selector?.requirements ?? []).flatMap((requirement) => {
      try {
        return [formatLabelMatcher(labelMatcherFrom({ matchExpressions: [requirement] }))];
      } catch (error) {
        if (error instanceof SelectorError) return [];
        throw error;
      }
    }),
  );
}
