/** The resources the namespace controller reads and writes. */
import type { Namespace } from '../../../api/core/v1/types.js';
import {
  customResourceDefinitionsRef,
  servedResourceOf,
} from '../../../api/apiextensions/v1/served-resource.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Listers } from '../../../machinery/informer/lister.js';

export const namespacesRef: ResourceRef<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
};

export const podsRef: ResourceRef = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
};

/** Events come by the thousand and nothing waits for them, so they are deleted unseen instead of being followed. */
export const eventsRef: ResourceRef = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
};

export const isSameResource = (
  a: Pick<ResourceRef, 'group' | 'plural'>,
  b: Pick<ResourceRef, 'group' | 'plural'>,
): boolean => a.group === b.group && a.plural === b.plural;

/** The custom resources that can be in a namespace now. */
export const customContent = (listers: Listers): readonly ResourceRef[] =>
  listers
    .of(customResourceDefinitionsRef)
    .list()
    .map(servedResourceOf)
    .filter((resource) => resource !== undefined)
    .filter(({ scope }) => scope === 'Namespaced');

/** Everything built in that can be in a namespace. */
export const contentIn = (watchable: readonly ResourceRef[]): readonly ResourceRef[] =>
  watchable.filter(({ scope }) => scope === 'Namespaced');

/** The content followed by informers. */
export const followedOf = (content: readonly ResourceRef[]): readonly ResourceRef[] =>
  content.filter((resource) => !isSameResource(resource, eventsRef));
