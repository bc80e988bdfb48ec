/** Bounds of storage objects, as in Kubernetes. */

/** Parameters of one class. */
export const maxParameters = 512;

/** Bytes of all keys and values of the parameters of one class. */
export const maxParametersBytes = 256 * 1024;

/** Bytes of what a volume driver calls a node. */
export const maxNodeIdBytes = 192;

/** Bytes of the keys and values of the metadata of an attachment together. */
export const maxAttachmentBytes = 256 * 1024;

/** Bytes of an error message of an attachment. */
export const maxErrorMessageBytes = 1024;

/** Seconds a requested token may be valid. */
export const tokenSeconds = { shortest: 600, longest: 2 ** 32 } as const;

/** Seconds between two questions of how many volumes a node can have. */
export const shortestUpdatePeriodSeconds = 10;
