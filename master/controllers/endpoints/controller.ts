/**
 * Endpoints controller: keeps the older, single-object form of EndpointSlices for clients that still read it. It leaves
 * the Endpoints of Services without selector alone; they are their owner's.
 */
import {
  labelIndexValue,
  podLabelValues,
  podSelectorOf,
  selectsPod,
  serviceSelectorValues,
} from '../../../api/core/v1/service-pods.js';
import type { Endpoints, Pod, Service } from '../../../api/core/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { managedBy, managedByLabel, reconcile, type EndpointsSnapshot } from './reconcile.js';
import { endpointsRef, podsRef, servicesRef } from './resources.js';

const keyOf = ({ metadata: { namespace = '', name } }: Service | Endpoints): string =>
  `${namespace}/${name}`;

/** The pods a Service selects, looked for among those that carry its rarest label. */
function podsOf(service: Service, listers: Listers): readonly Pod[] {
  const { namespace } = service.metadata;
  const candidates = podSelectorOf(service)
    .map((label) => listers.of(podsRef).byIndex('label', labelIndexValue(namespace, label)))
    .sort((a, b) => a.length - b.length)[0];
  return (candidates ?? []).filter((pod) => selectsPod(service, pod));
}

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

/** The Services that select the pod now or did before. */
function servicesOf(pod: Pod, listers: Listers, previous: Pod | undefined): readonly string[] {
  if (previous !== undefined && shownOf(previous) === shownOf(pod)) return [];
  const states = previous === undefined ? [pod] : [pod, previous];
  const keys = states.flatMap((state) =>
    podLabelValues(state)
      .flatMap((value) => listers.of(servicesRef).byIndex('selector', value))
      .filter((service) => selectsPod(service, state))
      .map(keyOf),
  );
  return [...new Set(keys)];
}

/** Our own, which may be left over, and those of a Service, which may have been changed by others. */
function serviceOfEndpoints(endpoints: Endpoints, listers: Listers): readonly string[] {
  const { namespace, name, labels } = endpoints.metadata;
  const isOurs = labels?.[managedByLabel] === managedBy;
  const service = listers.of(servicesRef).get({ namespace, name });
  return isOurs || service !== undefined ? [keyOf(endpoints)] : [];
}

function snapshot(key: string, listers: Listers): EndpointsSnapshot | undefined {
  const [namespace = '', name = ''] = key.split('/');
  const service = listers.of(servicesRef).get({ namespace, name });
  if (service !== undefined && podSelectorOf(service).length === 0) return undefined;
  return {
    service,
    pods: service === undefined ? [] : podsOf(service, listers),
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
      enqueue: (service) => [keyOf(service)],
      indexes: { selector: serviceSelectorValues },
    }),
    watchOf<Pod>({ resource: podsRef, enqueue: servicesOf, indexes: { label: podLabelValues } }),
    watchOf<Endpoints>({ resource: endpointsRef, enqueue: serviceOfEndpoints }),
  ],
  workers: 5,
  snapshot,
  reconcile,
});
