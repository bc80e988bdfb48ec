/** The single bounds of a LimitRange, each with what Kubernetes says when it is crossed. Part of the LimitRanger plugin. */
import type { ResourceTotals } from '../../../api/core/v1/pod/requests.js';
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityAsNumber,
} from '../../../api/quantity.js';

/** One bound on one resource, and what is asked for. */
export interface Constrained {
  /** `Container`, `Pod` or `PersistentVolumeClaim`. */
  readonly type: string;
  readonly resource: string;
  readonly bound: string;
  readonly requests: ResourceTotals;
  readonly limits: ResourceTotals;
}

type Problem = string | undefined;

/** What is wrong with less than the minimum. */
export function minimumProblem({ type, resource, bound, requests, limits }: Constrained): Problem {
  const [request, limit] = [requests.get(resource), limits.get(resource)];
  const start = `minimum ${resource} usage per ${type} is ${bound}`;
  if (request === undefined) return `${start}.  No request is specified`;
  if (compareQuantities(request, bound) < 0)
    return `${start}, but request is ${formatQuantity(request)}`;
  return limit !== undefined && compareQuantities(limit, bound) < 0
    ? `${start}, but limit is ${formatQuantity(limit)}`
    : undefined;
}

/** What is wrong with more than the maximum. */
export function maximumProblem({ type, resource, bound, requests, limits }: Constrained): Problem {
  const [request, limit] = [requests.get(resource), limits.get(resource)];
  const start = `maximum ${resource} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${start}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${start}, but limit is ${formatQuantity(limit)}`;
  return request !== undefined && compareQuantities(request, bound) > 0
    ? `${start}, but request is ${formatQuantity(request)}`
    : undefined;
}

/** The maximum where there are no limits, as for volume claims. */
export function maximumOfRequest({ type, resource, bound, requests }: Constrained): Problem {
  const request = requests.get(resource);
  const start = `maximum ${resource} usage per ${type} is ${bound}`;
  if (request === undefined) return `${start}.  No request is specified`;
  return compareQuantities(request, bound) > 0
    ? `${start}, but request is ${formatQuantity(request)}`
    : undefined;
}

/** The ratio in the unit Kubernetes prints: thousandths of amounts small enough to be counted so. */
export function ratioProblem({ type, resource, bound, requests, limits }: Constrained): Problem {
  const [request, limit] = [requests.get(resource), limits.get(resource)];
  const start = `${resource} max limit to request ratio per ${type} is ${bound}, but`;
  if (request === undefined || request.nanos === 0n) {
    return `${start} no request is specified or request is 0`;
  }
  if (limit === undefined || limit.nanos === 0n) {
    return `${start} no limit is specified or limit is 0`;
  }
  const ratio = quantityAsNumber(limit) / quantityAsNumber(request);
  return ratio > quantityAsNumber(parseQuantity(bound))
    ? `${start} provided ratio is ${ratio.toFixed(6)}`
    : undefined;
}
