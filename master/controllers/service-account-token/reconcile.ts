/**
 * Decides about one Secret that asks for a token of a service account that does not end: fill it, put it right, or delete it
 * with its account. Pure.
 */
import { secrets, serviceAccountAnnotation } from '../../../api/core/v1/secret.js';
import type { Secret, ServiceAccount } from '../../../api/core/v1/types.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';

/** The type of Secrets that ask for a token. */
export const tokenSecretType = 'kubernetes.io/service-account-token';
const accountUidKey = 'kubernetes.io/service-account.uid';

/** Signs the token of a Secret that has none. */
export const signEffect = 'sign';

/** Asks the server whether the account is missing indeed, and deletes the Secret if so. */
export const orphanEffect = 'orphan';

export interface TokenSecretSnapshot {
  readonly secret: Secret;
  /** The account the Secret names, as far as the caches know. */
  readonly account: ServiceAccount | undefined;
  /** The cluster's CA certificates in PEM. */
  readonly caPem: string;
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** The account that a Secret asks a token of. */
export const accountNameOf = ({ metadata }: Secret): string =>
  metadata.annotations?.[serviceAccountAnnotation] ?? '';

/** Whether the Secret names this very account: its uid, where it says one, is the account's. */
function isOf({ metadata }: Secret, account: ServiceAccount): boolean {
  const uid = metadata.annotations?.[accountUidKey] ?? '';
  return uid === '' || uid === account.metadata.uid;
}

/** Deletes a Secret as it was seen. */
export const remove = ({ metadata }: Secret, reason: string): Action => ({
  type: 'delete',
  resource: secrets,
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
  reason,
});

/** The Secret with its token, and whatever else it should hold. */
export function filled(
  { secret, account, caPem }: TokenSecretSnapshot,
  token: string | undefined,
): readonly Action[] {
  const { namespace = '', name, uid, resourceVersion } = secret.metadata;
  const wanted: Record<string, string> = {
    'ca.crt': encoded(caPem),
    namespace: encoded(namespace),
    ...(token === undefined ? {} : { token: encoded(token) }),
  };
  const missing = Object.entries(wanted).filter(([key, value]) => secret.data?.[key] !== value);
  const accountUid = account?.metadata.uid ?? '';
  const isNamed = secret.metadata.annotations?.[accountUidKey] === accountUid;
  if (missing.length === 0 && isNamed) return [];
  const body = {
    metadata: { uid, resourceVersion, annotations: { [accountUidKey]: accountUid } },
    data: Object.fromEntries(missing),
  };
  const target = { resource: secrets, namespace, name } as const;
  const reason = 'a Secret for a token holds what pods are given of it';
  return [{ type: 'patch', ...target, patchType: 'merge', body, reason }];
}

/** Fills in the token, or deletes the Secret. */
export function reconcile(snapshot: TokenSecretSnapshot): ReconcileResult {
  const { secret, account } = snapshot;
  if (secret.metadata.deletionTimestamp !== undefined) return { actions: [] };
  if (account === undefined) {
    const reason = 'its service account is not known';
    return { actions: [{ type: 'effect', effect: orphanEffect, object: secret, reason }] };
  }
  if (!isOf(secret, account)) {
    return { actions: [remove(secret, 'its service account was replaced by another')] };
  }
  if ((secret.data?.token ?? '') === '') {
    const args = [account.metadata.uid];
    const reason = 'the Secret has no token yet';
    return { actions: [{ type: 'effect', effect: signEffect, object: secret, args, reason }] };
  }
  return { actions: filled(snapshot, undefined) };
}
