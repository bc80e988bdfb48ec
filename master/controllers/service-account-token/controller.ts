/**
 * Service account tokens in Secrets: whoever makes a Secret of type `kubernetes.io/service-account-token` that names an account gets
 * a token put into it that lasts as long as the Secret and the account.
 *
 * Started by `master/controllers.ts`, which hands it the signature; the key itself never comes here.
 */
import { secrets } from '../../../api/core/v1/secret.js';
import { serviceAccounts } from '../../../api/core/v1/service-account.js';
import type { Secret, ServiceAccount } from '../../../api/core/v1/types.js';
import type { Client } from '../../../machinery/client/client.js';
import { findObject } from '../../../machinery/client/find-object.js';
import {
  defineController,
  watchOf,
  type Action,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import {
  accountNameOf,
  filled,
  orphanEffect,
  reconcile,
  remove,
  signEffect,
  tokenSecretType,
  type TokenSecretSnapshot,
} from './reconcile.js';
import { keyParts } from '../../../machinery/informer/object-cache.js';

export interface ServiceAccountTokenOptions {
  readonly client: Client;
  readonly caPem: string;
  /** Signs a token that ends with the Secret of this name. */
  readonly sign: (
    account: { readonly namespace: string; readonly name: string; readonly uid: string },
    secretName: string,
  ) => Promise<string>;
}

const byAccount = 'account';

export function serviceAccountToken(
  options: ServiceAccountTokenOptions,
): ControllerDefinition<Secret, TokenSecretSnapshot> {
  const { client, caPem, sign } = options;

  const current = (secret: Secret): Promise<ServiceAccount | undefined> => {
    const { namespace } = secret.metadata;
    return findObject(client, serviceAccounts, { namespace, name: accountNameOf(secret) });
  };

  async function fill(secret: Secret): Promise<readonly Action[]> {
    const account = await current(secret);
    if (account === undefined) return [remove(secret, 'its service account is gone')];
    const { namespace = '', name, uid } = account.metadata;
    const token = await sign({ namespace, name, uid }, secret.metadata.name);
    return filled({ secret, account, caPem }, token);
  }

  return defineController<Secret, TokenSecretSnapshot>({
    name: 'service_account_token',
    primary: secrets,
    watches: [
      watchOf<Secret>({
        resource: secrets,
        enqueue: () => [],
        indexes: {
          [byAccount]: (secret) =>
            secret.type === tokenSecretType
              ? [`${secret.metadata.namespace ?? ''}/${accountNameOf(secret)}`]
              : [],
        },
      }),
      watchOf<ServiceAccount>({
        resource: serviceAccounts,
        enqueue: ({ metadata: { namespace = '', name } }, listers) =>
          listers
            .of(secrets)
            .byIndex(byAccount, `${namespace}/${name}`)
            .map((secret) => `${namespace}/${secret.metadata.name}`),
      }),
    ],
    snapshot: (key, listers) => {
      const { namespace = '', name } = keyParts(key);
      const secret = listers.of(secrets).get({ namespace, name });
      if (secret?.type !== tokenSecretType) return undefined;
      const account = listers.of(serviceAccounts).get({ namespace, name: accountNameOf(secret) });
      return { secret, account, caPem };
    },
    reconcile,
    effects: {
      [signEffect]: (object) => fill(object),
      [orphanEffect]: async (object) =>
        (await current(object)) === undefined
          ? [remove(object, 'its service account is gone')]
          : [],
    },
  });
}
