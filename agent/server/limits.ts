/** Bounds of the node's server. */

/** Connections at once. */
export const maxConnections = 512;
/** How long a client may take to send a request's head. */
export const headersTimeoutMs = 10_000;
/** Largest message taken over a WebSocket: clients send 32 KiB at a time. */
export const maxWebSocketMessageBytes = 1024 * 1024;
/** Bytes of one WebSocket message or SPDY frame sent. */
export const maxFrameBytes = 32 * 1024;
/** Largest SPDY frame taken. */
export const maxSpdyFrameBytes = 1024 * 1024;
/** Streams a SPDY connection may open; a command needs five, a forwarded connection two. */
export const maxSpdyStreams = 512;
/** Ports one WebSocket forwards: each has two channels, which a byte numbers. */
export const maxForwardedPorts = 64;
/** Bytes of header blocks after decompression. */
export const maxSpdyHeaderBytes = 64 * 1024;
/** How long a SPDY client may take to open the streams of a command. */
export const streamCreationTimeoutMs = 30_000;
/** How often an idle WebSocket is pinged, so that proxies between keep it. */
export const pingIntervalMs = 20_000;
/** How long a client may take to read the last of a command's output. */
export const drainTimeoutMs = 10_000;
