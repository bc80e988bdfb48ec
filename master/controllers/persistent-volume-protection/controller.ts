/**
 * Protection of volumes: a PersistentVolume that is deleted stays for as long as it is bound to a claim.
 *
 * Started by `master/controllers.ts`.
 */
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.js';
import type { PersistentVolume } from '../../../api/core/v1/types.js';
import { defineController } from '../../../machinery/controller/controller.js';
import { reconcile, type VolumeProtectionSnapshot } from './reconcile.js';

/** The definition of the controller. */
export const volumeProtection = defineController<PersistentVolume, VolumeProtectionSnapshot>({
  name: 'persistent_volume_protection',
  primary: persistentVolumes,
  watches: [],
  snapshot: (name, listers) => {
    const volume = listers.of(persistentVolumes).get({ name });
    return volume === undefined ? undefined : { volume };
  },
  reconcile,
});
