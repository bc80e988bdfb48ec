import { isStatusError } from '../../api/meta/status-error.js';
import type { Clock } from '../clock/clock.js';
import { reviewAttempts, reviewRetryGrowth, reviewRetryMs } from './limits.js';

/** Worth another try: the service is busy, or failed in a way that passes. One that cannot be reached is not asked again. */
const isPassing = (error: unknown): boolean =>
  isStatusError(error) && [429, 500, 504].includes(error.code);

/** Asks a service that reviews requests or tokens, and again while it fails in a way that passes, as Kubernetes does. */
export async function askedAgain<T>(ask: () => Promise<T>, clock: Clock): Promise<T> {
  let pauseMs = reviewRetryMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || attempt >= reviewAttempts) throw error;
      await clock.sleep(pauseMs);
      pauseMs *= reviewRetryGrowth;
    }
  }
}
