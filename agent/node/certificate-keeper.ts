/**
 * A certificate of the node that is renewed for as long as the agent runs: kept in files, asked for anew long before it ends, and
 * handed to whoever uses it.
 *
 * Called by `main.ts`. A renewal that fails is tried again until it works; the private key never leaves the machine.
 */
import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import {
  expiryMs,
  type KeyPair,
  renewalTimeMs,
} from '../../machinery/certificates/certificates.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Random } from '../../machinery/clock/random.js';
import { readIfThere, writeSecret } from '../../machinery/files/secret-files.js';
import type { Logger } from '../../machinery/log/log.js';
import { longestRenewalWaitMs, renewalRetryMs, shortestRenewalWaitMs } from './limits.js';

export interface KeeperOptions {
  /** The folder of the files, and their name without `.crt` and `.key`. */
  readonly folder: string;
  readonly name: string;
  /** Gets a new certificate for a new key. */
  readonly request: () => Promise<KeyPair>;
  /** Whether a saved certificate is still the right one; true when absent. */
  readonly fits?: (certificate: X509Certificate) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class CertificateKeeper {
  private readonly options: KeeperOptions;
  private pair: KeyPair | undefined;

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  /** What an earlier start left; undefined when there is nothing, or nothing that is good still. */
  async saved(): Promise<KeyPair | undefined> {
    const { folder, name, clock } = this.options;
    const [certificatePem, keyPem] = await Promise.all([
      readIfThere(path.join(folder, `${name}.crt`)),
      readIfThere(path.join(folder, `${name}.key`)),
    ]);
    if (certificatePem === undefined || keyPem === undefined) return undefined;
    const isGood =
      expiryMs(certificatePem) > clock.now() &&
      this.options.fits?.(new X509Certificate(certificatePem)) !== false;
    return isGood ? { certificatePem, keyPem } : undefined;
  }

  /** Uses what was saved, or asks. */
  async ensure(): Promise<KeyPair> {
    const saved = await this.saved();
    if (saved !== undefined) {
      this.pair = saved;
      return saved;
    }
    return this.obtain();
  }

  /** Renews for as long as the signal lasts. The certificate must have been ensured before. */
  async run(signal: AbortSignal, onRenewed: (pair: KeyPair) => void): Promise<void> {
    const { clock, random, logger, name } = this.options;
    let failures = 0;
    for (;;) {
      try {
        await clock.sleep(this.waitMs(failures, random.fraction()), signal);
        if (!this.isDue()) continue;
        onRenewed(await this.obtain());
        failures = 0;
        logger.info('certificate was renewed', { certificate: name });
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        logger.warn('certificate could not be renewed', { certificate: name, error });
      }
    }
  }

  private isDue(): boolean {
    const { certificatePem = '' } = this.pair ?? {};
    return certificatePem === '' || renewalTimeMs(certificatePem, 0) <= this.options.clock.now();
  }

  private waitMs(failures: number, fraction: number): number {
    if (failures > 0) return Math.min(renewalRetryMs * 2 ** (failures - 1), longestRenewalWaitMs);
    const { certificatePem = '' } = this.pair ?? {};
    if (certificatePem === '') return 0;
    const untilDueMs = renewalTimeMs(certificatePem, fraction) - this.options.clock.now();
    return Math.min(Math.max(untilDueMs, shortestRenewalWaitMs), longestRenewalWaitMs);
  }

  private async obtain(): Promise<KeyPair> {
    const { folder, name, request } = this.options;
    const pair = await request();
    // The key first: a certificate that lacks its key is of no use to the next start.
    await writeSecret(path.join(folder, `${name}.key`), pair.keyPem);
    await writeSecret(path.join(folder, `${name}.crt`), pair.certificatePem);
    this.pair = pair;
    return pair;
  }
}
