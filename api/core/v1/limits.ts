/** Bounds of the texts in an Event and of lists in a pod, as in Kubernetes. */

/** Bytes of `reportingInstance`. */
export const maxInstanceBytes = 128;

/** Bytes of `action`. */
export const maxActionBytes = 128;

/** Bytes of `reason`. */
export const maxReasonBytes = 128;

/** Bytes of `message` (`note` in events.k8s.io). */
export const maxNoteBytes = 1024;

/** Rules of one container about when it is started again. */
export const maxRestartRules = 20;

/** Exit codes in one such rule. */
export const maxExitCodes = 255;

/** Bytes of what is said of a device's health. */
export const maxHealthMessageBytes = 1024;
