/**
 * Finds through indexes which pods a Service selects and which Services select a pod, without looking at every one.
 *
 * Called by the controllers that keep EndpointSlices and Endpoints, which watch both with these indexes.
 */
import { pods } from '../../api/core/v1/pod/pod.js';
import { services } from '../../api/core/v1/service.js';
import {
  labelIndexValue,
  podLabelValues,
  podSelectorOf,
  selectsPod,
  serviceSelectorValues,
} from '../../api/core/v1/service-pods.js';
import type { Pod, Service } from '../../api/core/v1/types.js';
import type { Listers } from './lister.js';

/** The indexes a watch of Services needs. */
export const serviceIndexes = { selector: serviceSelectorValues };

/** The indexes a watch of pods needs. */
export const podIndexes = { label: podLabelValues };

/** `namespace/name`. */
export const serviceKey = ({
  metadata: { namespace = '', name },
}: Pick<Service, 'metadata'>): string => `${namespace}/${name}`;

/** The pods a Service selects, looked for among those that carry its rarest label. */
export function podsOfService(service: Service, listers: Listers): readonly Pod[] {
  const { namespace } = service.metadata;
  const candidates = podSelectorOf(service)
    .map((label) => listers.of(pods).byIndex('label', labelIndexValue(namespace, label)))
    .sort((a, b) => a.length - b.length)[0];
  return (candidates ?? []).filter((pod) => selectsPod(service, pod));
}

/** Keys of the Services that select the pod now or did in its previous state. */
export function servicesOfPod(
  pod: Pod,
  listers: Listers,
  previous: Pod | undefined,
): readonly string[] {
  const keys = new Set<string>();
  const lister = listers.of(services);
  for (const state of previous === undefined ? [pod] : [pod, previous]) {
    for (const value of podLabelValues(state)) {
      for (const service of lister.byIndex('selector', value)) {
        if (selectsPod(service, state)) keys.add(serviceKey(service));
      }
    }
  }
  return [...keys];
}

/** Which Services a change of a pod concerns: those that select it now or did before, unless both states look the same. */
export const servicesOfChange =
  (shownOf: (pod: Pod) => string) =>
  (pod: Pod, listers: Listers, previous: Pod | undefined): readonly string[] =>
    previous !== undefined && shownOf(previous) === shownOf(pod)
      ? []
      : servicesOfPod(pod, listers, previous);
