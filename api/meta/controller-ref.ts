/** The owner reference that says who manages an object, as controllers read and write it. Pure. */
import type { KubeObject, OwnerReference } from './v1/types.js';

/** The one owner that manages the object, if it has one. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true);

/** Whether `owner` manages the object. */
export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;

/** The reference a controller's objects carry to what they were made for. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

/** A strategic merge patch that makes `owner` manage the object with this uid. */
export const adoptionPatch = (owner: KubeObject, uid: string): unknown => ({
  metadata: { uid, ownerReferences: [controllerReference(owner)] },
});

/** A strategic merge patch that takes `owner` off the object with this uid. */
export const releasePatch = (owner: KubeObject, uid: string): unknown => ({
  metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] },
});
