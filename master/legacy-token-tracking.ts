/**
 * Notes when tokens from Secrets are used, so that people find those that nobody needs any more: a label on the Secret, and in
 * kube-system a ConfigMap that says since when. As Kubernetes has it.
 */
import { configMaps } from '../api/core/v1/config-map.js';
import type { ConfigMap, Secret, ServiceAccount } from '../api/core/v1/types.js';
import { hasReason } from '../api/meta/status-error.js';
import type { KubeObject, NewObject } from '../api/meta/v1/types.js';
import { timestamp } from '../api/meta/timestamp.js';
import type { Client } from '../machinery/client/client.js';
import { findObject } from '../machinery/client/find-object.js';
import type { Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import { lastUsedLabel, type UsedSecret } from './authn/service-account-tokens.js';
import { ownWrite } from './registry/own-writes.js';
import type { Registries } from './registry/registries.js';

const tracking = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
} as const;

const dateOf = (clock: Clock): string => timestamp(clock.now()).slice(0, 'yyyy-mm-dd'.length);
const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

export interface TrackingOptions {
  readonly registries: Registries;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Labels a Secret with the date; one that is gone or changed meanwhile is left to the next use. */
async function label(registries: Registries, { metadata }: Secret, date: string): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  const registry = registries.of('', 'secrets');
  try {
    await registry.update(
      { namespace, name },
      (stored) => {
        if (stored?.metadata.uid !== uid) throw registry.notFound(name);
        const labels = { ...stored.metadata.labels, [lastUsedLabel]: date };
        return { ...stored, metadata: { ...stored.metadata, labels } };
      },
      { type: 'main' },
      ownWrite(),
    );
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
}

/** What has to be told of every use of a token from a Secret. */
export function trackedUses(options: TrackingOptions): UsedSecret {
  const { registries, clock, logger, metrics } = options;
  const counter = (name: string, help: string) => metrics.counter({ name, help });
  const made = counter(
    'serviceaccount_legacy_manual_token_uses_total',
    'Uses of tokens from Secrets that people made.',
  );
  const generated = counter(
    'serviceaccount_legacy_auto_token_uses_total',
    'Uses of tokens from Secrets that service accounts list.',
  );
  const refused = counter(
    'serviceaccount_invalid_legacy_auto_token_uses_total',
    'Uses of tokens from Secrets that are marked invalid.',
  );
  const labelling = new Set<string>();
  const isListedBy = (account: string, { metadata }: Secret): boolean => {
    const { namespace = '', name } = metadata;
    const found = registries.of('', 'serviceaccounts').find({ namespace, name: account })?.object;
    const listed = (found as ServiceAccount | undefined)?.secrets ?? [];
    return listed.some(({ name: own }) => own === name);
  };
  const noteDate = (secret: Secret): void => {
    const { uid, labels } = secret.metadata;
    const date = dateOf(clock);
    if (labels?.[lastUsedLabel] === date || labelling.has(uid)) return;
    labelling.add(uid);
    label(registries, secret, date)
      .catch((error: unknown) => {
        logger.warn('could not note when a token was last used', { error });
      })
      .finally(() => labelling.delete(uid));
  };
  return (secret, { account, isInvalid }) => {
    const isListed = isListedBy(account, secret);
    (isInvalid ? refused : isListed ? generated : made).increment();
    noteDate(secret);
    return { isListed };
  };
}

const isTracking = ({ metadata }: KubeObject): boolean =>
  metadata.name === tracking.name && metadata.namespace === tracking.namespace;

/** Creates the ConfigMap, or mends one that says no date; what it says stays otherwise. */
async function ensureDate(client: Client, clock: Clock): Promise<void> {
  const data = { since: dateOf(clock) };
  const stored = await findObject(client, configMaps, tracking);
  if (stored === undefined) {
    const metadata = { ...tracking };
    const wanted: NewObject<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    await client.create(configMaps, wanted);
  } else if (!isDate(stored.data?.since ?? '')) {
    await client.patch(configMaps, tracking, { type: 'merge', body: { data } });
  }
}

export interface TrackingDateOptions {
  readonly client: Client;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Says since when uses are noted, now and whenever somebody deletes or spoils it. */
export function keepTrackingDate(options: TrackingDateOptions): void {
  const { client, registries, clock, logger, signal } = options;
  let pending = Promise.resolve();
  const ensure = (): void => {
    pending = pending.then(async () => {
      if (signal.aborted) return;
      try {
        await ensureDate(client, clock);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists') || hasReason(error, 'Conflict')) return;
        logger.warn('could not say since when uses of tokens are noted', { error });
      }
    });
  };
  registries.of('', 'configmaps').store.follow((current, previous) => {
    const changed = (current ?? previous)?.object;
    if (changed === undefined || !isTracking(changed)) return;
    const since = (current?.object as ConfigMap | undefined)?.data?.since ?? '';
    if (!isDate(since)) ensure();
  });
  ensure();
}
