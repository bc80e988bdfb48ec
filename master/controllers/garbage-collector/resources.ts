/** The resources whose owner references the garbage collector follows. */
import type { Namespace } from '../../../api/core/v1/types.js';
import {
  customResourceDefinitionsRef,
  servedResourceOf,
} from '../../../api/apiextensions/v1/served-resource.js';
import { storedResources } from '../../../api/resources.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Listers } from '../../../machinery/informer/lister.js';

export const namespacesRef: ResourceRef<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
};

/** All but events, which own nothing, are owned by nobody and come by the thousand. */
export const followedResources: readonly ResourceRef[] = storedResources.filter(
  ({ group, plural }) => !(group === '' && plural === 'events'),
);

/** The custom resources followed now. */
export const customResources = (listers: Listers): readonly ResourceRef[] =>
  listers
    .of(customResourceDefinitionsRef)
    .list()
    .map(servedResourceOf)
    .filter((resource) => resource !== undefined);

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

const byKind = new Map(
  followedResources.map((resource) => [`${resource.group}/${resource.kind}`, resource]),
);

/** The resource an owner reference means, whatever version it names; undefined for kinds nobody follows. */
export function resourceOfKind(
  reference: { readonly apiVersion: string; readonly kind: string },
  listers: Listers,
): ResourceRef | undefined {
  const group = groupOf(reference.apiVersion);
  return (
    byKind.get(`${group}/${reference.kind}`) ??
    customResources(listers).find(
      (resource) => resource.group === group && resource.kind === reference.kind,
    )
  );
}
