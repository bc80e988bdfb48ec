/** Opens what the API keeps its objects in: a watch cache and a registry over it for every declared resource. */
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Random } from '../machinery/clock/random.js';
import type { CounterMetric } from '../machinery/metrics/metrics.js';
import { convertedStore } from './registry/converted-store.js';
import type { ResourceHooks } from './registry/hooks.js';
import { definitionHooks } from './registry/custom-resources/lifecycle.js';
import type { OpenCache } from './registry/custom-resources/serving.js';
import { namespaceHooks } from './registry/namespace-hooks.js';
import { storePrefix } from './registry/object-key.js';
import { Registries } from './registry/registries.js';
import { ResourceRegistry } from './registry/resource-registry.js';
import { ServiceAddresses } from './registry/service-addresses.js';
import type { Store } from './store/store.js';
import { createResourceStore } from './watch/resource-cache.js';
import type { ResourceStore } from './watch/resource-cache.js';

export interface RegistryOptions {
  readonly store: Store;
  readonly resources: readonly ResourceDefinition[];
  readonly serviceCidr: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly slowWatchers?: CounterMetric;
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

const isStored = (resource: ResourceDefinition): boolean => resource.verbs.includes('get');

/** Opens every resource's cache and puts a registry over it. Service addresses are rebuilt from what is stored. */
export async function openRegistries(options: RegistryOptions): Promise<Registries> {
  const { clock, random, serviceCidr } = options;
  const openCache = cacheOpener(options);
  const registries = new Registries();
  const stores = new Map<string, ResourceStore>();
  const addresses = new ServiceAddresses({ serviceCidr, random });
  const hooks: Readonly<Record<string, ResourceHooks>> = {
    '/services': addresses.hooks,
    '/namespaces': namespaceHooks,
    'apiextensions.k8s.io/customresourcedefinitions': definitionHooks,
  };
  const stored = options.resources.filter(isStored);
  // Resources stored as another one come after it, so that bookmarks name the kind that is stored.
  const ordered = [...stored].sort(
    (a, b) => Number(a.storedAs !== undefined) - Number(b.storedAs !== undefined),
  );
  for (const resource of ordered) {
    const prefix = storePrefix(resource);
    const { kind, apiVersion } = resource;
    const cache = stores.get(prefix) ?? (await openCache({ prefix, kind, apiVersion }));
    stores.set(prefix, cache);
    const view =
      resource.convert === undefined ? cache : convertedStore(cache, resource, resource.convert);
    const own = hooks[`${resource.group}/${resource.plural}`];
    registries.add(
      new ResourceRegistry({
        resource,
        store: view,
        stamps: { clock, random },
        ...(own === undefined ? {} : { hooks: own }),
      }),
    );
  }
  const services = await registries.of('', 'services').list({});
  for (const { object } of services.items) addresses.restore(object);
  return registries;
}
