/** The default store of a single master: LMDB in the data directory, Secrets encrypted, history compacted. */
import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { compactedStore } from './compaction.js';
import { encryptingStore } from './encrypting.js';
import { openKeyRing } from './key-ring.js';
import { storeFile } from './lmdb-file.js';
import { openLmdbStore } from './lmdb.js';
import { storeMetrics } from './metrics.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import type { Metrics } from '../../machinery/metrics/metrics.js';
import type { Store } from './store.js';

export interface EmbeddedStoreOptions {
  /** Where the store and `encryption-keys.json` lie; made where it is missing. */
  readonly directory: string;
  readonly encryptedPrefixes: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Hears of compactions that failed. */
  readonly onError: (error: unknown) => void;
}

/** Opens the store with everything that was ever acknowledged in it. Throws KeyRingError when its keys are gone. */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { directory, clock, random, onError } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, storeFile);
  const keys = await openKeyRing({
    file: path.join(directory, 'encryption-keys.json'),
    mayCreate: !existsSync(file),
    random,
  });
  const metrics = storeMetrics(options.metrics, () => statSync(file).size);
  const embedded = openLmdbStore({ directory, clock, metrics });
  const store = encryptingStore({
    store: embedded,
    prefixes: options.encryptedPrefixes,
    keys,
    random,
  });
  return compactedStore({ store, clock, onError });
}
