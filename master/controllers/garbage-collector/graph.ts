/**
 * The graph of owners and dependents, read from the informers' caches: an index by owner uid gives an owner's dependents,
 * and a reference names its owner. Nothing is kept beside the caches, so there is nothing that could differ from them.
 */
import { foregroundFinalizer, orphanFinalizer } from '../../../api/meta/finalizers.js';
import type { KubeObject, OwnerReference } from '../../../api/meta/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import type { DependentNode, GarbageNode, GarbageSnapshot, OwnerLink } from './reconcile.js';
import type { FollowedResources } from './resources.js';

const ownerIndex = 'ownerUid';
const uidIndex = 'uid';

/** What every followed cache must be indexed by. */
export const graphIndexes = {
  [ownerIndex]: ({ metadata }: KubeObject): readonly string[] =>
    metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
  [uidIndex]: ({ metadata }: KubeObject): readonly string[] => [metadata.uid],
};

/** Names an object among all resources: group, plural, namespace and name. */
export const nodeKey = (
  resource: ResourceRef,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): string => [resource.group, resource.plural, namespace ?? '', name].join('/');

/** What the graph is read from. */
export interface GraphSource {
  readonly followed: FollowedResources;
  readonly listers: Listers;
}

function nodeOfKey(
  key: string,
  { followed, listers }: GraphSource,
): { resource: ResourceRef; object: KubeObject } | undefined {
  const [group = '', plural = '', namespace = '', name = ''] = key.split('/');
  const resource = followed.of(group, plural, listers);
  const object = resource && listers.of(resource).get({ namespace, name });
  return resource === undefined || object === undefined ? undefined : { resource, object };
}

const isDeletingDependents = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (metadata.finalizers ?? []).includes(foregroundFinalizer);

const plainNode = (
  resource: ResourceRef,
  { apiVersion, kind, metadata }: KubeObject,
): GarbageNode => ({
  resource,
  apiVersion,
  kind,
  metadata: {
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    creationTimestamp: metadata.creationTimestamp,
    ...(metadata.deletionTimestamp === undefined
      ? {}
      : { deletionTimestamp: metadata.deletionTimestamp }),
    finalizers: metadata.finalizers ?? [],
    ownerReferences: metadata.ownerReferences ?? [],
  },
});

/** What the caches say of the owner a reference names. An owner lives in the dependent's namespace or in none. */
function linkOf(
  reference: OwnerReference,
  dependent: KubeObject,
  { followed, listers }: GraphSource,
): OwnerLink {
  const resource = followed.ofKind(reference, listers);
  if (resource === undefined) return { reference, state: 'unknown' };
  const dependentNamespace = dependent.metadata.namespace ?? '';
  const isNamespaced = resource.scope === 'Namespaced';
  if (isNamespaced && dependentNamespace === '') return { reference, state: 'misplaced' };
  const namespace = isNamespaced ? dependentNamespace : '';
  const owner = listers.of(resource).get({ namespace, name: reference.name });
  if (owner?.metadata.uid === reference.uid) {
    return { reference, state: isDeletingDependents(owner) ? 'waiting' : 'present' };
  }
  const isElsewhere = listers.of(resource).byIndex(uidIndex, reference.uid).length > 0;
  return { reference, state: 'absent', resource, namespace, isElsewhere };
}

/** The cached objects that name this one as their owner and are where it can own them. */
export function dependentsOf(
  { metadata }: KubeObject,
  { followed, listers }: GraphSource,
): readonly { resource: ResourceRef; object: KubeObject }[] {
  const namespace = metadata.namespace ?? '';
  return followed.all(listers).flatMap((resource) =>
    listers
      .of(resource)
      .byIndex(ownerIndex, metadata.uid)
      .filter((object) => namespace === '' || object.metadata.namespace === namespace)
      .map((object) => ({ resource, object })),
  );
}

/** The keys of the cached objects that this one names as its owners. */
export function ownerKeysOf(
  { metadata }: KubeObject,
  { followed, listers }: GraphSource,
): readonly string[] {
  return (metadata.ownerReferences ?? []).flatMap((reference) => {
    const resource = followed.ofKind(reference, listers);
    if (resource === undefined) return [];
    const owners = listers.of(resource).byIndex(uidIndex, reference.uid);
    return owners.map((owner) => nodeKey(resource, owner.metadata));
  });
}

/** What matters for deciding about one object; undefined when nothing can need doing. */
export function snapshotOf(key: string, source: GraphSource): GarbageSnapshot | undefined {
  const node = nodeOfKey(key, source);
  if (node === undefined) return undefined;
  const { resource, object } = node;
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
  const isDeleting = deletionTimestamp !== undefined;
  const isHolding = [orphanFinalizer, foregroundFinalizer].some((one) => finalizers.includes(one));
  if (isDeleting ? !isHolding : ownerReferences.length === 0) return undefined;
  const owners = isDeleting
    ? []
    : ownerReferences.map((reference) => linkOf(reference, object, source));
  const needsDependents = isDeleting || owners.some(({ state }) => state === 'waiting');
  const dependents = needsDependents
    ? dependentsOf(object, source).map((dependent): DependentNode => ({
        ...plainNode(dependent.resource, dependent.object),
        isDeletingDependents: isDeletingDependents(dependent.object),
      }))
    : [];
  return { node: plainNode(resource, object), owners, dependents };
}
