/**
 * Decides the next step of a namespace's removal. Pods go first, each with its grace, while everything they use is still
 * there; then the rest; then, once the server confirms that nothing is left, the finalizer that keeps the namespace. Pure.
 */
import { events as eventsRef } from '../../../api/core/v1/event.js';
import { namespaceFinalizer, namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';
import type { Namespace } from '../../../api/core/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type {
  Action,
  ActionFailure,
  ReconcileResult,
} from '../../../machinery/controller/controller.js';
import { removalConditions, type ContentObject } from './conditions.js';
import { isSameResource } from './resources.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';

export interface NamespaceSnapshot {
  readonly namespace: Namespace;
  readonly content: readonly ContentObject[];
  /** The resources that can be in a namespace. */
  readonly resources: readonly ResourceRef[];
  readonly failures: readonly ActionFailure[];
  readonly nowMs: number;
}

export function reconcile(snapshot: NamespaceSnapshot): ReconcileResult {
  const { namespace, content } = snapshot;
  const finalizers = namespace.spec.finalizers ?? [];
  const isTerminating = namespace.metadata.deletionTimestamp !== undefined;
  if (!isTerminating || !finalizers.includes(namespaceFinalizer)) return { actions: [] };
  const pods = content.filter(({ resource }) => isSameResource(resource, podsRef));
  const remaining = pods.length > 0 ? pods : content;
  if (remaining.length === 0) return { actions: finish(snapshot) };
  const deletions = remaining
    .filter((object) => !object.isTerminating)
    .map((object) => deletion(namespace, object));
  // Deletions bring this back at once; only what they could not remove is worth telling.
  if (deletions.length > 0 && snapshot.failures.length === 0) return { actions: deletions };
  return { actions: [...deletions, ...report(snapshot, remaining)] };
}

const deletion = ({ metadata }: Namespace, object: ContentObject): Action => ({
  type: 'delete',
  resource: object.resource,
  namespace: metadata.name,
  name: object.name,
  uid: object.uid,
  // Whatever depends on it goes as well, so there is nobody to wait for.
  propagationPolicy: 'Background',
  reason: 'the namespace is being deleted',
});

function report(
  { namespace, failures, nowMs }: NamespaceSnapshot,
  remaining: readonly ContentObject[],
): readonly Action[] {
  const conditions = removalConditions({
    current: namespace.status.conditions ?? [],
    remaining,
    failures: failures.filter(({ type }) => type === 'delete'),
    now: timestamp(nowMs),
  });
  if (conditions === undefined) return [];
  const object: Namespace = { ...namespace, status: { phase: 'Terminating', conditions } };
  const reason = 'the namespace says what its removal waits for';
  return [{ type: 'updateStatus', resource: namespacesRef, object, reason }];
}

/** The caches show nothing any more; they may be behind, so the server is asked before the namespace is let go. */
function finish(snapshot: NamespaceSnapshot): readonly Action[] {
  const { namespace } = snapshot;
  const { name } = namespace.metadata;
  const hadTrouble = (namespace.status.conditions ?? []).some(({ status }) => status !== 'False');
  if (hadTrouble) return report({ ...snapshot, failures: [] }, []);
  // Finalizers of others may be any qualified name, though the schema knows but one.
  const before: readonly string[] = namespace.spec.finalizers ?? [];
  const finalizers = before.filter((one) => one !== namespaceFinalizer);
  const reason = 'the namespace is empty';
  return [
    { type: 'deleteCollection', resource: eventsRef, namespace: name, reason },
    ...snapshot.resources.map((resource): Action => ({
      type: 'verifyEmpty',
      resource,
      namespace: name,
      reason,
    })),
    {
      type: 'update',
      resource: namespacesRef,
      subresource: 'finalize',
      object: { ...namespace, spec: { ...namespace.spec, finalizers } } as Namespace,
      reason,
    },
  ];
}
