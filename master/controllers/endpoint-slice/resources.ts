/** The resources the EndpointSlice controller reads and writes. */
import type { Node, Pod, Service } from '../../../api/core/v1/types.js';
import type { EndpointSlice } from '../../../api/discovery/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';

export const podsRef: ResourceRef<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
};

export const nodesRef: ResourceRef<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
};

export const servicesRef: ResourceRef<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
};

export const endpointSlicesRef: ResourceRef<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
};
