/** Reads from an informer's cache. Objects are shared: never change them. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';

export interface Lister<T extends KubeObject> {
  readonly get: (key: { namespace?: string | undefined; name: string }) => T | undefined;
  /** Every object, or those of one namespace. */
  readonly list: (namespace?: string) => readonly T[];
  /** Objects whose index function gave this value (`owner` by owner uid, `node` by spec.nodeName, …). */
  readonly byIndex: (index: string, value: string) => readonly T[];
}

export interface Listers {
  readonly of: <T extends KubeObject>(resource: ResourceRef<T>) => Lister<T>;
}
