/** What pods count as in quotas, and which quotas are about a pod. Pure. */
import { quantityFromUnits } from '../../../quantity.js';
import { isExtendedResource } from '../extended-resources.js';
import { isPodTerminal } from '../pod/conditions.js';
import { qosClassOf } from '../pod/qos.js';
import { podLimits, podRequests, totalsFrom } from '../pod/requests.js';
import type { ResourceTotals } from '../pod/requests.js';
import type { Container, Pod, PodAffinityTerm, PodSpec } from '../types.js';
import type { Amounts } from './amounts.js';

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

/** What a pod takes of each quota; an ended one is only counted as an object. */
export function podUsage(pod: Pod, nowMs: number): Amounts {
  const usage = new Map([['count/pods', one]]);
  if (hasEnded(pod, nowMs)) return usage;
  for (const [name, amount] of computeUsage(podRequests(pod.spec), podLimits(pod.spec))) {
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
  const whole = computeUsage(
    totalsFrom(spec.resources?.requests),
    totalsFrom(spec.resources?.limits),
  );
  const required = [...resources].filter((name) => toBeSpecified.has(name) && !whole.has(name));
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

/** Whether a quota with that scope is about the pod. */
export function podMatchesScope(pod: Pod, scope: Scope): boolean {
  const { spec } = pod;
  switch (scope.scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
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
