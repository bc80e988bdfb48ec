/** Bounds of what certificates are asked for with, and of bundles of trust; the numbers are Kubernetes'. */

/** A certificate is asked for at least ten minutes. */
export const minExpirationSeconds = 600;

/** The domain of a signer's name is a DNS subdomain. */
export const maxDomainBytes = 253;

/** Domain, slash, and a path of a label, a dot and a subdomain. */
export const maxSignerNameBytes = maxDomainBytes + 1 + 63 + 1 + 253;

/** Bytes of a bundle of trust anchors. */
export const maxTrustBundleBytes = 1024 * 1024;

/** Bytes of the uids in a pod's request. */
export const maxRequestUidBytes = 128;

/** How long the certificate of a pod may be valid: by anybody, and by Kubernetes' own signers. */
export const podCertificateSeconds = { min: 3600, max: 91 * 86_400, maxOwn: 86_400 } as const;

/** What a pod's request says nothing of its certificate's lifetime stands for. */
export const defaultPodCertificateSeconds = 86_400;

/** Bytes of what a pod's request is signed and proven with. */
export const maxPublicKeyBytes = 10 * 1024;
export const maxProofBytes = 10 * 1024;
export const maxStubRequestBytes = 10 * 1024;

/** Bytes of the chain that is issued to a pod. */
export const maxCertificateChainBytes = 100 * 1024;

/** A pod's certificate is renewed this long after it became valid at the earliest, and before it ends at the latest. */
export const minRefreshMarginMs = 600_000;
