/** Labels of EndpointSlices. */

/** The Service whose endpoints a slice holds, by name. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** Who keeps a slice. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** What the controller that keeps the slices of Services calls itself. */
export const sliceController = 'endpointslice-controller.k8s.io';

/** The same of Kubernetes' controller that makes slices of Endpoints. */
export const mirroringController = 'endpointslicemirroring-controller.k8s.io';
