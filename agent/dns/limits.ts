/** Bounds of the DNS server. */

/** Seconds clients may keep an answer about the cluster, as CoreDNS' kubernetes plugin has it. */
export const clusterTtlSeconds = 5;
/** Queries waiting for an upstream server at once; more are refused. */
export const maxForwardedQueries = 512;
/** How long one upstream server is waited for. */
export const upstreamTimeoutMs = 2_000;
/** Upstream servers tried for one query. */
export const maxUpstreamAttempts = 3;
/** How long a server that did not answer is passed over while others do. */
export const upstreamPenaltyMs = 5_000;
/** Answers of others kept. */
export const maxCacheEntries = 4_096;
/** Longest an answer is kept, whatever its TTL. */
export const maxCacheSeconds = 30;
/** Longest a failure to find a name is kept. */
export const maxNegativeCacheSeconds = 5;
/** Answer size over UDP for clients that announce none (RFC 1035). */
export const plainUdpBytes = 512;
/** Largest UDP answer sent, whatever a client announces: what fits in one packet on any link. */
export const maxUdpBytes = 1_232;
/** Connections over TCP at once. */
export const maxTcpConnections = 256;
/** Queries of one TCP connection that are answered at once. */
export const maxTcpQueries = 64;
/** How long a TCP connection may be idle. */
export const tcpIdleMs = 10_000;
/** Addresses written into one answer. */
export const maxAnswers = 1_000;
/** How often resolv.conf is looked at for changes. */
export const resolvConfIntervalMs = 30_000;
/** Largest answer over TCP: its length travels in two bytes. */
export const maxTcpBytes = 65_535;
/** Aliases followed for one query; more is a loop. */
export const maxAliases = 8;
/** Seconds clients may remember that the cluster has no such name. */
export const negativeTtlSeconds = 5;
