/**
 * EndpointSlice controller: keeps, for every Service with a selector, slices of the addresses behind it. The service
 * proxy and DNS of every node live on them. It leaves slices of others alone, and Services without selector altogether.
 */
import {
  labelIndexValue,
  podLabelValues,
  podSelectorOf,
  selectsPod,
  serviceSelectorValues,
} from '../../../api/core/v1/service-pods.js';
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import type { EndpointSlice } from '../../../api/discovery/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import {
  managedBy,
  managedByLabel,
  reconcile,
  serviceNameLabel,
  type EndpointSliceSnapshot,
} from './reconcile.js';
import { endpointSlicesRef, nodesRef, podsRef, servicesRef } from './resources.js';

const keyOf = ({ metadata: { namespace = '', name } }: Service): string => `${namespace}/${name}`;

/** The pods a Service selects, looked for among those that carry its rarest label. */
function podsOf(service: Service, listers: Listers): readonly Pod[] {
  const { namespace } = service.metadata;
  const candidates = podSelectorOf(service)
    .map((label) => listers.of(podsRef).byIndex('label', labelIndexValue(namespace, label)))
    .sort((a, b) => a.length - b.length)[0];
  return (candidates ?? []).filter((pod) => selectsPod(service, pod));
}

/** What slices show of a pod. Everything else that changes in one is of no account here. */
const shownOf = (pod: Pod): string =>
  JSON.stringify([
    pod.metadata.labels,
    pod.metadata.deletionTimestamp,
    pod.spec.nodeName,
    pod.spec.hostname,
    pod.spec.subdomain,
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

const zoneOf = (node: Node | undefined): string | undefined =>
  node?.metadata.labels?.['topology.kubernetes.io/zone'];

function servicesOnNode(
  node: Node,
  listers: Listers,
  previous: Node | undefined,
): readonly string[] {
  if (previous !== undefined && zoneOf(previous) === zoneOf(node)) return [];
  const pods = listers.of(podsRef).byIndex('node', node.metadata.name);
  return [...new Set(pods.flatMap((pod) => servicesOf(pod, listers, undefined)))];
}

function serviceOfSlice({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[serviceNameLabel];
  if (name === undefined || metadata.labels?.[managedByLabel] !== managedBy) return [];
  return [`${metadata.namespace ?? ''}/${name}`];
}

function snapshot(key: string, listers: Listers): EndpointSliceSnapshot | undefined {
  const [namespace = '', name = ''] = key.split('/');
  const service = listers.of(servicesRef).get({ namespace, name });
  if (service === undefined || podSelectorOf(service).length === 0) return undefined;
  const pods = podsOf(service, listers);
  const nodes = new Map<string, Node>();
  for (const { spec } of pods) {
    const node = listers.of(nodesRef).get({ name: spec.nodeName ?? '' });
    if (node !== undefined) nodes.set(node.metadata.name, node);
  }
  const slices = listers
    .of(endpointSlicesRef)
    .byIndex('service', key)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return { service, pods, nodes, slices };
}

/** See the head of the file. */
export const endpointSliceController = defineController<Service, EndpointSliceSnapshot>({
  name: 'endpointslice',
  primary: servicesRef,
  watches: [
    watchOf<Service>({
      resource: servicesRef,
      enqueue: (service) => [keyOf(service)],
      indexes: { selector: serviceSelectorValues },
    }),
    watchOf<Pod>({
      resource: podsRef,
      enqueue: servicesOf,
      indexes: { node: (pod) => [pod.spec.nodeName ?? ''], label: podLabelValues },
    }),
    watchOf<EndpointSlice>({
      resource: endpointSlicesRef,
      enqueue: serviceOfSlice,
      indexes: { service: serviceOfSlice },
    }),
    watchOf<Node>({ resource: nodesRef, enqueue: servicesOnNode }),
  ],
  workers: 5,
  snapshot,
  reconcile,
});
