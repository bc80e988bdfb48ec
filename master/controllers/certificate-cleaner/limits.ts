/** How long CertificateSigningRequests are kept; the figures are Kubernetes'. */

const hourMs = 60 * 60_000;

/** After the decision, whatever it was, or the failure. */
export const decidedKeptMs = hourMs;

/** While nobody decides. */
export const pendingKeptMs = 24 * hourMs;

/** After the approval, while no signer issues the certificate. */
export const unissuedKeptMs = 24 * hourMs;
