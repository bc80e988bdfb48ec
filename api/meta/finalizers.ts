/** The finalizers of every kind that say what becomes of an object's dependents. */

/** Holds a deleted object until its dependents no longer name it. */
export const orphanFinalizer = 'orphan';

/** Holds a deleted object until the dependents that block its deletion are gone. */
export const foregroundFinalizer = 'foregroundDeletion';
