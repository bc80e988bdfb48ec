/** Bounds of field ownership, as in Kubernetes. */

/** Entries for writers that did not apply; the oldest beyond it are put together. */
export const maxUpdateManagers = 10;

/** Bytes of a manager's name. */
export const maxManagerBytes = 128;

/** Levels of a field set; deeper ones are refused as broken. */
export const maxFieldSetDepth = 200;

/** Levels of an applied object. */
export const maxAppliedDepth = 200;
/** Sets of fields of one kind that a new one is compared with, to be shared. */
export const maxRecentSets = 8;

/** Created objects of one kind that a new one is compared with. */
export const maxRecentCreations = 4;

/** Characters of the longest text that is remembered of a created object. */
export const maxRememberedText = 64;

/** Members and list elements of the largest object or set that is remembered. */
export const maxRememberedMembers = 1_000;
