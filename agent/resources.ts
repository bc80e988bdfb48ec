/** The kinds the agent reads and writes, as addresses for its client. */
import type {
  ConfigMap,
  Event,
  Node,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from '../api/core/v1/types.js';
import type { Lease } from '../api/coordination/v1/types.js';
import type { KubeObject } from '../api/meta/v1/types.js';
import type { ResourceRef } from '../api/schema/resource.js';

const core = <T extends KubeObject>(
  kind: string,
  plural: string,
  scope: ResourceRef['scope'] = 'Namespaced',
): ResourceRef<T> => ({ group: '', version: 'v1', kind, plural, scope });

export const pods = core<Pod>('Pod', 'pods');
export const configMaps = core<ConfigMap>('ConfigMap', 'configmaps');
export const secrets = core<Secret>('Secret', 'secrets');
export const services = core<Service>('Service', 'services');
export const serviceAccounts = core<ServiceAccount>('ServiceAccount', 'serviceaccounts');
export const events = core<Event>('Event', 'events');
export const nodes = core<Node>('Node', 'nodes', 'Cluster');
export const leases: ResourceRef<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
};
