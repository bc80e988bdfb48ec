/** The resources the service account controller reads and writes. */
import type { ConfigMap, Namespace, ServiceAccount } from '../../../api/core/v1/types.js';
import type { ResourceRef } from '../../../api/schema/resource.js';

const core = { group: '', version: 'v1' } as const;

export const namespacesRef: ResourceRef<Namespace> = {
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
};

export const serviceAccountsRef: ResourceRef<ServiceAccount> = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
};

export const configMapsRef: ResourceRef<ConfigMap> = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
};
