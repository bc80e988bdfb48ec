/** What follows from a Service's type; shared by its defaults, validation and update rules. */
import { partOf } from '../../meta/part.js';
import type { Service, ServicePort, ServiceSpec, ServiceStatus } from './types.js';

/** The cluster IP of a Service that has none on purpose. */
export const headless = 'None';

/** Marks what belongs to such a Service. */
export const headlessLabel = 'service.kubernetes.io/headless';

/** The spec and status of a Service that may have been sent without them. */
export const serviceSpecOf = (service: Service): ServiceSpec => partOf(service.spec);
/** The status of a Service that may have been sent without one. */
export const serviceStatusOf = (service: Service): ServiceStatus => partOf(service.status);

/** All ports, also of a Service that has none. */
export const portsOf = (spec: ServiceSpec): ServicePort[] => spec.ports ?? [];

/** Whether the type has cluster IPs at all, be they allocated or `None`. */
export const needsClusterIP = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName';

/** Whether a Service goes without an address of its own. */
export const isHeadless = (spec: ServiceSpec): boolean =>
  spec.clusterIP === headless || spec.clusterIPs?.[0] === headless;

/** Whether nodes may open ports for the Service. */
export const usesNodePorts = ({ type }: ServiceSpec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer';

/** Whether ports of nodes are chosen for the Service where it names none. */
export const getsNodePorts = (spec: ServiceSpec): boolean =>
  usesNodePorts(spec) && (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false);

/** Whether traffic from outside the cluster reaches the Service, so that externalTrafficPolicy means something. */
export const isExternallyAccessible = (spec: ServiceSpec): boolean =>
  spec.type === 'NodePort' ||
  spec.type === 'LoadBalancer' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

/** Whether load balancers ask nodes if they have endpoints. */
export const needsHealthCheckPort = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** How a Service asks for endpoints close by: the old annotation, and the one in its place. */
export const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
export const modeAnnotation = 'service.kubernetes.io/topology-mode';
