/**
 * The finalizer by which a controller keeps an object for as long as it is used: there while the object lives, taken off once
 * it is deleted and nothing uses it. Pure.
 *
 * Called by the `reconcile` of controllers. Writes whole objects, whose resourceVersion sees to it that nobody else's finalizer is lost.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { Action } from './controller.js';

/** What a controller guards, and the finalizer it does that with. */
export interface Guard {
  readonly resource: ResourceRef;
  readonly finalizer: string;
}

const finalizersOf = ({ metadata }: KubeObject): readonly string[] => metadata.finalizers ?? [];

const withFinalizers = (
  { resource }: Guard,
  object: KubeObject,
  change: { readonly finalizers: string[]; readonly reason: string },
): Action => {
  const { finalizers, reason } = change;
  return {
    type: 'update',
    resource,
    object: { ...object, metadata: { ...object.metadata, finalizers } },
    reason,
  };
};

/** Whether the object is being deleted and this guard is among those that keep it. */
export const isHeld = ({ finalizer }: Guard, object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && finalizersOf(object).includes(finalizer);

/** The write that puts the finalizer on an object that lives without it; none where there is nothing to do. */
export function guarding(guard: Guard, object: KubeObject): readonly Action[] {
  const { finalizer } = guard;
  const present = finalizersOf(object);
  if (object.metadata.deletionTimestamp !== undefined || present.includes(finalizer)) return [];
  const finalizers = [...present, finalizer];
  return [withFinalizers(guard, object, { finalizers, reason: 'it may not go while it is used' })];
}

/** The write that takes the finalizer off an object that is being deleted; none where there is nothing to do. */
export function releasing(guard: Guard, object: KubeObject): readonly Action[] {
  if (!isHeld(guard, object)) return [];
  const finalizers = finalizersOf(object).filter((name) => name !== guard.finalizer);
  const reason = 'it is being deleted and nothing uses it';
  return [withFinalizers(guard, object, { finalizers, reason })];
}
