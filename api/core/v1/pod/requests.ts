/**
 * What a pod asks of a node in total: requests and limits over app, init and sidecar containers, pod-level resources and
 * overhead.
 *
 * Called by the scheduler, the agent's cgroups and admission, quotas, and defaulting. Pure.
 */
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
} from '../../../quantity.js';
import type { Quantity } from '../../../quantity.js';
import { normalizeAmounts } from '../amounts.js';
import type { Container, PodSpec, ResourceRequirements } from '../types.js';
import { isRestartableInit } from './conditions.js';

/** Amounts by resource name. */
export type ResourceTotals = ReadonlyMap<string, Quantity>;
type MutableTotals = Map<string, Quantity>;
type ResourceTexts = Readonly<Record<string, string>>;
type Side = 'requests' | 'limits';

/** Resources a pod may bound as a whole: CPU, memory and huge pages. */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/** The texts of a resource list as quantities. Throws `QuantityError`. */
export const totalsFrom = (texts: ResourceTexts | undefined): MutableTotals =>
  new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

/** Totals as a resource list of the API. */
export const resourceTexts = (totals: ResourceTotals): Record<string, string> =>
  Object.fromEntries([...totals].map(([name, amount]) => [name, formatQuantity(amount)]));

function addTo(totals: MutableTotals, amounts: ResourceTotals): void {
  for (const [name, amount] of amounts) {
    const known = totals.get(name);
    totals.set(name, known === undefined ? amount : addQuantities(known, amount));
  }
}

function raiseTo(totals: MutableTotals, amounts: ResourceTotals): void {
  for (const [name, amount] of amounts) {
    const known = totals.get(name);
    if (known === undefined || compareQuantities(amount, known) > 0) totals.set(name, amount);
  }
}

/** Arithmetic on what containers ask for, in whatever form the caller counts it. */
export interface Sums<S> {
  readonly none: () => S;
  /** What one container asks for, as a fresh sum. */
  readonly of: (container: Container) => S;
  readonly add: (into: S, by: S) => void;
  /** Raises each part of a sum to at least that of another. */
  readonly raise: (into: S, floor: S) => void;
}

/**
 * What the containers of a pod ask for together. Init containers run one after another beside the sidecars started before
 * them; the app containers run beside all sidecars. The pod needs the larger of the two.
 */
export function sumOfContainers<S>(spec: PodSpec, { none, of, add, raise }: Sums<S>): S {
  const running = none();
  for (const container of spec.containers) add(running, of(container));
  const sidecars = none();
  const starting = none();
  for (const container of spec.initContainers ?? []) {
    const amounts = of(container);
    if (isRestartableInit(container)) {
      add(running, amounts);
      add(sidecars, amounts);
      raise(starting, sidecars);
    } else {
      add(amounts, sidecars);
      raise(starting, amounts);
    }
  }
  raise(running, starting);
  return running;
}

/** The requests or limits of a pod's containers together, exactly. */
export const containerTotals = (spec: PodSpec, side: Side): MutableTotals =>
  sumOfContainers<MutableTotals>(spec, {
    none: () => new Map(),
    of: (container) => totalsFrom(container.resources?.[side]),
    add: addTo,
    raise: raiseTo,
  });

function withPodLevel(totals: MutableTotals, resources: ResourceTexts | undefined): MutableTotals {
  for (const [name, amount] of totalsFrom(resources)) {
    if (isPodLevelResource(name)) totals.set(name, amount);
  }
  return totals;
}

/** What the pod requests, overhead included. The number of pods (one) is not among the resources. */
export function podRequests(spec: PodSpec): ResourceTotals {
  const totals = withPodLevel(containerTotals(spec, 'requests'), spec.resources?.requests);
  addTo(totals, totalsFrom(spec.overhead));
  return totals;
}

/** What the pod is limited to. Overhead is added to resources that are limited at all. */
export function podLimits(spec: PodSpec): ResourceTotals {
  const totals = withPodLevel(containerTotals(spec, 'limits'), spec.resources?.limits);
  for (const [name, amount] of totalsFrom(spec.overhead)) {
    const limit = totals.get(name);
    if (limit !== undefined) totals.set(name, addQuantities(limit, amount));
  }
  return totals;
}

/** Spells amounts canonically, rounded up to thousandths; what is no quantity is left for the decoder to refuse. */
export function normalizeResources(resources: ResourceRequirements | undefined): void {
  normalizeAmounts(resources?.limits, resources?.requests);
}

/**
 * Where a pod limits resources as a whole, its pod-level requests default to what its containers request, and to the
 * limits where they request nothing.
 */
export function defaultPodLevelRequests(spec: PodSpec): void {
  const { resources } = spec;
  const limits = resources?.limits;
  if (resources === undefined || limits === undefined || Object.keys(limits).length === 0) return;
  const ofContainers = resourceTexts(containerTotals(spec, 'requests'));
  const defaults = Object.entries({ ...limits, ...ofContainers });
  resources.requests = {
    ...Object.fromEntries(defaults.filter(([name]) => isPodLevelResource(name))),
    ...resources.requests,
  };
}
