/** Limits and delays of volumes. */

/** A projected volume holds at most this much; API objects cannot be larger. */
export const maxPayloadBytes = 4 * 1024 * 1024;
/** Changes of sources that come together are written together. */
export const updateDelayMs = 100;
/** A projected volume that could not be brought up to date is tried again after this long. */
export const updateRetryMs = 30_000;
/** A token is renewed when this part of its life is over, or after a day if that is sooner. */
export const tokenRenewalFraction = 0.8;
export const tokenRenewalMaxMs = 24 * 60 * 60 * 1000;
export const defaultTokenSeconds = 3600;
