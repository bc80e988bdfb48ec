/**
 * Resource-quota controller: keeps `status.hard` equal to what is wanted and `status.used` equal to what there is. Admission
 * adds to `used` before each write; this counts anew when something goes, ends or changes, and every few minutes.
 *
 * Started by `master/controllers.ts`. Its count may be behind; admission counts once more when it is written.
 */
import {
  customResourceDefinitionsRef,
  servedResourceOf,
  servedResourceOfObject,
} from '../../../api/apiextensions/v1/served-resource.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions.js';
import { resourceTexts } from '../../../api/core/v1/pod/requests.js';
import { evaluatorsFor, usedOf } from '../../../api/core/v1/quota/usage.js';
import type { QuotaShape } from '../../../api/core/v1/quota/usage.js';
import type { Pod } from '../../../api/core/v1/types.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
  type WatchRule,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { quotaWorkers } from './limits.js';
import { reconcile, resourceQuotasRef, type QuotaSnapshot } from './reconcile.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';

const nameOf = ({ group, plural }: { readonly group: string; readonly plural: string }): string =>
  `${group}/${plural}`;

/** Events are never counted here: they come and go by the thousand. */
const isCounted = ({ scope, plural }: ResourceRef): boolean =>
  scope === 'Namespaced' && plural !== 'events';

/** The quotas of an object's namespace that count objects of its resource. */
function quotasAbout(
  resource: ResourceRef,
  object: KubeObject,
  listers: Listers,
): readonly string[] {
  const { namespace = '' } = object.metadata;
  return listers
    .of(resourceQuotasRef)
    .list(namespace)
    .filter(({ spec }) =>
      evaluatorsFor(Object.keys(spec?.hard ?? {})).some(
        (evaluator) => nameOf(evaluator) === nameOf(resource),
      ),
    )
    .map(({ metadata }) => `${namespace}/${metadata.name}`);
}

const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec;

/** What of a claim quotas look at: a resize ends, and a change of its class, in its status. */
const countedOf = (claim: KubeObject): string => {
  const { spec, status } = claim as { spec?: unknown; status?: unknown };
  return JSON.stringify([spec, status]);
};

/** Whether what an object counts as may have become less: admission sees to the rest. */
function mayCountLess(
  resource: ResourceRef,
  object: KubeObject,
  change: { readonly listers: Listers; readonly previous: KubeObject | undefined },
): boolean {
  const { listers, previous } = change;
  const cached = listers.of(resource).get(object.metadata);
  if (cached?.metadata.uid !== object.metadata.uid) return true;
  if (previous === undefined) return false;
  if (resource.group !== '') return false;
  if (resource.plural === 'pods') {
    // Its generation counts changes of its spec: of what it asks for, and of how long it may run.
    const isSpecChanged = object.metadata.generation !== previous.metadata.generation;
    return isSpecChanged || isPodTerminal(object as Pod) !== isPodTerminal(previous as Pod);
  }
  if (resource.plural === 'persistentvolumeclaims') {
    return countedOf(object) !== countedOf(previous);
  }
  if (resource.plural !== 'services') return false;
  return JSON.stringify(specOf(object)) !== JSON.stringify(specOf(previous));
}

const watchFor = (resource: ResourceRef): WatchRule =>
  watchOf({
    resource,
    enqueue: (object, listers, previous) =>
      mayCountLess(resource, object, { listers, previous })
        ? quotasAbout(resource, object, listers)
        : [],
  });

type CountedByName = ReadonlyMap<string, ResourceRef>;

/** The resource of that name, built in or custom; undefined where nobody counts it. */
function resourceNamed(
  wanted: { readonly group: string; readonly plural: string },
  byName: CountedByName,
  listers: Listers,
): ResourceRef | undefined {
  const builtIn = byName.get(nameOf(wanted));
  if (builtIn !== undefined) return builtIn;
  const name = `${wanted.plural}.${wanted.group}`;
  const crd = listers.of(customResourceDefinitionsRef).get({ name });
  const served = crd === undefined ? undefined : servedResourceOf(crd);
  return served?.scope === 'Namespaced' ? served : undefined;
}

const snapshotOf =
  (byName: CountedByName) =>
  (key: string, listers: Listers, nowMs: number): QuotaSnapshot | undefined => {
    const { namespace = '', name } = keyParts(key);
    const quota = listers.of(resourceQuotasRef).get({ namespace, name });
    if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return undefined;
    const list = (group: string, plural: string): readonly KubeObject[] => {
      const resource = resourceNamed({ group, plural }, byName, listers);
      return resource === undefined ? [] : listers.of(resource).list(namespace);
    };
    return { quota, used: resourceTexts(usedOf(quota, list, nowMs)) };
  };

/** The definition of the controller that counts what can be watched. */
export function resourceQuotaController(
  watchable: readonly ResourceRef[],
): ControllerDefinition<QuotaShape, QuotaSnapshot> {
  const counted = watchable.filter(isCounted);
  return defineController<QuotaShape, QuotaSnapshot>({
    name: 'resource_quota',
    primary: resourceQuotasRef,
    watches: counted
      .filter(({ plural }) => plural !== podsRef.plural)
      .map(watchFor)
      .concat(watchFor(podsRef)),
    discovers: {
      source: customResourceDefinitionsRef,
      resourceOf: servedResourceOfObject,
      watch: watchFor,
    },
    workers: quotaWorkers,
    snapshot: snapshotOf(new Map(counted.map((resource) => [nameOf(resource), resource]))),
    reconcile,
  });
}
