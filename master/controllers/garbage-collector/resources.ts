/** The resources whose owner references the garbage collector follows. */
import {
  customResourceDefinitionsRef,
  servedResources,
} from '../../../api/apiextensions/v1/served-resource.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Listers } from '../../../machinery/informer/lister.js';

const isEvents = ({ group, plural }: ResourceRef): boolean => group === '' && plural === 'events';

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** The custom resources followed now. */
const customResources = (listers: Listers): readonly ResourceRef[] =>
  servedResources(listers.of(customResourceDefinitionsRef).list());

/** What the garbage collector follows, by the names that keys and owner references have for it. */
export class FollowedResources {
  /** All that are built in but events, which own nothing, are owned by nobody and come by the thousand. */
  readonly builtIn: readonly ResourceRef[];
  private readonly byPath: ReadonlyMap<string, ResourceRef>;
  private readonly byKind: ReadonlyMap<string, ResourceRef>;

  constructor(watchable: readonly ResourceRef[]) {
    this.builtIn = watchable.filter((resource) => !isEvents(resource));
    this.byPath = new Map(this.builtIn.map((one) => [`${one.group}/${one.plural}`, one]));
    this.byKind = new Map(this.builtIn.map((one) => [`${one.group}/${one.kind}`, one]));
  }

  all(listers: Listers): readonly ResourceRef[] {
    return [...this.builtIn, ...customResources(listers)];
  }

  /** Undefined for what nobody follows. */
  of(group: string, plural: string, listers: Listers): ResourceRef | undefined {
    return (
      this.byPath.get(`${group}/${plural}`) ??
      customResources(listers).find((one) => one.group === group && one.plural === plural)
    );
  }

  /** The resource an owner reference means, whatever version it names; undefined for kinds nobody follows. */
  ofKind(
    reference: { readonly apiVersion: string; readonly kind: string },
    listers: Listers,
  ): ResourceRef | undefined {
    const group = groupOf(reference.apiVersion);
    return (
      this.byKind.get(`${group}/${reference.kind}`) ??
      customResources(listers).find((one) => one.group === group && one.kind === reference.kind)
    );
  }
}
