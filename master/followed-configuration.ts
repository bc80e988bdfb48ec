/** Configuration files that count as they are now: read again when they change, without a restart. */
import type { Clock } from '../machinery/clock/clock.js';
import type { NamedFile } from '../machinery/config/named-file.js';
import { followFile } from '../machinery/files/followed-file.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';

export interface FollowedConfiguration {
  readonly what: 'authentication' | 'authorization';
  readonly file: Pick<NamedFile<unknown>, 'name' | 'text'>;
  /** Lets another text count from now on; throws where it cannot be used. */
  readonly take: (text: string) => void;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Declares the metrics at once, and gives what follows the file until the signal is aborted. What cannot be used is logged,
 * and what held before goes on holding.
 */
export function followedConfiguration(
  options: FollowedConfiguration,
): (signal: AbortSignal) => Promise<void> {
  const { what, file, take, metrics, clock, logger } = options;
  const prefix = `apiserver_${what}_config_controller_automatic_reload`;
  const reloads = metrics.counter({
    name: `${prefix}s_total`,
    help: `Times the ${what} configuration was read again because it had changed.`,
    labels: ['status'],
  });
  const reloadedAt = metrics.gauge({
    name: `${prefix}_last_timestamp_seconds`,
    help: `When the ${what} configuration was last read again, in seconds since 1970.`,
    labels: ['status'],
  });
  const note = (status: 'success' | 'failure'): void => {
    reloads.increment({ status });
    reloadedAt.set(clock.now() / 1000, { status });
  };
  const failed = (error: unknown): void => {
    note('failure');
    logger.error('a configuration file cannot be used', {
      configuration: what,
      file: file.name,
      error,
    });
  };
  const onChanged = (text: string): void => {
    try {
      take(text);
    } catch (error) {
      failed(error);
      return;
    }
    note('success');
    logger.info('a configuration file was read again', { configuration: what, file: file.name });
  };
  return (signal) =>
    followFile({ file: file.name, text: file.text, clock, signal, onChanged, onError: failed });
}
