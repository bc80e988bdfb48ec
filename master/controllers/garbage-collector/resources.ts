/** The resources whose owner references the garbage collector follows. */
import type { Namespace } from '../../../api/core/v1/types.js';
import { storedResources } from '../../../api/resources.js';
import type { ResourceRef } from '../../../api/schema/resource.js';

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

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

const byKind = new Map(
  followedResources.map((resource) => [`${resource.group}/${resource.kind}`, resource]),
);

/** The resource an owner reference means, whatever version it names; undefined for kinds nobody follows. */
export const resourceOfKind = (reference: {
  readonly apiVersion: string;
  readonly kind: string;
}): ResourceRef | undefined => byKind.get(`${groupOf(reference.apiVersion)}/${reference.kind}`);
