/** Checks of resource requests and limits, with Kubernetes' texts. Called by the validation of containers and pods. */
import {
  compareQuantities,
  formatQuantity,
  isQuantity,
  quantityMilliValue,
  quantitySign,
  quantityValue,
} from '../../../quantity.js';
import type { FieldError } from '../../../validation/field-error.js';
import {
  child,
  duplicate,
  forbidden,
  invalid,
  invalidBecause,
  key,
  notFound,
  notSupported,
  required,
} from '../../../validation/field-error.js';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../../validation/names.js';
import { isExtendedResource, isNativeResource } from '../extended-resources.js';
import type { PodSpec, ResourceClaim, ResourceRequirements } from '../types.js';
import { containerTotals, isPodLevelResource } from './requests.js';
import { eachOf, optionalName } from './validate-values.js';

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

const hugePagesPrefix = 'hugepages-';
const isHugePages = (name: string): boolean => name.startsWith(hugePagesPrefix);
/** CPU, memory and the like may be promised more often than they exist; devices and huge pages may not. */
export const isOvercommittable = (name: string): boolean =>
  isNativeResource(name) && !isHugePages(name);

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
  const isFit = name.includes('/')
    ? isNativeResource(name) || isExtendedResource(name)
    : containerResources.has(name) || isHugePages(name);
  if (isFit) return errors;
  const detail = name.includes('/')
    ? "doesn't follow extended resource name standard"
    : 'must be a standard resource for containers';
  return [...errors, invalid(field, name, detail)];
}

/** Checks an amount of a resource: not negative, and whole where the resource is counted. */
export function resourceAmountErrors(name: string, amount: string, field: string): FieldError[] {
  if (quantitySign(amount) < 0) {
    return [invalid(field, amount, 'must be greater than or equal to 0')];
  }
  const isCounted = countedResources.has(name) || isExtendedResource(name);
  return isCounted && quantityMilliValue(amount) % 1000 !== 0
    ? [invalid(field, amount, 'must be an integer')]
    : [];
}

/** Huge pages come whole: the amount is a multiple of the size that the resource's name ends in. */
function isWholePages(name: string, amount: string): boolean {
  const size = name.slice(hugePagesPrefix.length);
  if (!isQuantity(size) || quantityMilliValue(size) % 1000 !== 0) return false;
  return quantitySign(size) > 0 && quantityValue(amount) % quantityValue(size) === 0;
}

type NameRule = (name: string, field: string) => readonly FieldError[];

function validateList(texts: Texts, field: string, nameErrors: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(texts)) {
    const path = key(field, name);
    errors.push(...nameErrors(name, path), ...resourceAmountErrors(name, amount, path));
    if (isHugePages(name) && !isWholePages(name, amount)) {
      const detail = `${amount} is not positive integer multiple of ${name}`;
      errors.push(invalid(path, amount, detail));
    }
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

/** Claims are named once, as a whole or request by request, and are among those of the pod. */
function validateClaims(
  claims: readonly ResourceClaim[],
  field: string,
  claimNames: ReadonlySet<string>,
): FieldError[] {
  const seen = new Set<string>();
  return eachOf(field, claims, ({ name, request = '' }, path) => {
    if (name === '') return [required(path)];
    const errors: FieldError[] = [];
    if (seen.has(name)) errors.push(duplicate(path, name));
    else {
      const entry = request === '' ? name : `${name}/${request}`;
      errors.push(...optionalName(child(path, 'request'), request, dns1123LabelErrors));
      if (seen.has(entry)) errors.push(duplicate(path, entry));
      else if (request === '') {
        const parts = [...seen].filter((other) => other.startsWith(`${name}/`));
        errors.push(...parts.map(() => duplicate(path, name)));
      }
      seen.add(entry);
    }
    if (!claimNames.has(name)) {
      const known = [...claimNames].sort().join(', ');
      const detail = `must be one of the names in pod.spec.resourceClaims${known === '' ? ' which is empty' : `: ${known}`}`;
      errors.push(notFound(path, name, detail));
    }
    return errors;
  });
}

function validateRequirements(
  { limits = {}, requests = {}, claims = [] }: ResourceRequirements,
  field: string,
  claimNames: ReadonlySet<string>,
  nameErrors: NameRule,
): FieldError[] {
  const errors = [
    ...validateList(limits, child(field, 'limits'), nameErrors),
    ...validateList(requests, child(field, 'requests'), nameErrors),
    ...validateAgainstLimits(requests, limits, field),
  ];
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(field, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaims(claims, child(field, 'claims'), claimNames)];
}

/** Checks the resources of one container. `claimNames` are the pod's resource claims. */
export const validateResources = (
  resources: ResourceRequirements | undefined,
  field: string,
  claimNames: ReadonlySet<string>,
): FieldError[] =>
  resources === undefined
    ? []
    : validateRequirements(resources, field, claimNames, containerResourceNameErrors);

const noClaims: ReadonlySet<string> = new Set();

/** Checks what a pod needs beside its containers; Kubernetes checks it as if it were limits. */
export const validateOverhead = (
  overhead: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] =>
  overhead === undefined ? [] : validateResources({ limits: overhead }, field, noClaims);

function podResourceNameErrors(name: string, field: string): readonly FieldError[] {
  const errors = resourceNameErrors(name, field);
  return errors.length > 0 || isPodLevelResource(name)
    ? errors
    : [notSupported(field, name, ['cpu', hugePagesPrefix, 'memory'])];
}

/** What containers add up to has to fit into what the pod has as a whole; of limits, this goes for huge pages alone. */
function validateTotals(spec: PodSpec, field: string, side: 'requests' | 'limits'): FieldError[] {
  const totals = containerTotals(spec, side);
  return Object.entries(spec.resources?.[side] ?? {}).flatMap(([name, amount]) => {
    const total = totals.get(name);
    const isBound = side === 'requests' || isHugePages(name);
    if (!isBound || total === undefined || compareQuantities(total, amount) <= 0) return [];
    const detail = `must be greater than or equal to aggregate container ${side} of ${formatQuantity(total)}`;
    return [invalid(key(child(field, side), name), amount, detail)];
  });
}

/** No container may be limited to more than the pod. */
function validateContainerLimits(spec: PodSpec, field: string): FieldError[] {
  const podLimits = spec.resources?.limits ?? {};
  return eachOf(child(field, 'containers'), spec.containers, ({ resources }, path) =>
    Object.entries(resources?.limits ?? {}).flatMap(([name, limit]) => {
      const most = podLimits[name];
      if (most === undefined || compareQuantities(limit, most) <= 0) return [];
      const detail = `must be less than or equal to pod limits of ${most}`;
      return [invalid(child(key(path, name), 'limits'), limit, detail)];
    }),
  );
}

/** Checks the resources of a pod as a whole against themselves and against what its containers add up to. */
export function validatePodResources(
  spec: PodSpec,
  field: string,
  claimNames: ReadonlySet<string>,
): FieldError[] {
  if (spec.resources === undefined) return [];
  if (spec.os?.name === 'windows') return [forbidden(field, 'may not be set for a windows pod')];
  return [
    ...(spec.resources.claims === undefined
      ? []
      : [forbidden(child(field, 'claims'), 'claims may not be set for Resources at pod-level')]),
    ...validateRequirements(spec.resources, field, claimNames, podResourceNameErrors),
    ...validateTotals(spec, field, 'requests'),
    ...validateTotals(spec, field, 'limits'),
    ...validateContainerLimits(spec, field),
  ];
}
