/** What is allowed in roles and bindings, in Kubernetes' words. Called by their resources. */
import { labelMatcherFrom } from '../../selectors/label.js';
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, index, invalid, notSupported, required } from '../../validation/field-error.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1123SubdomainErrors, pathSegmentNameErrors } from '../../validation/names.js';
import type {
  AggregationRule,
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from './types.js';

/** The API group of roles, of bindings, and of users and groups as subjects. */
export const rbacGroup = 'rbac.authorization.k8s.io';

const isEmpty = (list: readonly string[] | undefined): boolean => (list ?? []).length === 0;

function validateRule(rule: Partial<PolicyRule>, field: string, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (isEmpty(rule.verbs)) {
    errors.push(required(child(field, 'verbs'), 'verbs must contain at least one value'));
  }
  const urls = rule.nonResourceURLs ?? [];
  if (urls.length > 0) {
    const path = child(field, 'nonResourceURLs');
    if (namespaced) {
      errors.push(invalid(path, urls, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (![rule.apiGroups, rule.resources, rule.resourceNames].every(isEmpty)) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(path, urls, why));
    }
    return errors;
  }
  if (isEmpty(rule.apiGroups)) {
    errors.push(
      required(child(field, 'apiGroups'), 'resource rules must supply at least one api group'),
    );
  }
  if (isEmpty(rule.resources)) {
    errors.push(
      required(child(field, 'resources'), 'resource rules must supply at least one resource'),
    );
  }
  return errors;
}

const validateRules = (rules: readonly PolicyRule[] | undefined, namespaced: boolean) =>
  (rules ?? []).flatMap((rule, position) =>
    validateRule(rule, index('rules', position), namespaced),
  );

function validateAggregation(rule: AggregationRule | undefined): FieldError[] {
  if (rule === undefined) return [];
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = rule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [
      required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'),
    ];
  }
  return selectors.flatMap((selector, position) => {
    const path = index(field, position);
    const errors = validateLabelSelector(selector, path);
    try {
      labelMatcherFrom(selector);
    } catch {
      // What could not be made is nothing, which Kubernetes prints.
      errors.push(invalid(path, undefined, 'invalid label selector.'));
    }
    return errors;
  });
}

/** Checks a Role: its rules are for resources only. */
export const validateRole = ({ rules }: Role): FieldError[] => validateRules(rules, true);

/** Checks a ClusterRole, its aggregation included. */
export const validateClusterRole = (object: ClusterRole): FieldError[] => [
  ...validateRules(object.rules, false),
  ...validateAggregation(object.aggregationRule),
];

function validateRoleRef(role: RoleRef, kinds: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  if (role.apiGroup !== rbacGroup) {
    errors.push(notSupported('roleRef.apiGroup', role.apiGroup ?? '', [rbacGroup]));
  }
  if (!kinds.includes(role.kind)) errors.push(notSupported('roleRef.kind', role.kind, kinds));
  if (role.name === '') errors.push(required('roleRef.name'));
  else {
    const details = pathSegmentNameErrors(role.name);
    errors.push(...details.map((detail) => invalid('roleRef.name', role.name, detail)));
  }
  return errors;
}

function validateAccount(subject: Partial<Subject>, field: string, namespaced: boolean) {
  const errors: FieldError[] = [];
  const { name = '', apiGroup = '', namespace = '' } = subject;
  if (name !== '') {
    const details = dns1123SubdomainErrors(name);
    errors.push(...details.map((detail) => invalid(child(field, 'name'), name, detail)));
  }
  if (apiGroup !== '') errors.push(notSupported(child(field, 'apiGroup'), apiGroup, ['']));
  if (!namespaced && namespace === '') errors.push(required(child(field, 'namespace')));
  return errors;
}

const subjectKinds = ['ServiceAccount', 'User', 'Group'];

function validateSubject(
  subject: Partial<Subject>,
  field: string,
  namespaced: boolean,
): FieldError[] {
  const { kind = '', name = '', apiGroup = '' } = subject;
  const errors = name === '' ? [required(child(field, 'name'))] : [];
  switch (kind) {
    case 'ServiceAccount':
      return [...errors, ...validateAccount(subject, field, namespaced)];
    case 'User':
    case 'Group':
      return apiGroup === rbacGroup
        ? errors
        : [...errors, notSupported(child(field, 'apiGroup'), apiGroup, [rbacGroup])];
    default:
      return [...errors, notSupported(child(field, 'kind'), kind, subjectKinds)];
  }
}

const validateSubjects = (subjects: readonly Subject[] | undefined, namespaced: boolean) =>
  (subjects ?? []).flatMap((subject, position) =>
    validateSubject(subject, index('subjects', position), namespaced),
  );

/** Checks a RoleBinding: it grants a Role or a ClusterRole. */
export const validateRoleBinding = ({ roleRef, subjects }: RoleBinding): FieldError[] => [
  ...validateRoleRef(roleRef, ['Role', 'ClusterRole']),
  ...validateSubjects(subjects, true),
];

/** Checks a ClusterRoleBinding: it grants a ClusterRole. */
export const validateClusterRoleBinding = (object: ClusterRoleBinding): FieldError[] => [
  ...validateRoleRef(object.roleRef, ['ClusterRole']),
  ...validateSubjects(object.subjects, false),
];

/** A binding grants the same role all its life, so that whoever may change its subjects cannot make more of it. */
export const validateBindingUpdate = (
  object: RoleBinding | ClusterRoleBinding,
  stored: RoleBinding | ClusterRoleBinding,
): FieldError[] =>
  jsonEqual(object.roleRef, stored.roleRef)
    ? []
    : [invalid('roleRef', object.roleRef, 'cannot change roleRef')];
