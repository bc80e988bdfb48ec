/** Bounds of the EndpointSlice controller. */

/** Endpoints in one slice, as in Kubernetes. More make each change dearer for every watcher. */
export const endpointsPerSlice = 100;
