import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { Client, ObjectKey } from './client.js';

/** The object as it is stored; undefined where there is none. */
export async function findObject<T extends KubeObject>(
  client: Pick<Client, 'get'>,
  resource: ResourceRef<T>,
  key: ObjectKey,
): Promise<T | undefined> {
  try {
    return await client.get(resource, key);
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
