/** Checks of resource requests and limits, with Kubernetes' texts. Called by the validation of containers and pods. */
import {
  compareQuantities,
  formatQuantity,
  quantityMilliValue,
  quantitySign,
} from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  forbidden,
  invalid,
  key,
  notSupported,
  required,
  invalidBecause,
} from '../../../validation/field-error.js';
import { qualifiedNameErrors } from '../../../validation/names.js';
import type { PodSpec, ResourceRequirements } from '../types.js';
import { containerTotals, isPodLevelResource } from './requests.js';

type Texts = Readonly<Record<string, string>>;

const containerResources = new Set(['cpu', 'memory', 'ephemeral-storage']);
const countedResources = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const boundedResources = ['cpu', 'memory', 'ephemeral-storage', 'storage'];
const standardResources = new Set([
  ...boundedResources,
  ...countedResources,
  ...boundedResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
]);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.');
/** CPU, memory and the like may be promised more often than they exist; devices and huge pages may not. */
export const isOvercommittable = (name: string): boolean => isNative(name) && !isHugePages(name);

/** Checks the name of a resource that anything may have. */
export function resourceNameErrors(name: string, field: string): FieldError[] {
  const malformed = qualifiedNameErrors(name);
  if (malformed.length > 0) return invalidBecause(field, name, malformed);
  return name.includes('/') || standardResources.has(name) || isHugePages(name)
    ? []
    : [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

/** Checks the name of a resource that a container may have. */
export function containerResourceNameErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field);
  const isFit = containerResources.has(name) || isHugePages(name) || name.includes('/');
  if (isFit || qualifiedNameErrors(name).length > 0) return errors;
  return [...errors, invalid(field, name, 'must be a standard resource for containers')];
}

/** Checks an amount of a resource: not negative, and whole where the resource is counted. */
export function resourceAmountErrors(name: string, amount: string, field: string): FieldError[] {
  if (quantitySign(amount) < 0) {
    return [invalid(field, amount, 'must be greater than or equal to 0')];
  }
  const isCounted = countedResources.has(name) || isExtended(name);
  return isCounted && quantityMilliValue(amount) % 1000 !== 0
    ? [invalid(field, amount, 'must be an integer')]
    : [];
}

function validateList(texts: Texts, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(texts)) {
    const path = key(field, name);
    errors.push(
      ...containerResourceNameErrors(name, path),
      ...resourceAmountErrors(name, amount, path),
    );
  }
  return errors;
}

function validateAgainstLimits(requests: Texts, limits: Texts, field: string): FieldError[] {
  return Object.entries(requests).flatMap(([name, amount]) => {
    const limit = limits[name];
    if (limit === undefined) {
      return isOvercommittable(name)
        ? []
        : [required(child(field, 'limits'), 'Limit must be set for non overcommitable resources')];
    }
    const order = compareQuantities(amount, limit);
    const path = child(field, 'requests');
    if (order !== 0 && !isOvercommittable(name)) {
      return [invalid(path, amount, `must be equal to ${name} limit of ${limit}`)];
    }
    return order > 0
      ? [invalid(path, amount, `must be less than or equal to ${name} limit of ${limit}`)]
      : [];
  });
}

/** Checks the resources of one container. `claimNames` are the pod's resource claims. */
export function validateResources(
  resources: ResourceRequirements | undefined,
  field: string,
  claimNames: ReadonlySet<string>,
): FieldError[] {
  if (resources === undefined) return [];
  const { limits = {}, requests = {}, claims = [] } = resources;
  const errors = [
    ...validateList(limits, child(field, 'limits')),
    ...validateList(requests, child(field, 'requests')),
    ...validateAgainstLimits(requests, limits, field),
  ];
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(field, 'HugePages require cpu or memory'));
  }
  claims.forEach(({ name }, position) => {
    const path = `${child(field, 'claims')}[${String(position)}].name`;
    if (!claimNames.has(name)) {
      errors.push({
        reason: 'FieldValueNotFound',
        field: path,
        message: `Not found: ${JSON.stringify(name)}`,
      });
    }
  });
  return errors;
}

/** Checks the resources of a pod as a whole against themselves and against what its containers add up to. */
export function validatePodResources(spec: PodSpec, field: string): FieldError[] {
  if (spec.resources === undefined) return [];
  const { limits = {}, requests = {}, claims = [] } = spec.resources;
  const errors: FieldError[] = [];
  if (claims.length > 0) {
    errors.push(
      forbidden(child(field, 'claims'), 'claims cannot be set for Resources at pod-level'),
    );
  }
  for (const [side, texts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const [name, amount] of Object.entries(texts)) {
      const path = key(child(field, side), name);
      if (!isPodLevelResource(name)) {
        errors.push(notSupported(path, name, ['cpu', 'hugepages-', 'memory']));
      } else errors.push(...resourceAmountErrors(name, amount, path));
    }
  }
  errors.push(...validateAgainstLimits(requests, limits, field));
  const wanted = containerTotals(spec, 'requests');
  for (const [name, amount] of Object.entries(requests)) {
    const total = wanted.get(name);
    if (total !== undefined && compareQuantities(total, amount) > 0) {
      errors.push(
        invalid(
          key(child(field, 'requests'), name),
          amount,
          `must be greater than or equal to aggregate container requests of ${formatQuantity(total)}`,
        ),
      );
    }
  }
  return errors;
}
