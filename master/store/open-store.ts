/** Opens the store the configuration names. */
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Logger } from '../../machinery/log/log.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import type { MasterConfig } from '../config.js';
import { openMemoryStore } from './memory.js';
import type { Store } from './store.js';

export interface OpenStoreOptions {
  readonly config: MasterConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export function openStore(_options: OpenStoreOptions): Promise<Store> {
  return Promise.resolve(openMemoryStore());
}
