/**
 * Every kind Pintle serves from the start, in one list. The server derives routes, discovery, OpenAPI and storage from
 * it; CustomResourceDefinitions add to it at run time.
 */
import { deployments } from './apps/v1/deployment.js';
import { replicaSets } from './apps/v1/replica-set.js';
import { pods } from './core/v1/pod/pod.js';
import type { KubeObject } from './meta/v1/types.js';
import type { ResourceDefinition } from './schema/resource.js';

/** Forgets the type of a resource's objects. Sound because the registry gives a resource only objects of its kind. */
const erased = <T extends KubeObject>(resource: ResourceDefinition<T>): ResourceDefinition =>
  resource as unknown as ResourceDefinition;

/** The built-in resources, grouped by API group and in the order discovery lists them. */
export const builtInResources: readonly ResourceDefinition[] = [
  erased(pods),
  erased(deployments),
  erased(replicaSets),
];
