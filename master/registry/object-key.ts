/** Where an object lives: its resource's prefix, then the namespace for namespaced kinds, then the name. */
import type { ResourceDefinition } from '../../api/schema/resource.js';

export interface StoreKey {
  /** Empty for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
}

/** `/registry/<group>/<plural>/`, of the group under which the resource is stored. */
export function storePrefix(
  resource: Pick<ResourceDefinition, 'group' | 'plural' | 'storedAs'>,
): string {
  const { group, plural } = resource.storedAs ?? resource;
  return `/registry/${group === '' ? 'core' : group}/${plural}/`;
}

/** The key below the prefix. */
export const keyBelow = (prefix: string, { namespace, name }: StoreKey): string =>
  namespace === '' ? prefix + name : `${prefix}${namespace}/${name}`;
