/**
 * Whether what a service-account token depends on is there still, and is what was meant: the account, and the pod, Secret or node
 * it is bound to. The words are Kubernetes'.
 */
import type { Secret } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { TokenRefusedError } from './authenticator.js';
import { equalSecrets } from './equal-secrets.js';
import { deletionLeewayMs } from './limits.js';
import type { BoundObject, TokenClaims } from './service-account-claims.js';

/** A kind of object that tokens depend on. */
export type TokenObjectKind = 'ServiceAccount' | BoundObject['kind'];

/** An object as it is stored. The namespace is empty for nodes. */
export type FindTokenObject = (
  kind: TokenObjectKind,
  key: { readonly namespace: string; readonly name: string },
) => KubeObject | undefined;

/** Gives what is deleted a while to finish its work. */
function isDeleted({ metadata }: KubeObject, nowMs: number): boolean {
  const deletedMs = Date.parse(metadata.deletionTimestamp ?? '');
  return deletedMs < nowMs - deletionLeewayMs;
}

function checkAccount({ subject }: TokenClaims, find: FindTokenObject, nowMs: number): void {
  const { namespace, name, uid } = subject;
  const account = find('ServiceAccount', { namespace, name });
  if (account === undefined) {
    throw new TokenRefusedError(`serviceaccounts ${JSON.stringify(name)} not found`);
  }
  if (isDeleted(account, nowMs)) {
    throw new TokenRefusedError(`service account ${namespace}/${name} has been deleted`);
  }
  if (account.metadata.uid === uid) return;
  throw new TokenRefusedError(
    `service account UID (${account.metadata.uid}) does not match claim (${uid})`,
  );
}

/** Throws TokenRefusedError where a token has ended with what it is bound to. */
export function checkAlive(claims: TokenClaims, find: FindTokenObject, nowMs: number): void {
  checkAccount(claims, find, nowMs);
  const { subject, bound } = claims;
  if (bound === undefined) return;
  const { kind, name, uid } = bound;
  const object = find(kind, { namespace: kind === 'Node' ? '' : subject.namespace, name });
  if (object === undefined || isDeleted(object, nowMs)) {
    throw new TokenRefusedError('service account token has been invalidated');
  }
  if (object.metadata.uid === uid) return;
  const what = kind.toLowerCase();
  throw new TokenRefusedError(
    `${what} UID (${object.metadata.uid}) does not match service account ${what} ref claim (${uid})`,
  );
}

/** The Secret that keeps a token; throws TokenRefusedError where none does, or its account is gone. */
export function secretKeeping(
  { subject, bound }: TokenClaims,
  token: string,
  find: FindTokenObject,
): Secret {
  const { namespace, name, uid } = subject;
  const secret = find('Secret', { namespace, name: bound?.name ?? '' }) as Secret | undefined;
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) {
    throw new TokenRefusedError('Token has been invalidated');
  }
  const kept = Buffer.from(secret.data?.token ?? '', 'base64').toString('latin1');
  if (!equalSecrets(kept, token)) {
    throw new TokenRefusedError("Token does not match server's copy");
  }
  const account = find('ServiceAccount', { namespace, name });
  if (account === undefined) {
    throw new TokenRefusedError(`serviceaccounts ${JSON.stringify(name)} not found`);
  }
  if (account.metadata.deletionTimestamp !== undefined) {
    throw new TokenRefusedError(`ServiceAccount ${namespace}/${name} has been deleted`);
  }
  if (account.metadata.uid === uid) return secret;
  throw new TokenRefusedError(
    `ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`,
  );
}
