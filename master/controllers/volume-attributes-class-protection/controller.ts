/**
 * Protection of volume classes: a VolumeAttributesClass that is deleted stays for as long as a volume or a claim names it.
 *
 * Started by `master/controllers.ts`. It goes by its caches, as in Kubernetes: a claim made at the very moment may find its class gone.
 */
import { persistentVolumeClaims } from '../../../api/core/v1/persistent-volume-claim.js';
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import type { VolumeAttributesClass } from '../../../api/storage/v1/types.js';
import { volumeAttributesClasses } from '../../../api/storage/v1/volume-attributes-class.js';
import {
  defineController,
  watchOf,
  type WatchRule,
} from '../../../machinery/controller/controller.js';
import {
  classesOfClaim,
  classesOfVolume,
  reconcile,
  type ClassProtectionSnapshot,
} from './reconcile.js';

const byClass = 'attributes-class';

/** Looks at the classes an object names, and at those it named before. */
const usersOf = <T extends KubeObject>(
  resource: ResourceRef<T>,
  classesOf: (user: T) => readonly string[],
): WatchRule =>
  watchOf<T>({
    resource,
    enqueue: (user, _listers, previous) => [
      ...classesOf(user),
      ...(previous === undefined ? [] : classesOf(previous)),
    ],
    indexes: { [byClass]: classesOf },
  });

/** The definition of the controller. */
export const attributesClassProtection = defineController<
  VolumeAttributesClass,
  ClassProtectionSnapshot
>({
  name: 'volume_attributes_class_protection',
  primary: volumeAttributesClasses,
  watches: [
    usersOf(persistentVolumes, classesOfVolume),
    usersOf(persistentVolumeClaims, classesOfClaim),
  ],
  snapshot: (name, listers) => {
    const attributesClass = listers.of(volumeAttributesClasses).get({ name });
    if (attributesClass === undefined) return undefined;
    const isUsed = [persistentVolumes, persistentVolumeClaims].some(
      (resource) => listers.of<KubeObject>(resource).byIndex(byClass, name).length > 0,
    );
    return { attributesClass, isUsed };
  },
  reconcile,
});
