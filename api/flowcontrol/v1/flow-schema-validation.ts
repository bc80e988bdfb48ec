/** What Kubernetes refuses in a FlowSchema, in its words. */
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  forbidden,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../validation/names.js';
import { mandatoryFlowSchemas } from './bootstrap-objects.js';
import { mandatoryErrors } from './shared-validation.js';
import { exemptPrecedence, maxPrecedence } from './limits.js';
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from './types.js';

const methods = ['ByNamespace', 'ByUser'] as const;
const verbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
] as const;

interface SubjectSort {
  readonly kind: Subject['kind'];
  readonly field: 'user' | 'group' | 'serviceAccount';
}

const subjectSorts: readonly SubjectSort[] = [
  { kind: 'ServiceAccount', field: 'serviceAccount' },
  { kind: 'User', field: 'user' },
  { kind: 'Group', field: 'group' },
];

function validateAccount(
  { name, namespace }: NonNullable<Subject['serviceAccount']>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const namePath = child(field, 'name');
  if (name === '') errors.push(required(namePath));
  else if (name !== '*') {
    errors.push(...dns1123SubdomainErrors(name).map((why) => invalid(namePath, name, why)));
  }
  const namespacePath = child(field, 'namespace');
  if (namespace === '') {
    errors.push(required(namespacePath, 'must specify namespace for service account'));
  } else {
    const wrong = dns1123LabelErrors(namespace);
    errors.push(...wrong.map((why) => invalid(namespacePath, namespace, why)));
  }
  return errors;
}

function validateSubject(subject: Subject, field: string): FieldError[] {
  const sort = subjectSorts.find(({ kind }) => kind === subject.kind);
  if (sort === undefined) {
    return [notSupported(child(field, 'kind'), subject.kind, ['Group', 'ServiceAccount', 'User'])];
  }
  const errors: FieldError[] = [];
  const path = child(field, sort.field);
  if (subject[sort.field] === undefined) {
    const why = `${sort.field} is required when subject kind is '${sort.kind}'`;
    errors.push(required(path, why));
  } else if (subject.serviceAccount !== undefined && sort.kind === 'ServiceAccount') {
    errors.push(...validateAccount(subject.serviceAccount, path));
  } else if ((subject.user ?? subject.group)?.name === '') {
    errors.push(required(child(path, 'name')));
  }
  for (const other of subjectSorts) {
    if (other.kind === sort.kind || subject[other.field] === undefined) continue;
    const why = `${other.field} is forbidden when subject kind is not '${other.kind}'`;
    errors.push(forbidden(child(field, other.field), why));
  }
  return errors;
}

/** A list that is either `*` alone or has no `*`. */
function wildcardErrors(
  values: readonly string[],
  field: string,
  words: { readonly empty: string; readonly others: string },
): FieldError[] {
  if (values.length === 0) return [required(field, words.empty)];
  return values.length > 1 && values.includes('*')
    ? [invalid(field, values, `if '*' is present, must not specify other ${words.others}`)]
    : [];
}

function verbErrors(values: readonly string[], field: string): FieldError[] {
  const empty = 'verbs must contain at least one value';
  const errors = wildcardErrors(values, field, { empty, others: 'verbs' });
  const isKnown = (value: string): boolean =>
    value === '*' || verbs.some((known) => known === value);
  return errors.length === 0 && !values.every(isKnown)
    ? [notSupported(field, values, verbs)]
    : errors;
}

function namespaceErrors(rule: ResourcePolicyRule, field: string): FieldError[] {
  const namespaces = rule.namespaces ?? [];
  if (namespaces.length === 0) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace';
    return rule.clusterScope === true ? [] : [required(field, why)];
  }
  if (namespaces.includes('*')) {
    return wildcardErrors(namespaces, field, { empty: '', others: 'namespaces' });
  }
  return namespaces.flatMap((namespace, position) =>
    dns1123LabelErrors(namespace).map((why) => {
      const intro = "each member of this list must be '*' or a DNS-1123 label; ";
      return invalid(index(field, position), namespace, intro + why);
    }),
  );
}

