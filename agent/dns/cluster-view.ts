/** The cluster as DNS reads it: informer caches with the indexes its lookups need. Works on while the master is away. */
import type { Namespace, Service } from '../../api/core/v1/types.js';
import type { EndpointSlice } from '../../api/discovery/v1/types.js';
import type { Informer } from '../../machinery/informer/informer.js';
import type { ClusterView } from './zone.js';
import { serviceNameLabel } from '../../api/discovery/v1/labels.js';

export interface ClusterCaches {
  readonly services: Informer<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly namespaces: Informer<Namespace>;
}

const byService = 'dns-service';
const byAddress = 'dns-address';

/** Adds the indexes and gives the view. */
export function clusterView({ services, endpointSlices, namespaces }: ClusterCaches): ClusterView {
  services.addIndex(byAddress, ({ spec }) =>
    (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None'),
  );
  endpointSlices.addIndex(byService, ({ metadata }) => {
    const service = metadata.labels?.[serviceNameLabel];
    return service === undefined ? [] : [`${metadata.namespace ?? ''}/${service}`];
  });
  endpointSlices.addIndex(byAddress, ({ endpoints }) => [
    ...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses)),
  ]);
  return {
    service: (namespace, name) => services.lister.get({ namespace, name }),
    slices: (namespace, service) =>
      endpointSlices.lister.byIndex(byService, `${namespace}/${service}`),
    namespaceExists: (name) => namespaces.lister.get({ name }) !== undefined,
    servicesByIp: (ip) => services.lister.byIndex(byAddress, ip),
    slicesByIp: (ip) => endpointSlices.lister.byIndex(byAddress, ip),
  };
}
