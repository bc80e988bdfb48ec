/** Bounds of the API client. */

/** A request without an answer for this long fails; watches are exempt. */
export const requestTimeoutMs = 60_000;

/** Sockets kept open to the server for plain requests. Watches open as many more as they need. */
export const maxSockets = 64;

/** A silent connection is probed after this long, so that a server that lost power is noticed. */
export const keepAliveProbeMs = 15_000;

/** The longest watch event accepted. The server takes bodies of 3 MiB, which escaping and managed fields may double. */
export const maxWatchLineBytes = 16 * 1024 * 1024;

/** The largest answer to a plain request. */
export const maxResponseBytes = 512 * 1024 * 1024;

/** Watch events the fake client keeps for watches that start in the past. */
export const fakeHistoryLength = 10_000;

/** The longest answer of a webhook; a patched object may be as large as a request's body, and a patch holds it in base64. */
export const maxWebhookAnswerBytes = 8 * 1024 * 1024;

/** How much of what a webhook says instead of an answer is told to who made the request; client-go's bound. */
export const maxWebhookErrorChars = 2048;

/** Webhook servers that connections are kept open to. */
export const maxWebhookServers = 100;

/** A service that reviews requests or tokens and fails is asked this often, after pauses that grow; Kubernetes' figures. */
export const reviewAttempts = 5;
export const reviewRetryMs = 500;
export const reviewRetryGrowth = 1.5;