function validateResourceRule(rule: ResourcePolicyRule, field: string): FieldError[] {
  const atLeast = (what: string): string => `resource rules must supply at least one ${what}`;
  return [
    ...verbErrors(rule.verbs, child(field, 'verbs')),
    ...wildcardErrors(rule.apiGroups, child(field, 'apiGroups'), {
      empty: atLeast('api group'),
      others: 'api groups',
    }),
    ...wildcardErrors(rule.resources, child(field, 'resources'), {
      empty: atLeast('resource'),
      others: 'resources',
    }),
    ...namespaceErrors(rule, child(field, 'namespaces')),
  ];
}

function pathErrors(path: string, field: string): FieldError[] {
  if (path === '/') return [];
  const wrong: string[] = [];
  if (path === '') wrong.push('must not be empty');
  if (!path.startsWith('/')) wrong.push('must start with slash');
  if (path.includes(' ')) wrong.push('must not contain white-space');
  if (path.includes('//')) wrong.push('must not contain double slash');
  if (/[^/]\*|\*./.test(path)) wrong.push('wildcard can only do suffix matching');
  return wrong.slice(0, 1).map((why) => invalid(field, path, why));
}

function validatePathRule(rule: NonResourcePolicyRule, field: string): FieldError[] {
  const path = child(field, 'nonResourceURLs');
  const urls = rule.nonResourceURLs;
  const empty = 'nonResourceURLs must contain at least one value';
  return [
    ...verbErrors(rule.verbs, child(field, 'verbs')),
    ...wildcardErrors(urls, path, { empty, others: 'non-resource URLs' }),
    ...(urls.includes('*')
      ? []
      : urls.flatMap((url, position) => pathErrors(url, index(path, position)))),
  ];
}

function validateRule(rule: PolicyRulesWithSubjects, field: string): FieldError[] {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rule;
  const errors =
    subjects.length === 0
      ? [required(child(field, 'subjects'), 'subjects must contain at least one value')]
      : subjects.flatMap((subject, position) =>
          validateSubject(subject, index(child(field, 'subjects'), position)),
        );
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const why = 'at least one of resourceRules and nonResourceRules has to be non-empty';
    errors.push(required(field, why));
  }
  resourceRules.forEach((one, position) => {
    errors.push(...validateResourceRule(one, index(child(field, 'resourceRules'), position)));
  });
  nonResourceRules.forEach((one, position) => {
    errors.push(...validatePathRule(one, index(child(field, 'nonResourceRules'), position)));
  });
  return errors;
}

function precedenceErrors(name: string, precedence: number): FieldError[] {
  const wrong: string[] = [];
  if (precedence <= 0) wrong.push('must be a positive value');
  if (precedence > maxPrecedence) wrong.push(`must not be greater than ${String(maxPrecedence)}`);
  if (precedence === exemptPrecedence && name !== 'exempt') {
    wrong.push("only the schema named 'exempt' may have matchingPrecedence 1");
  }
  return wrong.map((why) => invalid('spec.matchingPrecedence', precedence, why));
}

function levelErrors({ priorityLevelConfiguration: { name } }: FlowSchemaSpec): FieldError[] {
  const field = 'spec.priorityLevelConfiguration.name';
  return name === ''
    ? [required(field, 'must reference a priority level')]
    : dns1123SubdomainErrors(name).map((why) => invalid(field, name, why));
}

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const { distinguisherMethod, rules = [] } = spec;
  const { name } = metadata;
  const fixed = mandatoryFlowSchemas.find((one) => one.metadata.name === name)?.spec;
  const method = distinguisherMethod?.type;
  const isKnown = method === undefined || methods.some((known) => known === method);
  return [
    ...precedenceErrors(metadata.name, spec.matchingPrecedence ?? 0),
    ...(isKnown
      ? []
      : [notSupported('spec.distinguisherMethod.type', distinguisherMethod, methods)]),
    ...levelErrors(spec),
    ...rules.flatMap((rule, position) => validateRule(rule, index('spec.rules', position))),
    ...(fixed === undefined ? [] : mandatoryErrors({ name, spec, fixed })),
  ];
}
