/** Checks of ResourceQuotas as Kubernetes makes them, with its texts. */
import { jsonEqual } from '../../patch/json-value.js';
import type { FieldError } from '../../validation/field-error.js';
import { child, invalid, key, required, invalidBecause } from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import { resourceAmountErrors } from './pod/validate-resources.js';
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
  ScopeSelector,
} from './types.js';

const bounded = ['cpu', 'memory', 'ephemeral-storage'];
const computeResources = new Set([
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
]);
const standardResources = new Set([
  ...bounded,
  ...bounded.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  'persistentvolumeclaims',
  'pods',
  'resourcequotas',
  'replicationcontrollers',
  'services',
  'secrets',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const storageResources = new Set(['persistentvolumeclaims', 'requests.storage']);

const isStandard = (name: string): boolean =>
  standardResources.has(name) || /^(requests\.)?hugepages-/.test(name);

function validateName(name: string, field: string): FieldError[] {
  const malformed = qualifiedNameErrors(name);
  if (malformed.length > 0) return invalidBecause(field, name, malformed);
  return name.includes('/') || isStandard(name)
    ? []
    : [invalid(field, name, 'must be a standard resource for quota')];
}

const validateAmounts = (
  amounts: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...validateName(name, key(field, name)),
    ...resourceAmountErrors(name, amount, key(field, name)),
  ]);

/** Scopes that are either met or not; no values can be given for them. */
const plainScopes = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const scopes = [...plainScopes, 'PriorityClass', 'VolumeAttributesClass'];

/** Whether the objects a resource is counted of can be told apart by a scope. */
function isScopable(scope: string, resource: string): boolean {
  if (!isStandard(resource) || !scopes.includes(scope)) return true;
  if (scope === 'VolumeAttributesClass') return storageResources.has(resource);
  if (resource === 'pods') return true;
  return scope !== 'BestEffort' && computeResources.has(resource);
}

function validateScopes(spec: ResourceQuotaSpec, field: string): FieldError[] {
  const given: readonly string[] = spec.scopes ?? [];
  const resources = Object.keys(spec.hard ?? {});
  const refuse = (detail: string): FieldError => invalid(field, given, detail);
  const errors = given.flatMap((scope) => [
    ...(scopes.includes(scope) ? [] : [refuse('unsupported scope')]),
    ...resources
      .filter((resource) => !isScopable(scope, resource))
      .map(() => refuse('unsupported scope applied to resource')),
  ]);
  const conflicts = Array.from({ length: conflictingScopes(given) });
  return [...errors, ...conflicts.map(() => refuse('conflicting scopes'))];
}

function validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const operatorField = child(field, 'operator');
  if (plainScopes.includes(scopeName) && operator !== 'Exists') {
    const detail =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalid(operatorField, operator, detail));
  }
  const path = child(field, 'values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return errors;
      return [
        ...errors,
        required(
          path,
          "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
      ];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return errors;
      return [
        ...errors,
        invalid(
          path,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      ];
    default:
      return [...errors, invalid(operatorField, operator, 'not a valid selector operator')];
  }
}

const conflictingScopes = (given: readonly string[]): number =>
  [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ].filter((pair) => pair.every((scope) => given.includes(scope))).length;

/** A selector as Kubernetes shows it, in the names it has inside. */
const shownSelector = ({ matchExpressions }: ScopeSelector): object => ({
  MatchExpressions:
    matchExpressions?.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })) ?? null,
});

function validateScopeSelector(spec: ResourceQuotaSpec, field: string): FieldError[] {
  const { scopeSelector, hard = {} } = spec;
  if (scopeSelector === undefined) return [];
  const path = child(field, 'matchExpressions');
  const { matchExpressions = [] } = scopeSelector;
  const conflicts = conflictingScopes(matchExpressions.map(({ scopeName }) => scopeName));
  const errors = matchExpressions.flatMap((requirement) => [
    ...(scopes.includes(requirement.scopeName)
      ? []
      : [invalid(child(path, 'scopeName'), requirement.scopeName, 'unsupported scope')]),
    ...Object.keys(hard)
      .filter((resource) => !isScopable(requirement.scopeName, resource))
      .map(() =>
        invalid(path, shownSelector(scopeSelector), 'unsupported scope applied to resource'),
      ),
    ...validateRequirement(requirement, path),
  ]);
  // The value is that of the other list of scopes, as in Kubernetes.
  const refused = invalid(path, spec.scopes ?? null, 'conflicting scopes');
  return [...errors, ...Array.from({ length: conflicts }, () => refused)];
}

/** Checks a ResourceQuota; its metadata is checked by the registry. */
export const validateResourceQuota = ({ spec }: ResourceQuota): readonly FieldError[] => [
  ...validateAmounts(spec.hard, 'spec.hard'),
  ...validateScopes(spec, 'spec.scopes'),
  ...validateScopeSelector(spec, 'spec.scopeSelector'),
];

const scopeSet = ({ spec }: ResourceQuota): readonly string[] => [
  ...new Set<string>([...(spec.scopes ?? [])].sort()),
];

/** What a quota counts cannot change: what it has counted would no longer mean anything. */
export const validateResourceQuotaUpdate = (
  quota: ResourceQuota,
  stored: ResourceQuota,
): readonly FieldError[] =>
  jsonEqual(scopeSet(quota), scopeSet(stored))
    ? []
    : [invalid('spec.scopes', quota.spec.scopes ?? [], 'field is immutable')];

/** Checks the status of a ResourceQuota. */
export const validateResourceQuotaStatus = ({ status }: ResourceQuota): readonly FieldError[] => [
  ...validateAmounts(status.hard, 'status.hard'),
  ...validateAmounts(status.used, 'status.used'),
];
