/**
 * Service account controller: gives every active namespace its `default` ServiceAccount and the ConfigMap
 * `kube-root-ca.crt`, and puts them right when they are changed or deleted. Tokens are not its business: the API server
 * signs them on request.
 *
 * Started by `master/controllers.ts`.
 */
import { configMaps as configMapsRef } from '../../../api/core/v1/config-map.js';
import { namespaces as namespacesRef } from '../../../api/core/v1/namespace.js';
import { serviceAccounts as serviceAccountsRef } from '../../../api/core/v1/service-account.js';
import type { ConfigMap, Namespace, ServiceAccount } from '../../../api/core/v1/types.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import {
  defaultAccountName,
  reconcile,
  rootCaName,
  type ServiceAccountSnapshot,
} from './reconcile.js';

export interface ServiceAccountControllerOptions {
  /** The cluster's CA certificates in PEM, as pods shall see them. */
  readonly caCertificate: string;
}

/** The definition of the service account controller. */
export function serviceAccountController(
  options: ServiceAccountControllerOptions,
): ControllerDefinition<Namespace, ServiceAccountSnapshot> {
  const { caCertificate } = options;

  function snapshot(name: string, listers: Listers): ServiceAccountSnapshot | undefined {
    const namespace = listers.of(namespacesRef).get({ name });
    if (namespace === undefined) return undefined;
    return {
      namespace,
      account: listers.of(serviceAccountsRef).get({ namespace: name, name: defaultAccountName }),
      rootCa: listers.of(configMapsRef).get({ namespace: name, name: rootCaName }),
      caCertificate,
    };
  }

  return defineController<Namespace, ServiceAccountSnapshot>({
    name: 'service_account',
    primary: namespacesRef,
    watches: [
      watchOf<ServiceAccount>({
        resource: serviceAccountsRef,
        enqueue: ({ metadata }) =>
          metadata.name === defaultAccountName ? [metadata.namespace ?? ''] : [],
      }),
      watchOf<ConfigMap>({
        resource: configMapsRef,
        enqueue: ({ metadata }) => (metadata.name === rootCaName ? [metadata.namespace ?? ''] : []),
      }),
    ],
    snapshot,
    reconcile,
  });
}
