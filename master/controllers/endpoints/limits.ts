/** Bounds of the Endpoints controller. */

/** Addresses in one Endpoints object, as in Kubernetes; who has more needs EndpointSlices. */
export const addressesPerEndpoints = 1000;
