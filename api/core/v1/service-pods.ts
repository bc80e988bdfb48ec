/**
 * Which pods stand behind a Service and at which port, by Kubernetes' rules.
 *
 * Called by the controllers that keep EndpointSlices and Endpoints. Pure.
 */
import { isRestartableInit } from './pod/conditions.js';
import type { Pod, Service, ServicePort } from './types.js';

/** What a Service asks of its pods' labels. Empty for a Service that selects none: no selector, or an ExternalName. */
export const podSelectorOf = ({ spec }: Service): readonly (readonly [string, string])[] =>
  spec.type === 'ExternalName' ? [] : Object.entries(spec.selector ?? {});

/** Whether the pod's labels are what the Service selects; namespaces are the caller's to compare. */
export function selectsPod(service: Service, pod: Pod): boolean {
  const selector = podSelectorOf(service);
  return (
    selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value)
  );
}

/** Index value under which a pod with this label, or a Service that asks for it, is found. */
export const labelIndexValue = (
  namespace: string | undefined,
  [key, value]: readonly [string, string],
): string => `${namespace ?? ''}|${key}=${value}`;

/** The index values of all labels of a pod. */
export const podLabelValues = ({ metadata: { namespace, labels } }: Pod): readonly string[] =>
  Object.entries(labels ?? {}).map((label) => labelIndexValue(namespace, label));

/** The index value of the first label a Service asks for; look for a pod's Services under each of the pod's labels. */
export const serviceSelectorValues = (service: Service): readonly string[] =>
  podSelectorOf(service)
    .slice(0, 1)
    .map((label) => labelIndexValue(service.metadata.namespace, label));

/** The port of a pod that a Service's port leads to; undefined when the pod has no port of that name and protocol. */
export function targetPortOf(pod: Pod, servicePort: ServicePort): number | undefined {
  const { targetPort, port, protocol = 'TCP' } = servicePort;
  if (targetPort === undefined || targetPort === '' || targetPort === 0) return port;
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = (pod.spec.initContainers ?? []).filter(isRestartableInit);
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(
      (one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol,
    );
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** Addresses of a pod, the primary one first. */
export function podAddresses({ status: { podIP, podIPs } }: Pod): readonly string[] {
  const all = podIPs?.map(({ ip }) => ip) ?? (podIP === undefined ? [] : [podIP]);
  return all.filter((ip) => ip !== '');
}

/** The host name under which a pod is found below a headless Service; undefined when it asked for none there. */
export function hostnameBehind(service: Service, { spec, metadata }: Pod): string | undefined {
  const isWithin =
    spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return isWithin && (spec.hostname ?? '') !== '' ? spec.hostname : undefined;
}
