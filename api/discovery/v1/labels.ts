/** Labels of EndpointSlices. */

/** The Service whose endpoints a slice holds, by name. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** Who keeps a slice. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
