/**
 * Composes the API server's chain from its steps: a registry for every declared resource, admission, the handlers of
 * subresources, the gate. Nothing here knows a kind by name except where Kubernetes gives one behaviour of its own.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { CounterMetric } from '../../machinery/metrics/metrics.js';
import { AdmissionChain } from '../admission/admission.js';
import type { AdmissionReader } from '../admission/admission.js';
import { namespaceLifecycle } from '../admission/namespace-lifecycle.js';
import { taintNewNodes } from '../admission/node-taints.js';
import { defaultTolerationSeconds, priority } from '../admission/pod-defaults.js';
import { serviceAccountAdmission } from '../admission/service-account.js';
import type { Authenticator } from '../authn/authenticator.js';
import type { TokenKeeper } from '../authn/service-account-tokens.js';
import type { Authorizer } from '../authz/authorizer.js';
import { convertedStore } from '../registry/converted-store.js';
import type { ResourceHooks } from '../registry/hooks.js';
import { namespaceHooks } from '../registry/namespace-hooks.js';
import { storePrefix } from '../registry/object-key.js';
import { Registries } from '../registry/registries.js';
import { ResourceRegistry } from '../registry/resource-registry.js';
import { ServiceAddresses } from '../registry/service-addresses.js';
import type { Store } from '../store/store.js';
import { createResourceStore } from '../watch/resource-cache.js';
import type { ResourceStore } from '../watch/resource-cache.js';
import { createRequestGate } from './request-gate.js';
import type { RequestGate } from './request-gate.js';
import { ResourceHandler } from './resource-handler.js';
import type { AdmissionFor } from './resource-handler.js';
import { finalizeHandler } from './subresources/finalize.js';
import { nodeCertificateHandler, nodeCertificatesPath } from './subresources/node-certificates.js';
import type { NodeCertificateSigner } from './subresources/node-certificates.js';
import {
  bindingHandler,
  ephemeralContainersHandler,
  evictionHandler,
  resizeHandler,
} from './subresources/pods.js';
import { reviewHandlers } from './subresources/reviews.js';
import { scaleHandler } from './subresources/scale.js';
import { commandHandler, logHandler, portForwardHandler } from './subresources/streams.js';
import type { SubresourceHandler } from './subresources/subresource.js';
import { tokenHandler } from './subresources/token.js';

export interface RegistryOptions {
  readonly store: Store;
  readonly resources: readonly ResourceDefinition[];
  readonly serviceCidr: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly slowWatchers?: CounterMetric;
}

const isStored = (resource: ResourceDefinition): boolean => resource.verbs.includes('get');

/** Opens every resource's cache and puts a registry over it. Service addresses are rebuilt from what is stored. */
export async function openRegistries(options: RegistryOptions): Promise<Registries> {
  const { store, clock, random, serviceCidr } = options;
  const registries = new Registries();
  const stores = new Map<string, ResourceStore>();
  const addresses = new ServiceAddresses({ serviceCidr, random });
  const hooks: Readonly<Record<string, ResourceHooks>> = {
    '/services': addresses.hooks,
    '/namespaces': namespaceHooks,
  };
  const stored = options.resources.filter(isStored);
  // Resources stored as another one come after it, so that bookmarks name the kind that is stored.
  const ordered = [...stored].sort(
    (a, b) => Number(a.storedAs !== undefined) - Number(b.storedAs !== undefined),
  );
  for (const resource of ordered) {
    const prefix = storePrefix(resource);
    const { kind, apiVersion } = resource;
    const cache =
      stores.get(prefix) ??
      (await createResourceStore({
        store,
        clock,
        prefix,
        kind,
        apiVersion,
        ...(options.slowWatchers === undefined ? {} : { slowWatchers: options.slowWatchers }),
      }));
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

export interface ApiOptions {
  readonly registries: Registries;
  readonly resources: readonly ResourceDefinition[];
  readonly authorizer: Authorizer;
  readonly authenticate: Authenticator;
  readonly tokens: TokenKeeper;
  readonly signNode: NodeCertificateSigner;
  readonly clock: Clock;
  readonly random: Random;
}

function admissionStep(options: ApiOptions): AdmissionFor {
  const reader: AdmissionReader = {
    find: (group, plural, key): KubeObject | undefined =>
      options.registries.find(group, plural)?.find(key)?.object,
  };
  const chain = new AdmissionChain([
    namespaceLifecycle(reader),
    taintNewNodes,
    serviceAccountAdmission(reader, options.random),
    priority,
    defaultTolerationSeconds,
  ]);
  return ({ user }, resource) => ({
    mutate: (attributes) => {
      chain.mutate({ ...attributes, resource, user });
    },
    validate: (attributes) => {
      chain.validate({ ...attributes, resource, user });
    },
  });
}

function specialHandlers(options: ApiOptions): ReadonlyMap<string, SubresourceHandler> {
  const { registries, authorizer, authenticate, clock } = options;
  const pods = registries.of('', 'pods');
  const handlers = new Map<string, SubresourceHandler>([
    ['/pods/binding', bindingHandler(pods, clock)],
    ['/pods/eviction', evictionHandler(pods)],
    ['/pods/ephemeralcontainers', ephemeralContainersHandler(pods)],
    ['/pods/resize', resizeHandler(pods)],
    ['/pods/log', logHandler(registries)],
    ['/pods/exec', commandHandler(registries, 'exec')],
    ['/pods/attach', commandHandler(registries, 'attach')],
    ['/pods/portforward', portForwardHandler(registries)],
    ['/namespaces/finalize', finalizeHandler(registries.of('', 'namespaces'))],
    ['/serviceaccounts/token', tokenHandler(registries, options.tokens)],
    [nodeCertificatesPath, nodeCertificateHandler(options.signNode)],
    ...reviewHandlers({ resources: options.resources, authorizer, authenticate }),
  ]);
  for (const registry of registries.all()) {
    const { group, plural, scale } = registry.resource;
    if (scale !== undefined)
      handlers.set(`${group}/${plural}/scale`, scaleHandler(registry, scale));
  }
  return handlers;
}

/** The gate every request passes, with everything behind it. */
export function createApi(options: ApiOptions): RequestGate {
  const handler = new ResourceHandler({
    registries: options.registries,
    admission: admissionStep(options),
    random: options.random,
    special: specialHandlers(options),
  });
  return createRequestGate(options.authorizer, handler);
}
