/**
 * Keeps the master's certificates young while it runs: each is made anew long before it ends, and whoever uses it is told.
 *
 * Started by `main.ts`. A renewal that fails is tried again; it must never stop the master.
 */
import { timestamp } from '../../api/meta/timestamp.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { Logger } from '../../machinery/log/log.js';
import {
  authorityNoticeMs,
  authorityWarningIntervalMs,
  longestRenewalWaitMs,
  renewalRetryMs,
  shortestRenewalWaitMs,
} from './limits.js';
import type { OwnCertificate, Pki } from './pki.js';

export interface RenewalOptions {
  readonly pki: Pki;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Uses the certificate from now on. */
  readonly onRenewed: (name: OwnCertificate) => void;
}

async function renewDue({ pki, logger, onRenewed }: RenewalOptions): Promise<void> {
  const renewed = await pki.refresh();
  for (const name of renewed) onRenewed(name);
  if (renewed.length > 0) logger.info('certificates were renewed', { certificates: renewed });
}

/** Says, not more than once a day, which authorities end soon. Gives when it last did. */
function warnOfAuthorities({ pki, clock, logger }: RenewalOptions, warnedMs: number): number {
  const nowMs = clock.now();
  if (nowMs - warnedMs < authorityWarningIntervalMs) return warnedMs;
  const ending = pki.authoritiesEndingBy(nowMs + authorityNoticeMs);
  for (const { file, endMs } of ending) {
    logger.warn('an authority of the cluster ends; no certificate can outlive it', {
      file,
      ends: timestamp(endMs),
      remedy: 'see "Renewal" in docs/authentication.md',
    });
  }
  return ending.length === 0 ? warnedMs : nowMs;
}

/** Runs until the signal is aborted. */
export async function keepRenewed(options: RenewalOptions): Promise<void> {
  const { pki, clock, logger, signal } = options;
  let waitMs = 0;
  let warnedMs = -Infinity;
  for (;;) {
    try {
      await clock.sleep(waitMs, signal);
      warnedMs = warnOfAuthorities(options, warnedMs);
      await renewDue(options);
      const untilDueMs = pki.nextRenewalMs() - clock.now();
      waitMs = Math.min(Math.max(untilDueMs, shortestRenewalWaitMs), longestRenewalWaitMs);
    } catch (error) {
      if (signal.aborted) return;
      logger.error('certificates could not be renewed', { error });
      waitMs = renewalRetryMs;
    }
  }
}
