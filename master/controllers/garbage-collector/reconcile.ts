/**
 * Decides about one object by its owners and dependents: whether it outlives its owners, and whether its own deletion still
 * waits for its dependents. Pure; absence of an owner is never taken from a cache alone, but verified with the server.
 */
import { foregroundFinalizer, orphanFinalizer } from '../../../api/meta/finalizers.js';
import type { KubeObject, OwnerReference } from '../../../api/meta/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';

/** The part of an object that ownership is about. */
export interface GarbageNode extends KubeObject {
  readonly resource: ResourceRef;
}

export interface DependentNode extends GarbageNode {
  /** It is being deleted in the foreground itself. */
  readonly isDeletingDependents: boolean;
}

/**
 * An owner as its dependent names it: `present`; `waiting` for its dependents to go; `absent` from the caches; `unknown`,
 * of a kind nobody follows; or `misplaced`, in a namespace although the dependent is in none.
 */
export type OwnerLink =
  | {
      readonly reference: OwnerReference;
      readonly state: 'present' | 'waiting' | 'unknown' | 'misplaced';
    }
  | {
      readonly reference: OwnerReference;
      readonly state: 'absent';
      readonly resource: ResourceRef;
      /** Where it would have to be; empty for cluster-scoped owners. */
      readonly namespace: string;
      /** An object of its uid exists, but in another namespace or under another name. */
      readonly isElsewhere: boolean;
    };

export interface GarbageSnapshot {
  readonly node: GarbageNode;
  /** Empty when the object is being deleted. */
  readonly owners: readonly OwnerLink[];
  /** Empty unless the object's deletion, or that of an owner, waits for dependents. */
  readonly dependents: readonly DependentNode[];
}

type AbsentOwner = Extract<OwnerLink, { state: 'absent' }>;

/** Deletes the object, lets its dependents go first, or leaves it alone. */
export function reconcile(snapshot: GarbageSnapshot): ReconcileResult {
  const { node, dependents } = snapshot;
  if (node.metadata.deletionTimestamp === undefined) return { actions: byOwners(snapshot) };
  const finalizers = node.metadata.finalizers ?? [];
  if (finalizers.includes(orphanFinalizer)) {
    // The owner goes only after the caches show every dependent freed: one that is not would be collected.
    if (dependents.length === 0) return { actions: [removeFinalizer(node, orphanFinalizer)] };
    return { actions: dependents.map((one) => dropOwners(one, [node.metadata.uid])) };
  }
  if (!finalizers.includes(foregroundFinalizer) || dependents.some((one) => blocks(one, node))) {
    return { actions: [] };
  }
  return { actions: [removeFinalizer(node, foregroundFinalizer)] };
}

const blocks = ({ metadata }: GarbageNode, owner: GarbageNode): boolean =>
  (metadata.ownerReferences ?? []).some(
    ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
  );

function byOwners({ node, owners, dependents }: GarbageSnapshot): readonly Action[] {
  const absent = owners.filter((owner): owner is AbsentOwner => owner.state === 'absent');
  const waiting = owners.filter(({ state }) => state === 'waiting');
  const others = owners.length - absent.length - waiting.length;
  const events = owners.flatMap((owner) => misplacement(node, owner));
  if (absent.length + waiting.length === 0) return events;
  const checks = absent.map((owner): Action => ({
    type: 'verifyGone',
    resource: owner.resource,
    namespace: owner.namespace,
    name: owner.reference.name,
    uid: owner.reference.uid,
    reason: 'a cache may be behind',
  }));
  if (others > 0) {
    const gone = [...absent, ...waiting].map(({ reference }) => reference.uid);
    return [...events, ...checks, dropOwners(node, gone)];
  }
  if (waiting.length > 0 && dependents.length > 0) {
    // Two that wait for each other would wait for ever. The deletion follows when the cache shows the change.
    const isCircular = dependents.some((dependent) => dependent.isDeletingDependents);
    const unblocked = isCircular ? unblockOwners(node) : [];
    return [
      ...events,
      ...checks,
      ...(unblocked.length > 0 ? unblocked : [remove(node, 'Foreground')]),
    ];
  }
  return [...events, ...checks, remove(node, policyOf(node))];
}

/** A finalizer set beforehand is what the user wants for the dependents. */
function policyOf({ metadata: { finalizers = [] } }: GarbageNode): Policy {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

type Policy = 'Orphan' | 'Foreground' | 'Background';

const targetOf = ({ resource, metadata: { namespace, name } }: GarbageNode) => ({
  resource,
  namespace,
  name,
});

const remove = (node: GarbageNode, propagationPolicy: Policy): Action => ({
  type: 'delete',
  ...targetOf(node),
  uid: node.metadata.uid,
  // It may have been freed of its owners or adopted by another since.
  resourceVersion: node.metadata.resourceVersion,
  propagationPolicy,
  reason:
    propagationPolicy === 'Foreground'
      ? 'its owner waits for it to be deleted'
      : 'none of its owners exists any more',
});

/** A patch that fails when the object has changed in the meantime or is another one. */
const patchMetadata = (
  node: GarbageNode,
  change: Pick<GarbageNode['metadata'], 'finalizers' | 'ownerReferences'>,
  reason: string,
): Action => ({
  type: 'patch',
  ...targetOf(node),
  patchType: 'merge',
  body: {
    metadata: {
      uid: node.metadata.uid,
      resourceVersion: node.metadata.resourceVersion,
      ...change,
    },
  },
  reason,
});

const dropOwners = (node: GarbageNode, uids: readonly string[]): Action =>
  patchMetadata(
    node,
    {
      ownerReferences: (node.metadata.ownerReferences ?? []).filter(
        ({ uid }) => !uids.includes(uid),
      ),
    },
    'it outlives some of its owners',
  );

function unblockOwners(node: GarbageNode): readonly Action[] {
  const references = node.metadata.ownerReferences ?? [];
  if (!references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) return [];
  const ownerReferences = references.map((one) => ({ ...one, blockOwnerDeletion: false }));
  return [patchMetadata(node, { ownerReferences }, 'it and its dependents wait for each other')];
}

const removeFinalizer = (node: GarbageNode, finalizer: string): Action =>
  patchMetadata(
    node,
    { finalizers: (node.metadata.finalizers ?? []).filter((one) => one !== finalizer) },
    finalizer === orphanFinalizer
      ? 'its dependents no longer name it'
      : 'no dependent blocks its deletion',
  );

/** References across namespaces never hold, which surprises people: say so. */
function misplacement(node: GarbageNode, owner: OwnerLink): readonly Action[] {
  const isWrong = owner.state === 'misplaced' || (owner.state === 'absent' && owner.isElsewhere);
  if (!isWrong) return [];
  const { apiVersion, kind, name, uid } = owner.reference;
  const { namespace = '' } = node.metadata;
  const { metadata } = node;
  return [
    {
      type: 'event',
      regarding: { apiVersion: node.apiVersion, kind: node.kind, metadata },
      eventType: 'Warning',
      eventReason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace "${namespace}"`,
      reason: 'an owner is where it cannot own this object',
    },
  ];
}
