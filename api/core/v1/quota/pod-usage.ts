/** What pods count as in quotas, and which quotas are about a pod. Pure. */
import { compareQuantities, parseQuantity, quantityFromUnits } from '../../../quantity.js';
import { isExtendedResource } from '../extended-resources.js';
import { isPodTerminal, isRestartableInit } from '../pod/conditions.js';
import { qosClassOf } from '../pod/qos.js';
import { isPodLevelResource, podLimits, podRequests, totalsFrom } from '../pod/requests.js';
import type { ResourceTotals } from '../pod/requests.js';
import type { Container, ContainerStatus, Pod, PodAffinityTerm, PodSpec } from '../types.js';
import type { Amounts } from './amounts.js';

type Texts = Readonly<Record<string, string>>;

/** An object counted. */
export const one = quantityFromUnits(1);

const counted = new Set([
  'count/pods',
  'pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);

/** Resources a container has to say itself where a quota is about them. */
const toBeSpecified = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

const basic = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Whether a quota's resource is one that pods use up. */
export const isPodResource = (name: string): boolean =>
  counted.has(name) ||
  name.startsWith('hugepages-') ||
  name.startsWith('requests.hugepages-') ||
  (name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length)));

function computeUsage(requests: ResourceTotals, limits: ResourceTotals): Amounts {
  const usage = new Map([['pods', one]]);
  for (const [name, amount] of requests) {
    if (basic.has(name) || name.startsWith('hugepages-')) usage.set(name, amount);
    if (basic.has(name) || name.startsWith('hugepages-') || isExtendedResource(name)) {
      usage.set(`requests.${name}`, amount);
    }
  }
  for (const [name, amount] of limits) {
    if (basic.has(name)) usage.set(`limits.${name}`, amount);
  }
  return usage;
}

/** A pod that has ended, or that should long be gone, holds no more than its place in the store. */
function hasEnded(pod: Pod, nowMs: number): boolean {
  if (isPodTerminal(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return nowMs > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

/** The larger of two amounts of each resource. */
function largerOf(...lists: readonly (Texts | undefined)[]): Record<string, string> {
  const largest: Record<string, string> = {};
  for (const [name, amount] of lists.flatMap((list) => Object.entries(list ?? {}))) {
    const known = largest[name];
    if (known === undefined || compareQuantities(parseQuantity(amount), parseQuantity(known)) > 0) {
      largest[name] = amount;
    }
  }
  return largest;
}

/** A container with what it holds on to while it is resized: what it is to have, was granted, or still has. */
function holding(container: Container, status: ContainerStatus, isInfeasible: boolean): Container {
  const { resources: actual, allocatedResources } = status;
  if (actual === undefined) return container;
  const wanted = isInfeasible ? {} : container.resources;
  return {
    ...container,
    resources: {
      requests: largerOf(wanted?.requests, allocatedResources, actual.requests),
      limits: largerOf(wanted?.limits, actual.limits),
    },
  };
}

/** The spec of a pod with what its containers hold on to. */
function heldSpec({ spec, status }: Pod): PodSpec {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    conditions = [],
  } = (status as Pod['status'] | undefined) ?? {};
  const statuses = new Map(
    [...containerStatuses, ...initContainerStatuses].map((each) => [each.name, each]),
  );
  if (statuses.size === 0) return spec;
  const isInfeasible = conditions.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  const held = (container: Container): Container => {
    const found = statuses.get(container.name);
    return found === undefined ? container : holding(container, found, isInfeasible);
  };
  const { containers, initContainers } = spec;
  return {
    ...spec,
    containers: containers.map(held),
    ...(initContainers === undefined
      ? {}
      : {
          initContainers: initContainers.map((container) =>
            isRestartableInit(container) ? held(container) : container,
          ),
        }),
  };
}

/** What a pod takes of each quota; an ended one is only counted as an object. */
export function podUsage(pod: Pod, nowMs: number): Amounts {
  const usage = new Map([['count/pods', one]]);
  if (hasEnded(pod, nowMs)) return usage;
  const spec = heldSpec(pod);
  for (const [name, amount] of computeUsage(podRequests(spec), podLimits(spec))) {
    usage.set(name, amount);
  }
  return usage;
}

function missingIn({ resources }: Container, required: readonly string[]): readonly string[] {
  const said = computeUsage(totalsFrom(resources?.requests), totalsFrom(resources?.limits));
  return required.filter((name) => !said.has(name));
}

/** `must specify …` for a pod that leaves out what the quota's resources ask for; undefined when it says everything. */
export function podConstraint(pod: Pod, resources: Iterable<string>): string | undefined {
  const { spec } = pod;
  // What the pod says as a whole, its containers need not say.
  const whole = Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits });
  if (whole.some(isPodLevelResource)) return undefined;
  const required = [...resources].filter((name) => toBeSpecified.has(name));
  const missing = new Map<string, Set<string>>();
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const name of missingIn(container, required)) {
      missing.set(name, (missing.get(name) ?? new Set()).add(container.name));
    }
  }
  if (missing.size === 0) return undefined;
  const texts = [...missing].map(([name, names]) => `${name} for: ${[...names].sort().join(',')}`);
  return `must specify ${texts.sort().join('; ')}`;
}

/** One condition on pods or claims, from `scopes` or `scopeSelector`. */
export interface Scope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const reachesOthers = (terms: readonly PodAffinityTerm[] | undefined): boolean =>
  (terms ?? []).some(
    ({ namespaces, namespaceSelector }) =>
      (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
  );

function crossesNamespaces({ affinity }: PodSpec): boolean {
  const sides = [affinity?.podAffinity, affinity?.podAntiAffinity];
  return sides.some(
    (side) =>
      reachesOthers(side?.requiredDuringSchedulingIgnoredDuringExecution) ||
      reachesOthers(
        side?.preferredDuringSchedulingIgnoredDuringExecution?.map((term) => term.podAffinityTerm),
      ),
  );
}

/** Whether a name is among those a scope selects. */
export function selectsName({ operator, values }: Scope, name: string): boolean {
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}

/** Whether a pod may run for a certain time only. */
export const isTerminating = ({ spec }: Pod): boolean => spec.activeDeadlineSeconds !== undefined;

/** Whether a quota with that scope is about the pod. */
export function podMatchesScope(pod: Pod, scope: Scope): boolean {
  const { spec } = pod;
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return qosClassOf(spec) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(spec) !== 'BestEffort';
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    case 'PriorityClass': {
      // Without values and operator the scope means pods that name any class.
      const name = spec.priorityClassName ?? '';
      return scope.operator === 'Exists' ? name !== '' : selectsName(scope, name);
    }
    default:
      return false;
  }
}
