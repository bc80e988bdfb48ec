/**
 * Endpoints controller: keeps the older, single-object form of EndpointSlices for clients that still read it. It leaves
 * the Endpoints of Services without selector alone; they are their owner's.
 */
import { endpoints as endpointsRef } from '../../../api/core/v1/endpoints.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { services as servicesRef } from '../../../api/core/v1/service.js';
import { podSelectorOf } from '../../../api/core/v1/service-pods.js';
import type { Endpoints, Pod, Service } from '../../../api/core/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import {
  podIndexes,
  podsOfService,
  serviceIndexes,
  serviceKey,
  servicesOfChange,
} from '../../../machinery/informer/service-pods.js';
import { managedBy, managedByLabel, reconcile, type EndpointsSnapshot } from './reconcile.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';

/** What Endpoints show of a pod. Everything else that changes in one is of no account here. */
const shownOf = (pod: Pod): string =>
  JSON.stringify([
    pod.metadata.labels,
    pod.metadata.deletionTimestamp,
    pod.spec.nodeName,
    pod.status.phase,
    pod.status.podIPs ?? pod.status.podIP,
    pod.status.conditions?.find(({ type }) => type === 'Ready')?.status,
  ]);

/** Our own, which may be left over, and those of a Service, which may have been changed by others. */
function serviceOfEndpoints(endpoints: Endpoints, listers: Listers): readonly string[] {
  const { namespace, name, labels } = endpoints.metadata;
  const isOurs = labels?.[managedByLabel] === managedBy;
  const service = listers.of(servicesRef).get({ namespace, name });
  return isOurs || service !== undefined ? [serviceKey(endpoints)] : [];
}

function snapshot(key: string, listers: Listers): EndpointsSnapshot | undefined {
  const { namespace = '', name } = keyParts(key);
  const service = listers.of(servicesRef).get({ namespace, name });
  if (service !== undefined && podSelectorOf(service).length === 0) return undefined;
  return {
    service,
    pods: service === undefined ? [] : podsOfService(service, listers),
    endpoints: listers.of(endpointsRef).get({ namespace, name }),
  };
}

/** See the head of the file. */
export const endpointsController = defineController<Service, EndpointsSnapshot>({
  name: 'endpoints',
  primary: servicesRef,
  watches: [
    watchOf<Service>({
      resource: servicesRef,
      enqueue: (service) => [serviceKey(service)],
      indexes: serviceIndexes,
    }),
    watchOf<Pod>({ resource: podsRef, enqueue: servicesOfChange(shownOf), indexes: podIndexes }),
    watchOf<Endpoints>({ resource: endpointsRef, enqueue: serviceOfEndpoints }),
  ],
  workers: 5,
  snapshot,
  reconcile,
});
