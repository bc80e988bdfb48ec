/**
 * Bootstrap signer: signs the ConfigMap `cluster-info` of kube-public with every bootstrap token that may sign, so that who has
 * nothing but a token can read there, without credentials, where the cluster is and whose certificates to believe.
 *
 * Started by `master/controllers.ts`.
 */
import { configMaps } from '../../../api/core/v1/config-map.js';
import { secrets } from '../../../api/core/v1/secret.js';
import type { ConfigMap, Secret } from '../../../api/core/v1/types.js';
import {
  defineController,
  watchOf,
  type ControllerDefinition,
} from '../../../machinery/controller/controller.js';
import { reconcile, type BootstrapSignerSnapshot } from './reconcile.js';
import { detachedSignature, type SigningToken } from './signature.js';
import {
  tokenEndMs,
  tokenEntry,
  tokenNamespace,
  tokenSecretName,
  tokenSecretType,
} from '../../../api/core/v1/bootstrap-token.js';

const clusterInfo = { namespace: 'kube-public', name: 'cluster-info' } as const;
const clusterInfoKey = `${clusterInfo.namespace}/${clusterInfo.name}`;
/** An index of the tokens among all Secrets. */
const byType = 'bootstrap-token';

const isToken = ({ type, metadata }: Secret): boolean =>
  type === tokenSecretType && metadata.namespace === tokenNamespace;

interface LivingToken extends SigningToken {
  /** Infinite where it does not end. */
  readonly leftMs: number;
}

/** Undefined where the Secret is no token that signs. */
function signingTokenOf(secret: Secret, nowMs: number): LivingToken | undefined {
  const [id, secretPart] = [tokenEntry(secret, 'token-id'), tokenEntry(secret, 'token-secret')];
  const leftMs = tokenEndMs(secret) - nowMs;
  const signs =
    secret.metadata.deletionTimestamp === undefined &&
    secret.metadata.name === tokenSecretName(id) &&
    id !== '' &&
    secretPart !== '' &&
    leftMs > 0 &&
    tokenEntry(secret, 'usage-bootstrap-signing') === 'true';
  return signs ? { id, secret: secretPart, leftMs } : undefined;
}

export const bootstrapSigner = (): ControllerDefinition<ConfigMap, BootstrapSignerSnapshot> =>
  defineController<ConfigMap, BootstrapSignerSnapshot>({
    name: 'bootstrap_signer',
    primary: configMaps,
    watches: [
      watchOf<Secret>({
        resource: secrets,
        enqueue: (secret) => (isToken(secret) ? [clusterInfoKey] : []),
        indexes: { [byType]: (secret) => (isToken(secret) ? [tokenSecretType] : []) },
      }),
    ],
    snapshot: (key, listers, nowMs) => {
      if (key !== clusterInfoKey) return undefined;
      const stored = listers.of(configMaps).get(clusterInfo);
      const payload = stored?.data?.kubeconfig;
      if (stored === undefined || payload === undefined) return undefined;
      const tokens = listers
        .of(secrets)
        .byIndex(byType, tokenSecretType)
        .map((secret) => signingTokenOf(secret, nowMs))
        .filter((token) => token !== undefined);
      const ends = tokens.map(({ leftMs }) => leftMs).filter((leftMs) => leftMs < Infinity);
      return {
        clusterInfo: stored,
        signatures: Object.fromEntries(
          tokens.map((token) => [token.id, detachedSignature(payload, token)]),
        ),
        nextEndMs: ends.length === 0 ? undefined : Math.min(...ends),
      };
    },
    reconcile,
  });
