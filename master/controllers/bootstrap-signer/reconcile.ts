/** Which signatures the ConfigMap `cluster-info` should carry: one of each token that signs, and no others. Pure. */
import { configMaps } from '../../../api/core/v1/config-map.js';
import type { ConfigMap } from '../../../api/core/v1/types.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';

export interface BootstrapSignerSnapshot {
  readonly clusterInfo: ConfigMap;
  /** By the id of the token; the tokens' secrets stay out of snapshots. */
  readonly signatures: Readonly<Record<string, string>>;
  /** How long until one of the tokens ends; undefined where none does. */
  readonly nextEndMs: number | undefined;
}

const prefix = 'jws-kubeconfig-';

export function reconcile({
  clusterInfo,
  signatures,
  nextEndMs,
}: BootstrapSignerSnapshot): ReconcileResult {
  const again = nextEndMs === undefined ? {} : { requeueAfterMs: nextEndMs };
  const { data = {} } = clusterInfo;
  const others = Object.entries(data).filter(([key]) => !key.startsWith(prefix));
  const signed = Object.entries(signatures).map(([id, text]) => [`${prefix}${id}`, text] as const);
  const isComplete =
    Object.keys(data).length === others.length + signed.length &&
    signed.every(([key, text]) => data[key] === text);
  if (isComplete) return { actions: [], ...again };
  const reason = 'bootstrap tokens came or went, or what they sign changed';
  const object: ConfigMap = { ...clusterInfo, data: Object.fromEntries([...others, ...signed]) };
  return { actions: [{ type: 'update', resource: configMaps, object, reason }], ...again };
}
