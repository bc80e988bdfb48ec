/** Bounds of authentication. */

/** Tokens whose signature or answer is remembered; the one unused for longest makes room. */
export const maxRememberedTokens = 8192;

/** What stands in a header is never longer than this; longer tokens are not looked at. */
export const maxTokenBytes = 64 * 1024;

/** A token outlives the deletion mark of what it is bound to by this much, so that work in progress can be finished. */
export const deletionLeewayMs = 60_000;

/** The time pods' tokens ask for. They are renewed hourly but issued for longer, for clients that read them once. */
export const extendedTokenSeconds = 3607;

/** How long those tokens are good for. */
export const extendedLifetimeSeconds = 365 * 24 * 60 * 60;

/** Keys of an OpenID provider are asked for again when one is missing, but not more often than this. */
export const oidcRefreshCooldownMs = 10_000;

/** An OpenID provider's keys are taken for good this long. */
export const oidcKeysMaxAgeMs = 60 * 60_000;

/** A webhook or an OpenID provider answers within this time. */
export const remoteTimeoutMs = 10_000;

/** The answer of an OpenID provider is no longer than this. */
export const maxDocumentBytes = 1024 * 1024;

/** What all expressions about one token may cost, in CEL's units. */
export const claimRulesCostBudget = 1_000_000;

/** Issuers of tokens that a configuration file may name. */
export const maxJwtIssuers = 64;

/** A webhook's answers are remembered this long unless the settings say otherwise. */
export const defaultWebhookCacheMs = 2 * 60_000;
