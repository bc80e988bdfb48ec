/** Bounds of an EndpointSlice, as in Kubernetes. */

/** Endpoints in one slice. */
export const maxEndpoints = 1000;

/** Addresses of one endpoint. */
export const maxEndpointAddresses = 100;

/** Ports of one slice. */
export const maxPorts = 20_000;

/** Zones or nodes that one endpoint may be hinted for. */
export const maxHints = 8;
