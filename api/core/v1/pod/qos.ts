/** The quality of service class of a pod, which decides who is evicted and killed first. Called at creation. Pure. */
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantitySign,
} from '../../../quantity.js';
import type { Quantity } from '../../../quantity.js';
import type { PodSpec, PodStatus, ResourceRequirements } from '../types.js';

const qosResources = ['cpu', 'memory'] as const;

type Amounts = Map<string, Quantity>;

/** Adds the amounts above zero and returns the names it met. */
function collect(amounts: Amounts, texts: Readonly<Record<string, string>> | undefined): string[] {
  return qosResources.filter((name) => {
    const text = texts?.[name];
    if (text === undefined || quantitySign(text) <= 0) return false;
    const known = amounts.get(name);
    amounts.set(name, known === undefined ? parseQuantity(text) : addQuantities(known, text));
    return true;
  });
}

/**
 * `Guaranteed` where CPU and memory of everything in the pod are limited to exactly what is requested, `BestEffort` where
 * neither is mentioned, `Burstable` otherwise. Resources of the pod as a whole take the place of its containers'.
 */
export function qosClassOf(spec: PodSpec): NonNullable<PodStatus['qosClass']> {
  const requests: Amounts = new Map();
  const limits: Amounts = new Map();
  const holders: readonly (ResourceRequirements | undefined)[] =
    spec.resources === undefined
      ? [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources)
      : [spec.resources];
  let everythingLimited = true;
  for (const resources of holders) {
    collect(requests, resources?.requests);
    const limited = collect(limits, resources?.limits);
    if (limited.length < qosResources.length) everythingLimited = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const requestsAreLimits =
    requests.size === limits.size &&
    [...requests].every(([name, amount]) => {
      const limit = limits.get(name);
      return limit !== undefined && compareQuantities(limit, amount) === 0;
    });
  return everythingLimited && requestsAreLimits ? 'Guaranteed' : 'Burstable';
}
