/** Namespaces that every cluster has for itself. */

/** Where nodes renew their leases. */
export const nodeLeaseNamespace = 'kube-node-lease';
