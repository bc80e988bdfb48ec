/**
 * Every kind Pintle serves from the start, in one list. The server derives routes, discovery, OpenAPI and storage from
 * it; CustomResourceDefinitions add to it at run time.
 */
import type { ResourceDefinition } from './schema/resource.js';

/** The built-in resources, grouped by API group and in the order discovery lists them. */
export const builtInResources: readonly ResourceDefinition[] = [];
