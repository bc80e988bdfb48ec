/** Bounds of the lifetime a client may ask of a token, as in Kubernetes. */

/** Ten minutes. */
export const minTokenSeconds = 600;

/** Far enough that it never matters. */
export const maxTokenSeconds = 2 ** 32;
