/** The resources the namespace controller reads and writes. */
import {
  customResourceDefinitionsRef,
  servedResources,
} from '../../../api/apiextensions/v1/served-resource.js';
import { events as eventsRef } from '../../../api/core/v1/event.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Listers } from '../../../machinery/informer/lister.js';

/** Whether both are the same resource, whatever the version. */
export const isSameResource = (
  a: Pick<ResourceRef, 'group' | 'plural'>,
  b: Pick<ResourceRef, 'group' | 'plural'>,
): boolean => a.group === b.group && a.plural === b.plural;

/** The custom resources that can be in a namespace now. */
export const customContent = (listers: Listers): readonly ResourceRef[] =>
  servedResources(listers.of(customResourceDefinitionsRef).list()).filter(
    ({ scope }) => scope === 'Namespaced',
  );

/** Everything built in that can be in a namespace. */
export const contentIn = (watchable: readonly ResourceRef[]): readonly ResourceRef[] =>
  watchable.filter(({ scope }) => scope === 'Namespaced');

/** The content followed by informers. Events come by the thousand and nothing waits for them, so they are deleted unseen. */
export const followedOf = (content: readonly ResourceRef[]): readonly ResourceRef[] =>
  content.filter((resource) => !isSameResource(resource, eventsRef));
