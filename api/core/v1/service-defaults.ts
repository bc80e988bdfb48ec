/** What the API fills in where a Service says nothing. Called by the `services` resource. */
import {
  isExternallyAccessible,
  portsOf,
  serviceSpecOf,
  serviceStatusOf,
} from './service-facts.js';
import type { Service, ServiceSpec } from './types.js';

/** Seconds that a client sticks to its endpoint where nothing is said: three hours. */
const defaultAffinitySeconds = 10_800;

/** An empty text stands for an absent one where Go has no pointer to tell them apart. */
const isUnset = (text: string | undefined): boolean => text === undefined || text === '';

function defaultAffinity(spec: ServiceSpec): void {
  if (isUnset(spec.sessionAffinity)) spec.sessionAffinity = 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= defaultAffinitySeconds;
  }
}

/** Fills in a Service. Addresses and node ports are not defaults; the server allocates them. */
export function defaultService(draft: Service): void {
  const spec = serviceSpecOf(draft);
  draft.spec = spec;
  if (isUnset(spec.type)) spec.type = 'ClusterIP';
  defaultAffinity(spec);
  for (const port of portsOf(spec)) {
    if (isUnset(port.protocol)) port.protocol = 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') {
      port.targetPort = port.port;
    }
  }
  if (isExternallyAccessible(spec) && isUnset(spec.externalTrafficPolicy)) {
    spec.externalTrafficPolicy = 'Cluster';
  }
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  const status = serviceStatusOf(draft);
  status.loadBalancer ??= {};
  for (const ingress of status.loadBalancer.ingress ?? []) {
    if ((ingress.ip ?? '') !== '') ingress.ipMode ??= 'VIP';
  }
  draft.status = status;
}
