/** Bounds of networking objects, as in Kubernetes. */

/** Bytes of the name of an IngressClass's controller. */
export const maxControllerBytes = 250;

/** Directions a NetworkPolicy can have. */
export const maxPolicyTypes = 2;

/** Ranges of one ServiceCIDR: one a family. */
export const maxServiceRanges = 2;
