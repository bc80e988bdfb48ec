/** Authorisation as the settings have it, and its file followed: what changes there counts without a restart. */
import type { Clock } from '../machinery/clock/clock.js';
import type { Logger } from '../machinery/log/log.js';
import type { Metrics } from '../machinery/metrics/metrics.js';
import type { AuthorizationConfig } from './authorization-rows.js';
import type { Access } from './authz/access.js';
import { parseAuthorizationConfiguration } from './authz/authorization-configuration.js';
import { createAuthorizationMetrics } from './authz/authorization-metrics.js';
import { followedConfiguration } from './followed-configuration.js';
import { openAccess } from './open-access.js';
import { readAuthorization } from './read-authorization.js';
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

/** Throws ConfigError or KubeconfigError where the settings cannot be followed. */
export async function openAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  const { config, registries, clock, logger } = options;
  const setUp = await readAuthorization(config);
  const metrics = createAuthorizationMetrics(options.metrics);
  const access = openAccess({ registries, setUp, metrics, clock, logger });
  const { file } = setUp;
  const take = (text: string): void => {
    access.replace(parseAuthorizationConfiguration(text));
  };
  const following = {
    what: 'authorization',
    take,
    metrics: options.metrics,
    clock,
    logger,
  } as const;
  return {
    access,
    follow:
      file === undefined ? () => Promise.resolve() : followedConfiguration({ ...following, file }),
  };
}
