/** Bounds of what the API server takes from and gives to one client. */

/** A larger body is a 413, as in Kubernetes. */
export const maxBodyBytes = 3 * 1024 * 1024;
/** A body nobody wants is read to its end where it is no larger; the connection is closed where it is. */
export const maxDrainedBytes = 64 * 1024;
/** Smaller answers are not worth compressing; Kubernetes' threshold. */
export const minGzipBytes = 128 * 1024;
/** How long clients may keep a document whose address names its content: a year, as Kubernetes says. */
export const documentLifetimeSeconds = 31_536_000;
/** A list is written in pieces of about this size. */
export const listChunkBytes = 256 * 1024;
/** A watch without timeoutSeconds ends after this long, plus up to as much again. */
export const minWatchMs = 30 * 60 * 1000;
/** A client that reads a watch no faster than this many buffered bytes is waited for. */
export const watchHighWaterBytes = 256 * 1024;
/** Largest message taken from a client that watches over a WebSocket; it has nothing to say. */
export const maxWatcherMessageBytes = 4 * 1024;
/** A watch whose client takes nothing for so long is broken off. */
export const slowestDrainMs = 60_000;
/** Requests a client may send over a connection before the first of them is answered. */
export const maxWaitingRequests = 100;
/** How long a client may take to send its headers and body. */
export const requestTimeoutMs = 60_000;
/** How long a request that is no watch or stream may take to be answered; Kubernetes' choice. */
export const longestAnswerMs = 60_000;
/** How long requests in flight may take to be answered once the master is to end. */
export const shutdownAnswerMs = 5_000;
/** How long clients may then take to read what was written for them. */
export const shutdownFlushMs = 1_000;
/** Idle connections are closed after this long. */
export const keepAliveTimeoutMs = 90_000;
/** Longest path and headers together. */
export const maxUrlBytes = 64 * 1024;
/** How long an agent may take to accept a connection. */
export const agentConnectTimeoutMs = 10_000;
/** How much of what an agent says against a connection is read, in characters. */
export const maxAgentRefusalChars = 4096;
/** How long a server behind a Service may take to accept a connection. */
export const backendConnectTimeoutMs = 10_000;
/** Characters of all warnings of an answer; Kubernetes' bound. Clients refuse headers of more than 16 KiB. */
export const maxWarningChars = 4096;
/** What is left of each warning where all of them are too long; Kubernetes' choice. */
export const cutWarningChars = 256;
/** Accept headers whose meaning is remembered. */
export const maxKnownAcceptHeaders = 256;
/** Larger lists are encoded to protobuf twice, once for their length, rather than kept. */
export const maxKeptListBytes = 8 * 1024 * 1024;
/** Kubernetes' choice: large answers should cost little time rather than few bytes. */
export const gzipLevel = 1;
/** A large list lets other requests have their turn after encoding about this much. */
export const listTurnBytes = 1024 * 1024;

/** From so many groups or extra facts on, a right to impersonate all of them is asked for before each by itself. */
export const manyImpersonationChecks = 4;
/** Evictions a budget may have given away that its controller has not confirmed. */
export const maxDisruptedPods = 2000;
/** How often an eviction is tried while its pod changes underneath. */
export const maxEvictionAttempts = 10;
/** How long an extension API server may take to answer a check. */
export const extensionProbeTimeoutMs = 5_000;
/** The longest of its documents: OpenAPI of some ten thousand definitions. */
export const maxExtensionDocumentBytes = 32 * 1024 * 1024;
/** How often it is looked whether something changed that decides which extension servers answer. */
export const aggregationCheckMs = 250;
/** How often extension servers are asked though nothing changed. */
export const aggregationRecheckMs = 30_000;
/**
 * Events of a busy watch wait a moment for others to be written with. To write to a watcher takes some 30 µs whatever is
 * written, so the more watchers there are the longer they wait, and other requests get their turn after some of them.
 */
export const watchPause = { minMs: 2, maxMs: 8, msEach: 0.2, wokenAtOnce: 20 };
/** Sorts of answers (verb, resource, subresource, status) that are counted apart. */
export const maxAnswerLabels = 4096;
/** When an eviction is to come again whose pod's budget has not been looked at yet; Kubernetes' figure. */
export const unseenBudgetRetrySeconds = 10;
