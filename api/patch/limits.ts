/** Bounds on what one patch may ask for, so that a small request cannot make a large computation. */

/** Operations in one JSON patch, as in Kubernetes. */
export const maxJsonPatchOperations = 10_000;

/** Bytes that the `copy` operations of one JSON patch may copy together. */
export const maxJsonPatchCopiedBytes = 3 * 1024 * 1024;
