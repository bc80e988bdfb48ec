/** The two parts of an object that are written apart: its status, and everything else. Changes the drafts it is given. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';

/** The status of an object of any kind. */
export const statusOf = (object: KubeObject): unknown => (object as { status?: unknown }).status;

/** Sets the status, or takes it away. */
export function setStatus(draft: KubeObject, status: unknown): void {
  if (status === undefined) Reflect.deleteProperty(draft, 'status');
  else Object.assign(draft, { status: structuredClone(status) });
}

/**
 * Resets everything but status to what is stored. Most kinds take changes of metadata through status too, as in Kubernetes:
 * agents and controllers annotate what they report on that way.
 */
export function keepAllButStatus(
  draft: KubeObject,
  stored: KubeObject,
  resource: ResourceDefinition,
): void {
  const status = statusOf(draft);
  const { metadata } = draft;
  const { managedFields } = metadata;
  for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field);
  Object.assign(draft, structuredClone(stored));
  const { statusKeeps } = resource.strategy;
  if (statusKeeps === 'metadata') Object.assign(draft.metadata, { managedFields });
  else draft.metadata = metadata;
  if (statusKeeps === 'labels') {
    const { labels } = stored.metadata;
    if (labels === undefined) Reflect.deleteProperty(metadata, 'labels');
    else Object.assign(metadata, { labels: structuredClone(labels) });
  }
  if (status === undefined) Reflect.deleteProperty(draft, 'status');
  else Object.assign(draft, { status });
}
