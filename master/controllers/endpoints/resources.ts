/** The resources the Endpoints controller reads and writes. */
import type { Endpoints, Pod, Service } from '../../../api/core/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';

export const podsRef: ResourceRef<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
};

export const servicesRef: ResourceRef<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
};

export const endpointsRef: ResourceRef<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  scope: 'Namespaced',
};
