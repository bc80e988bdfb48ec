/** Starts serving what CustomResourceDefinitions declare, beside the built-in resources. */
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { Logger } from '../machinery/log/log.js';
import { cacheOpener } from './open-registries.js';
import type { RegistryOptions } from './open-registries.js';
import { CustomResourceLifecycle } from './registry/custom-resources/lifecycle.js';
import { CustomResources } from './registry/custom-resources/serving.js';
import type { CallWebhook } from './registry/custom-resources/webhook-conversion.js';
import type { Registries } from './registry/registries.js';

export interface CustomResourceOptions extends Omit<RegistryOptions, 'resources' | 'serviceCidr'> {
  readonly registries: Registries;
  readonly builtIn: readonly ResourceDefinition[];
  readonly logger: Logger;
  readonly callWebhook: CallWebhook;
}

/** Resolves once every stored definition is served. */
export async function openCustomResources(
  options: CustomResourceOptions,
): Promise<CustomResources> {
  const { registries, builtIn, clock, random, logger, callWebhook } = options;
  const resources = new CustomResources({
    registries,
    builtIn,
    openCache: cacheOpener(options),
    stamps: { clock, random },
    callWebhook,
  });
  const lifecycle = new CustomResourceLifecycle({ registries, resources, builtIn, clock, logger });
  await lifecycle.start();
  return resources;
}
