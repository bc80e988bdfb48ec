/** Decides whether a VolumeAttributesClass that is deleted may go. Pure. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/core/v1/types.js';
import type { VolumeAttributesClass } from '../../../api/storage/v1/types.js';
import { volumeAttributesClasses } from '../../../api/storage/v1/volume-attributes-class.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';
import {
  guarding,
  isHeld,
  releasing,
  type Guard,
} from '../../../machinery/controller/finalizer.js';

const guard: Guard = {
  resource: volumeAttributesClasses,
  finalizer: 'kubernetes.io/vac-protection',
};

export interface ClassProtectionSnapshot {
  readonly attributesClass: VolumeAttributesClass;
  /** Whether a volume or a claim names the class. */
  readonly isUsed: boolean;
}

const named = (...names: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(names.flatMap((name) => (name === undefined || name === '' ? [] : name))),
];

/** The classes a volume has. */
export const classesOfVolume = ({ spec }: PersistentVolume): readonly string[] =>
  named(spec.volumeAttributesClassName);

/** The classes a claim asks for, has, or is on the way to. */
export const classesOfClaim = ({ spec, status }: PersistentVolumeClaim): readonly string[] =>
  named(
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  );

/** Guards a class that lives, and lets one go that nobody uses. */
export function reconcile({ attributesClass, isUsed }: ClassProtectionSnapshot): ReconcileResult {
  if (!isHeld(guard, attributesClass)) return { actions: guarding(guard, attributesClass) };
  return { actions: isUsed ? [] : releasing(guard, attributesClass) };
}
