/** Decides what a namespace lacks of what every pod counts on: the default account and the cluster's CA. Pure. */
import { configMaps as configMapsRef } from '../../../api/core/v1/config-map.js';
import { serviceAccounts as serviceAccountsRef } from '../../../api/core/v1/service-account.js';
import type { ConfigMap, Namespace, ServiceAccount } from '../../../api/core/v1/types.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';

/** The account of pods that name none. */
export const defaultAccountName = 'default';

/** The ConfigMap that pods' projected volumes take the CA from. */
export const rootCaName = 'kube-root-ca.crt';

const rootCaKey = 'ca.crt';

export interface ServiceAccountSnapshot {
  readonly namespace: Namespace;
  readonly account: ServiceAccount | undefined;
  readonly rootCa: ConfigMap | undefined;
  /** The cluster's CA certificates in PEM. */
  readonly caCertificate: string;
}

/** Creates what is missing. */
export function reconcile(snapshot: ServiceAccountSnapshot): ReconcileResult {
  const { namespace, account } = snapshot;
  const { metadata, status } = namespace;
  const isTerminating = metadata.deletionTimestamp !== undefined || status.phase === 'Terminating';
  if (isTerminating) return { actions: [] };
  const missing: readonly Action[] = account === undefined ? [newAccount(metadata.name)] : [];
  return { actions: [...missing, ...rootCaActions(snapshot)] };
}

const newAccount = (namespace: string): Action => ({
  type: 'create',
  resource: serviceAccountsRef,
  object: {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: defaultAccountName },
  },
  reason: 'the namespace has no default service account',
});

function rootCaActions(snapshot: ServiceAccountSnapshot): readonly Action[] {
  const { namespace, rootCa, caCertificate } = snapshot;
  const target = { namespace: namespace.metadata.name, name: rootCaName };
  if (rootCa === undefined) return [newRootCa(target, caCertificate)];
  const { data = {}, binaryData = {}, immutable } = rootCa;
  const isRight =
    data[rootCaKey] === caCertificate &&
    Object.keys(data).length === 1 &&
    Object.keys(binaryData).length === 0;
  // One that is going away is made anew once it is gone.
  if (isRight || rootCa.metadata.deletionTimestamp !== undefined) return [];
  if (immutable === true) {
    const reason = 'the root CA is wrong and cannot be changed, so it is made anew';
    const { uid } = rootCa.metadata;
    return [{ type: 'delete', resource: configMapsRef, ...target, uid, reason }];
  }
  const { binaryData: _binaryData, ...kept } = rootCa;
  return [
    {
      type: 'update',
      resource: configMapsRef,
      object: { ...kept, data: { [rootCaKey]: caCertificate } } as ConfigMap,
      reason: 'the root CA was changed',
    },
  ];
}

const newRootCa = (
  target: { readonly namespace: string; readonly name: string },
  caCertificate: string,
): Action => ({
  type: 'create',
  resource: configMapsRef,
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...target,
      annotations: {
        'kubernetes.io/description':
          'The CA that signs the certificate of the API server inside the cluster; other use is not guaranteed.',
      },
    },
    data: { [rootCaKey]: caCertificate },
  },
  reason: 'the namespace has no root CA',
});
