/** Bounds of what a CertificateSigningRequest may say; the numbers are Kubernetes'. */

/** A certificate is asked for at least ten minutes. */
export const minExpirationSeconds = 600;

/** The domain of a signer's name is a DNS subdomain. */
export const maxDomainBytes = 253;

/** Domain, slash, and a path of a label, a dot and a subdomain. */
export const maxSignerNameBytes = maxDomainBytes + 1 + 63 + 1 + 253;
