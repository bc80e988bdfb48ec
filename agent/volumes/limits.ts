/** Limits and delays of volumes. */

/** Changes of sources that come together are written together. */
export const updateDelayMs = 100;
/** A projected volume that could not be brought up to date is tried again after this long. */
export const updateRetryMs = 30_000;
/** A token is renewed when this part of its life is over, or after a day if that is sooner. */
export const tokenRenewalFraction = 0.8;
export const tokenRenewalMaxMs = 24 * 60 * 60 * 1000;
