/** Opens what the API keeps its objects in: a watch cache and a registry over it for every declared resource. */
import type { Service } from '../api/core/v1/types.js';
import { writtenFormOf } from '../api/schema/unset-fields.js';
import { apiVersionOf, isStored } from '../api/schema/resource.js';
import { serviceCidrs } from '../api/networking/v1/service-cidr.js';
import type { ServiceCIDR } from '../api/networking/v1/types.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import type { Logger } from '../machinery/log/log.js';
import type { CounterMetric } from '../machinery/metrics/metrics.js';
import { convertedStore } from './registry/converted-store.js';
import { AddressObjects, isManaged } from './registry/address-objects.js';
import type { ResourceHooks } from './registry/hooks.js';
import { definitionHooks } from './registry/custom-resources/lifecycle.js';
import type { OpenCache } from './registry/custom-resources/serving.js';
import { deviceAdminAccess } from './registry/device-admin-access.js';
import { namespaceHooks } from './registry/namespace-hooks.js';
import { storePrefix } from './registry/object-key.js';
import { otherVersions } from './registry/other-versions.js';
import type { KindVersion } from './registry/other-versions.js';
import { Registries } from './registry/registries.js';
import { ResourceRegistry } from './registry/resource-registry.js';
import { ServiceAddresses, clusterAddressOf } from './registry/service-addresses.js';
import type { Store } from './store/store.js';
import { createResourceStore } from './watch/resource-cache.js';
import type { ResourceStore } from './watch/resource-store.js';

export interface RegistryOptions {
  readonly store: Store;
  readonly resources: readonly ResourceDefinition[];
  readonly serviceCidr: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly slowWatchers?: CounterMetric;
  readonly logger?: Logger;
}

/** Opens the watch cache of one resource. */
export const cacheOpener =
  ({ store, clock, slowWatchers }: Omit<RegistryOptions, 'resources' | 'serviceCidr'>): OpenCache =>
  (resource) =>
    createResourceStore({
      store,
      clock,
      ...resource,
      ...(slowWatchers === undefined ? {} : { slowWatchers }),
    });

const versionOf = (resource: ResourceDefinition): KindVersion => ({
  resource,
  convert: resource.convert,
});

/** Opens every resource's cache and puts a registry over it. Service addresses are rebuilt from what is stored. */
export async function openRegistries(options: RegistryOptions): Promise<Registries> {
  const { clock, random, serviceCidr } = options;
  const openCache = cacheOpener(options);
  const registries = new Registries();
  const stores = new Map<string, ResourceStore>();
  const addresses = new ServiceAddresses({ serviceCidr, random });
  const deviceAccess = deviceAdminAccess(
    (name) => registries.of('', 'namespaces').find({ namespace: '', name })?.object.metadata.labels,
  );
  const hooks: Readonly<Record<string, ResourceHooks>> = {
    '/services': addresses.hooks,
    'networking.k8s.io/ipaddresses': addresses.addressHooks,
    '/namespaces': namespaceHooks,
    'apiextensions.k8s.io/customresourcedefinitions': definitionHooks,
    'resource.k8s.io/resourceclaims': deviceAccess.claims,
    'resource.k8s.io/resourceclaimtemplates': deviceAccess.templates,
  };
  const stored = options.resources.filter(isStored);
  // Resources stored as another one come after it, so that bookmarks name the kind that is stored.
  const ordered = [...stored].sort(
    (a, b) => Number(a.storedAs !== undefined) - Number(b.storedAs !== undefined),
  );
  const versionsAt = (prefix: string): readonly KindVersion[] =>
    stored.filter((resource) => storePrefix(resource) === prefix).map(versionOf);
  for (const resource of ordered) {
    const prefix = storePrefix(resource);
    const { kind, storedAs } = resource;
    const apiVersion = apiVersionOf(storedAs ?? resource);
    const form = storedAs === undefined ? writtenFormOf(resource.schema) : undefined;
    const cache = stores.get(prefix) ?? (await openCache({ prefix, kind, apiVersion, form }));
    stores.set(prefix, cache);
    const view =
      resource.convert === undefined ? cache : convertedStore(cache, resource, resource.convert);
    const own = hooks[`${resource.group}/${resource.plural}`];
    registries.add(
      new ResourceRegistry({
        resource,
        store: view,
        stamps: { clock, random },
        otherVersion: otherVersions(versionOf(resource), () => versionsAt(prefix)),
        ...(own === undefined ? {} : { hooks: own }),
      }),
    );
  }
  followRanges(stores.get(storePrefix(serviceCidrs)), addresses);
  await restoreAddresses(registries, addresses, options.logger);
  return registries;
}

/** Services get their addresses from whatever ServiceCIDRs there are. */
const followRanges = (store: ResourceStore | undefined, { addresses }: ServiceAddresses): void =>
  store?.follow((current, previous) => {
    addresses.changed(
      current?.object as ServiceCIDR | undefined,
      previous?.object as ServiceCIDR | undefined,
    );
  });

/** Takes what stored Services and IPAddresses hold, and puts the IPAddress objects of Services right. */
async function restoreAddresses(
  registries: Registries,
  addresses: ServiceAddresses,
  logger: Logger | undefined,
): Promise<void> {
  const services = await registries.of('', 'services').list({});
  const holders = new Map<string, Service>();
  for (const { object } of services.items) {
    const service = object as Service;
    addresses.restore(service);
    const address = clusterAddressOf(service);
    if (address !== undefined) holders.set(address, service);
  }
  const registry = registries.of('networking.k8s.io', 'ipaddresses');
  const objects = new AddressObjects({
    registry,
    findService: (namespace, name) =>
      registries.of('', 'services').find({ namespace, name })?.object as Service | undefined,
    failed: (address, error) => {
      logger?.error('the IPAddress object of a Service could not be written', { address, error });
    },
  });
  for (const { object } of (await registry.list({})).items) {
    if (!isManaged(object)) addresses.reserveAddressObject(object);
  }
  await objects.restore(holders);
  addresses.listen(objects);
}
