/** What is allowed in the reviews of authorization.k8s.io. Called by their resources. */
import type { FieldError } from '../../validation/field-error.js';
import { child, forbidden, index, invalid, required } from '../../validation/field-error.js';
import { labelValueErrors, qualifiedNameErrors } from '../../validation/names.js';
import type {
  FieldSelectorRequirement,
  LabelSelectorRequirement,
  ObjectMeta,
} from '../../meta/v1/types.js';
import type {
  LocalSubjectAccessReview,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from './types.js';

const exactlyOne = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
const nothing = 'must be empty';
const onlyNamespace = 'must be empty except for namespace';
const notTogether = 'cannot be specified in combination with resourceAttributes';

function validateAttributes(spec: SelfSubjectAccessReviewSpec): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    return [invalid('spec.nonResourceAttributes', nonResourceAttributes, notTogether)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    return [invalid('spec.resourceAttributes', undefined, exactlyOne)];
  }
  return [];
}

type Requirement = FieldSelectorRequirement | LabelSelectorRequirement;

/** Operators that are not known are left to those who decide. */
function validateRequirement(
  { key, operator, values = [] }: Requirement,
  at: string,
  isLabel: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const valuesAt = child(at, 'values');
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    errors.push(required(valuesAt, "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    errors.push(
      forbidden(valuesAt, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    );
  }
  if (!isLabel)
    return key === '' ? [required(child(at, 'key'), 'must be specified'), ...errors] : errors;
  errors.push(...qualifiedNameErrors(key).map((why) => invalid(child(at, 'key'), key, why)));
  values.forEach((value, position) => {
    const why = labelValueErrors(value);
    errors.push(...why.map((one) => invalid(index(valuesAt, position), value, one)));
  });
  return errors;
}

/** A selector is given in text or in requirements, not in both. */
function validateSelectors(attributes: ResourceAttributes | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (attributes === undefined) return errors;
  for (const name of ['fieldSelector', 'labelSelector'] as const) {
    const selector = attributes[name];
    if (selector === undefined) continue;
    const field = child('spec.resourceAttributes', name);
    const raw = selector.rawSelector ?? '';
    const count = selector.requirements?.length ?? 0;
    if (raw !== '' && count > 0) {
      errors.push(
        invalid(
          child(field, 'rawSelector'),
          raw,
          'may not specified at the same time as requirements',
        ),
      );
    } else if (raw === '' && count === 0) {
      const why = `when ${field} is specified, requirements or rawSelector is required`;
      errors.push(required(child(field, 'requirements'), why));
    }
    const requirements: readonly Requirement[] = selector.requirements ?? [];
    requirements.forEach((requirement, position) => {
      const at = index(child(field, 'requirements'), position);
      errors.push(...validateRequirement(requirement, at, name === 'labelSelector'));
    });
  }
  return errors;
}

function validateSubjectSpec(spec: SubjectAccessReviewSpec): FieldError[] {
  const anonymous = (spec.user ?? '') === '' && (spec.groups ?? []).length === 0;
  return [
    ...validateAttributes(spec),
    ...(anonymous
      ? [invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified')]
      : []),
    ...validateSelectors(spec.resourceAttributes),
  ];
}

/** Whether Go would take the value for one that is not set. */
const isUnset = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  value === 0 ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Reviews are not stored, so there is nothing to say about them but where they are asked. */
function validateMetadata(metadata: ObjectMeta | undefined, detail: string): FieldError[] {
  const { managedFields: _kept, namespace, ...others } = metadata ?? {};
  const isEmpty =
    Object.values(others).every(isUnset) && (detail === onlyNamespace || isUnset(namespace));
  return isEmpty ? [] : [invalid('metadata', metadata, detail)];
}

const specOf = <T extends object>(spec: T | undefined): Partial<T> => spec ?? {};

/** Checks who is asked about and what. */
export const validateSubjectAccessReview = (object: SubjectAccessReview): FieldError[] => [
  ...validateSubjectSpec(specOf(object.spec)),
  ...validateMetadata(object.metadata, nothing),
];

/** Checks what is asked about. */
export function validateSelfSubjectAccessReview(object: SelfSubjectAccessReview): FieldError[] {
  const spec: SelfSubjectAccessReviewSpec = specOf(object.spec);
  return [
    ...validateAttributes(spec),
    ...validateSelectors(spec.resourceAttributes),
    ...validateMetadata(object.metadata, nothing),
  ];
}

/** As for any subject, within the namespace of the request. */
export function validateLocalSubjectAccessReview(object: LocalSubjectAccessReview): FieldError[] {
  const spec: SubjectAccessReviewSpec = specOf(object.spec);
  const errors = [
    ...validateSubjectSpec(spec),
    ...validateMetadata(object.metadata, onlyNamespace),
  ];
  const asked = spec.resourceAttributes?.namespace ?? '';
  if (spec.resourceAttributes !== undefined && asked !== (object.metadata.namespace ?? '')) {
    errors.push(
      invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'),
    );
  }
  if (spec.nonResourceAttributes !== undefined) {
    errors.push(
      invalid(
        'spec.nonResourceAttributes',
        spec.nonResourceAttributes,
        'disallowed on this kind of request',
      ),
    );
  }
  return errors;
}
