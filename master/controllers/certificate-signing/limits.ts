/** Bounds of what signers give. */

/** Certificates are not issued for less than ten minutes where a request asks for a time of its own. */
export const minSignedMs = 10 * 60_000;
