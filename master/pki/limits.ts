/** How often the master looks after its certificates. */

/** Never more often than this, however short-lived certificates are. */
export const shortestRenewalWaitMs = 100;

/** At least this often: a machine that sleeps does not count the time. */
export const longestRenewalWaitMs = 60 * 60_000;

/** After a renewal that failed, such as on a full disk. */
export const renewalRetryMs = 30_000;

/** An authority that ends within this time is warned of: replacing it takes a visit to every node. */
export const authorityNoticeMs = 365 * 24 * 3_600_000;

/** So often, while the master runs. */
export const authorityWarningIntervalMs = 24 * 3_600_000;
