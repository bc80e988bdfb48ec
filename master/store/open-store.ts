/** Opens the store the configuration names. */
import path from 'node:path';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import type { MasterConfig } from '../config.js';
import { compactedStore } from './compaction.js';
import { openEmbeddedStore } from './embedded.js';
import { openMemoryStore } from './memory.js';
import type { Store } from './store.js';

export interface OpenStoreOptions {
  readonly config: Pick<MasterConfig, 'store' | 'dataDir'>;
  /** Keys below these hold encrypted values. */
  readonly encryptedPrefixes: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { config, encryptedPrefixes, clock, random, metrics, logger } = options;
  const onError = (error: unknown): void => {
    logger.error('could not compact the store', { error });
  };
  if (config.store === 'memory')
    return compactedStore({ store: openMemoryStore(), clock, onError });
  return openEmbeddedStore({
    directory: path.join(config.dataDir, 'store'),
    encryptedPrefixes,
    clock,
    random,
    metrics,
    onError,
  });
}
