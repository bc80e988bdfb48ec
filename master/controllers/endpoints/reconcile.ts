/** Brings the Endpoints of one Service to what they should hold; writes only when something differs. Pure. */
import { endpoints as endpointsRef } from '../../../api/core/v1/endpoints.js';
import type { Endpoints, Pod, Service } from '../../../api/core/v1/types.js';
import { jsonEqual } from '../../../api/patch/json-value.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import { desiredSubsets } from './subsets.js';
import { headlessLabel } from '../../../api/core/v1/service-facts.js';

export interface EndpointsSnapshot {
  /** Undefined when it was deleted. */
  readonly service: Service | undefined;
  readonly pods: readonly Pod[];
  readonly endpoints: Endpoints | undefined;
}

/** Marks Endpoints as this controller's, under Kubernetes' own name. */
export const managedByLabel = 'endpoints.kubernetes.io/managed-by';
/** The name by which this controller marks its Endpoints. */
export const managedBy = 'endpoint-controller';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

/** The Endpoints to create, update or delete. */
export function reconcile({ service, pods, endpoints }: EndpointsSnapshot): ReconcileResult {
  if (service === undefined) return withoutService(endpoints);
  if (service.metadata.deletionTimestamp !== undefined) return { actions: [] };
  const { namespace, name } = service.metadata;
  const { subsets, truncated } = desiredSubsets(service, pods);
  const labels = labelsFor(service);
  if (endpoints === undefined) {
    const annotations = annotationsFor(service.metadata.annotations, truncated);
    const metadata = { namespace, name, labels, ...annotations };
    const object = { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets };
    const reason = 'the service has no Endpoints yet';
    return { actions: [{ type: 'create', resource: endpointsRef, object, reason }] };
  }
  const isOver = endpoints.metadata.annotations?.[overCapacityAnnotation] === 'truncated';
  if (
    jsonEqual(endpoints.subsets ?? [], subsets) &&
    jsonEqual(endpoints.metadata.labels ?? {}, labels) &&
    isOver === truncated
  ) {
    return { actions: [] };
  }
  const metadata = { ...endpoints.metadata, labels };
  delete metadata.annotations;
  Object.assign(metadata, annotationsFor(endpoints.metadata.annotations, truncated));
  const object = { ...endpoints, metadata, subsets };
  const reason = 'the addresses behind the service changed';
  return { actions: [{ type: 'update', resource: endpointsRef, object, reason }] };
}

/** Endpoints do not outlive their Service. */
function withoutService(endpoints: Endpoints | undefined): ReconcileResult {
  if (endpoints === undefined || endpoints.metadata.deletionTimestamp !== undefined) {
    return { actions: [] };
  }
  const { namespace, name, uid } = endpoints.metadata;
  const reason = 'the service was deleted';
  return {
    actions: [{ type: 'delete', resource: endpointsRef, namespace, name, uid, reason }],
  };
}

function labelsFor(service: Service): Record<string, string> {
  const own = Object.entries(service.metadata.labels ?? {}).filter(
    ([key]) => key !== headlessLabel && key !== managedByLabel,
  );
  return {
    ...Object.fromEntries(own),
    ...(service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: managedBy,
  };
}

/** Those given, with the mark of Endpoints that could not hold every address set or removed. */
function annotationsFor(
  given: Readonly<Record<string, string>> | undefined,
  truncated: boolean,
): { annotations?: Record<string, string> } {
  const kept = Object.entries(given ?? {}).filter(
    ([key]) => key !== overCapacityAnnotation && !key.startsWith('kubectl.kubernetes.io/'),
  );
  if (truncated) kept.push([overCapacityAnnotation, 'truncated']);
  return kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) };
}
