/**
 * Amounts of resources as plain numbers, for the arithmetic the scheduler does a million times a second.
 *
 * Called when a pod or node is first seen; nothing here runs per pod and node.
 */
import type { Container, Pod } from '../../../api/core/v1/types.js';
import { sumOfContainers } from '../../../api/core/v1/pod/requests.js';
import { quantityMilliValue, quantityValue } from '../../../api/quantity.js';
import { quantitiesRemembered } from '../limits.js';

/** CPU in thousandths of a core; memory and storage in bytes; anything else in units, by resource name. */
export interface Amounts {
  milliCpu: number;
  memoryBytes: number;
  ephemeralBytes: number;
  /** Undefined when there are none, which is nearly always. */
  extended: Map<string, number> | undefined;
}

/** What a container that asks for no CPU or memory counts as when nodes are compared, as in Kubernetes. */
const assumedMilliCpu = 100;
const assumedMemoryBytes = 200 * 1024 * 1024;

/** A sum to add to. */
export const noAmounts = (): Amounts => ({
  milliCpu: 0,
  memoryBytes: 0,
  ephemeralBytes: 0,
  extended: undefined,
});

/** Clusters use few distinct quantities, and exact parsing is slow beside everything else here. */
function remembered(parse: (text: string) => number): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const value = known.get(text) ?? parse(text);
    if (known.size >= quantitiesRemembered) known.clear();
    known.set(text, value);
    return value;
  };
}

/** A quantity in thousandths, rounded up. */
const milliValue = remembered(quantityMilliValue);

/** A quantity in units, rounded up. */
export const wholeNumber = remembered(quantityValue);

/** Reads a resource list such as `status.allocatable`. `pods` is not an amount of anything and is left out. */
export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts = noAmounts();
  if (list === undefined) return amounts;
  for (const [name, text] of Object.entries(list)) {
    if (name === 'cpu') amounts.milliCpu = milliValue(text);
    else if (name === 'memory') amounts.memoryBytes = wholeNumber(text);
    else if (name === 'ephemeral-storage') amounts.ephemeralBytes = wholeNumber(text);
    else if (name !== 'pods') (amounts.extended ??= new Map()).set(name, wholeNumber(text));
  }
  return amounts;
}

/** `into` += `by` × `times`. */
export function addAmounts(into: Amounts, by: Amounts, times: 1 | -1 = 1): void {
  into.milliCpu += times * by.milliCpu;
  into.memoryBytes += times * by.memoryBytes;
  into.ephemeralBytes += times * by.ephemeralBytes;
  if (by.extended === undefined) return;
  into.extended ??= new Map();
  for (const [name, amount] of by.extended) {
    into.extended.set(name, (into.extended.get(name) ?? 0) + times * amount);
  }
}

function raiseTo(into: Amounts, floor: Amounts): void {
  into.milliCpu = Math.max(into.milliCpu, floor.milliCpu);
  into.memoryBytes = Math.max(into.memoryBytes, floor.memoryBytes);
  into.ephemeralBytes = Math.max(into.ephemeralBytes, floor.ephemeralBytes);
  if (floor.extended === undefined) return;
  into.extended ??= new Map();
  for (const [name, amount] of floor.extended) {
    into.extended.set(name, Math.max(into.extended.get(name) ?? 0, amount));
  }
}

function requestsOf(container: Container, assumeMissing: boolean): Amounts {
  const requests = container.resources?.requests;
  const amounts = amountsOf(requests);
  if (!assumeMissing) return amounts;
  if (requests?.cpu === undefined) amounts.milliCpu = assumedMilliCpu;
  if (requests?.memory === undefined) amounts.memoryBytes = assumedMemoryBytes;
  return amounts;
}

/**
 * What a pod reserves on its node: what its containers need together, and overhead. Pod-level requests replace the sum where
 * given. With `assumeMissing`, containers without CPU or memory requests count as if they had small ones.
 */
export function podAmounts(
  pod: Pod,
  { assumeMissing }: { readonly assumeMissing: boolean },
): Amounts {
  const total = sumOfContainers(pod.spec, {
    none: noAmounts,
    of: (container) => requestsOf(container, assumeMissing),
    add: addAmounts,
    raise: raiseTo,
  });
  const podLevel = pod.spec.resources?.requests;
  if (podLevel !== undefined) applyPodLevel(total, podLevel);
  if (pod.spec.overhead !== undefined) addAmounts(total, amountsOf(pod.spec.overhead));
  return total;
}

function applyPodLevel(total: Amounts, podLevel: Readonly<Record<string, string>>): void {
  const amounts = amountsOf(podLevel);
  if (podLevel.cpu !== undefined) total.milliCpu = amounts.milliCpu;
  if (podLevel.memory !== undefined) total.memoryBytes = amounts.memoryBytes;
  for (const [name, amount] of amounts.extended ?? []) {
    (total.extended ??= new Map()).set(name, amount);
  }
}
