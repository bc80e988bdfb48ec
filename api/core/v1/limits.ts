/** Bounds of the texts in an Event, as in Kubernetes. */

/** Bytes of `reportingInstance`. */
export const maxInstanceBytes = 128;

/** Bytes of `action`. */
export const maxActionBytes = 128;

/** Bytes of `reason`. */
export const maxReasonBytes = 128;

/** Bytes of `message` (`note` in events.k8s.io). */
export const maxNoteBytes = 1024;
