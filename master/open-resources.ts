/** Which resources a master serves. Declarations of alpha and beta versions are only loaded where the settings may ask for them. */
import { builtInResources } from '../api/resources.js';
import type { ResourceDefinition } from '../api/schema/resource.js';
import type { MasterConfig } from './config.js';
import { servedResources } from './runtime-config.js';

/** Throws ConfigError where `--runtime-config` cannot be followed. */
export async function openResources({
  runtimeConfig,
}: Pick<MasterConfig, 'runtimeConfig'>): Promise<readonly ResourceDefinition[]> {
  if (runtimeConfig === undefined || runtimeConfig.size === 0) return builtInResources;
  const { preReleaseResources } = await import('../api/pre-release-resources.js');
  return servedResources(runtimeConfig, [...builtInResources, ...preReleaseResources]);
}
