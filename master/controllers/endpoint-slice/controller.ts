/**
 * EndpointSlice controller: keeps, for every Service with a selector, slices of the addresses behind it. The service
 * proxy and DNS of every node live on them. It leaves slices of others alone, and Services without selector altogether.
 */
import { endpointSlices as endpointSlicesRef } from '../../../api/discovery/v1/endpoint-slice.js';
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { services as servicesRef } from '../../../api/core/v1/service.js';
import { podSelectorOf } from '../../../api/core/v1/service-pods.js';
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import type { EndpointSlice } from '../../../api/discovery/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import {
  podIndexes,
  podsOfService,
  serviceIndexes,
  serviceKey,
  servicesOfChange,
  servicesOfPod,
} from '../../../machinery/informer/service-pods.js';
import { managedBy, reconcile, type EndpointSliceSnapshot } from './reconcile.js';
import { managedByLabel, serviceNameLabel } from '../../../api/discovery/v1/labels.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';
import { byNode } from '../../../machinery/informer/by-node.js';

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

const zoneOf = (node: Node | undefined): string | undefined =>
  node?.metadata.labels?.['topology.kubernetes.io/zone'];

function servicesOnNode(
  node: Node,
  listers: Listers,
  previous: Node | undefined,
): readonly string[] {
  if (previous !== undefined && zoneOf(previous) === zoneOf(node)) return [];
  const pods = listers.of(podsRef).byIndex('node', node.metadata.name);
  return [...new Set(pods.flatMap((pod) => servicesOfPod(pod, listers, undefined)))];
}

function serviceOfSlice({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[serviceNameLabel];
  if (name === undefined || metadata.labels?.[managedByLabel] !== managedBy) return [];
  return [`${metadata.namespace ?? ''}/${name}`];
}

function snapshot(key: string, listers: Listers): EndpointSliceSnapshot | undefined {
  const { namespace = '', name } = keyParts(key);
  const service = listers.of(servicesRef).get({ namespace, name });
  if (service === undefined || podSelectorOf(service).length === 0) return undefined;
  const pods = podsOfService(service, listers);
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
      enqueue: (service) => [serviceKey(service)],
      indexes: serviceIndexes,
    }),
    watchOf<Pod>({
      resource: podsRef,
      enqueue: servicesOfChange(shownOf),
      indexes: { node: byNode, ...podIndexes },
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
