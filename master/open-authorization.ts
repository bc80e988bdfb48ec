/** Authorisation as the settings have it, and its file followed: what changes there counts without a restart. */
import type { Clock } from '../machinery/clock/clock.js';
import { followFile } from '../machinery/files/followed-file.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { AuthorizationConfig } from './authorization-rows.js';
import type { Access } from './authz/access.js';
import { parseAuthorizationConfiguration } from './authz/authorization-configuration.js';
import { createAuthorizationMetrics } from './authz/authorization-metrics.js';
import type { AuthorizationMetrics } from './authz/authorization-metrics.js';
import { openAccess } from './open-access.js';
import type { OpenedAccess } from './open-access.js';
import { readAuthorization } from './read-authorization.js';
import type { AuthorizationSetUp } from './read-authorization.js';
import type { Registries } from './registry/registries.js';

export interface AuthorizationOptions {
  readonly config: Partial<AuthorizationConfig>;
  readonly registries: Registries;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Authorization {
  readonly access: Access;
  /** Follows the file, if there is one, until the signal is aborted. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
}

interface FollowedAuthorization {
  readonly access: OpenedAccess;
  readonly file: NonNullable<AuthorizationSetUp['file']>;
  readonly metrics: AuthorizationMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Takes over what the file says whenever it changes; what cannot be used is logged, and what held before goes on holding. */
function followAuthorization(options: FollowedAuthorization): Promise<void> {
  const { access, file, metrics, clock, logger, signal } = options;
  const failed = (error: unknown): void => {
    metrics.reloaded('failure', clock.now());
    logger.error('the authorization configuration cannot be used', { file: file.name, error });
  };
  return followFile({
    file: file.name,
    text: file.text,
    clock,
    signal,
    onChanged: (text) => {
      try {
        access.replace(parseAuthorizationConfiguration(text));
      } catch (error) {
        failed(error);
        return;
      }
      metrics.reloaded('success', clock.now());
      logger.info('the authorization configuration was read again', { file: file.name });
    },
    onError: failed,
  });
}

/** Throws ConfigError or KubeconfigError where the settings cannot be followed. */
export async function openAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  const { config, registries, clock, logger } = options;
  const setUp = await readAuthorization(config);
  const metrics = createAuthorizationMetrics(options.metrics);
  const access = openAccess({ registries, setUp, metrics, clock, logger });
  const { file } = setUp;
  return {
    access,
    follow: async (signal) => {
      if (file !== undefined) {
        await followAuthorization({ access, file, metrics, clock, logger, signal });
      }
    },
  };
}
