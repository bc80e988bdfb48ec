/** Decides whether a PersistentVolume that is deleted may go. Pure. */
import { persistentVolumes } from '../../../api/core/v1/persistent-volume.js';
import type { PersistentVolume } from '../../../api/core/v1/types.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import {
  guarding,
  isHeld,
  releasing,
  type Guard,
} from '../../../machinery/controller/finalizer.js';

const guard: Guard = { resource: persistentVolumes, finalizer: 'kubernetes.io/pv-protection' };

export interface VolumeProtectionSnapshot {
  readonly volume: PersistentVolume;
}

export function reconcile({ volume }: VolumeProtectionSnapshot): ReconcileResult {
  if (!isHeld(guard, volume)) return { actions: guarding(guard, volume) };
  return { actions: volume.status.phase === 'Bound' ? [] : releasing(guard, volume) };
}
