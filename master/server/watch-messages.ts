/**
 * Watches over a WebSocket, for clients that can hold no other connection open or were written when this was the way to watch:
 * every event is a message, of text or of protobuf, in the accepted form.
 *
 * Called by the upgrade server. It must never buffer more than a bounded amount for a slow client.
 */
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../machinery/clock/clock.js';
import { protocolsIn } from '../authn/web-socket-token.js';
import { maxWatcherMessageBytes, slowestDrainMs, watchHighWaterBytes } from './limits.js';
import type { Upgrade } from './proxy/reverse-proxy.js';
import type { MessageEncoder, WatchAnswer, WatchPace } from './watch-writer.js';

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: maxWatcherMessageBytes,
  perMessageDeflate: false,
  // A client that offers protocols is owed one of them; none means anything here.
  handleProtocols: (offered) => protocolsIn([...offered].join(','))[0] ?? false,
});

/** Agrees to a WebSocket. Undefined where the client asked for it wrongly, which it was told, or went away. */
export const openedSocket = ({ request, socket, head }: Upgrade): Promise<WebSocket | undefined> =>
  new Promise((resolve) => {
    const gone = (): void => {
      resolve(undefined);
    };
    socket.once('close', gone);
    if (socket.destroyed) gone();
    else sockets.handleUpgrade(request, socket, head, resolve);
  });

/** Waits until the client has taken what was sent to it; breaks off where it takes too long. */
async function taken(socket: WebSocket, sent: Promise<void>, clock: Clock): Promise<void> {
  const cancel = clock.after(slowestDrainMs, () => {
    socket.terminate();
  });
  await sent;
  cancel();
}

/** Resolves when the connection has taken all messages, or is gone. */
const sendAll = (
  socket: WebSocket,
  messages: readonly Buffer[],
  { binary }: MessageEncoder,
): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      socket.off('close', settle);
      resolve();
    };
    socket.once('close', settle);
    const last = messages.length - 1;
    for (const [at, message] of messages.entries()) {
      socket.send(message, { binary }, at === last ? settle : undefined);
    }
  });

/** Sends a watch until it ends, times out or the client goes; `shown` is called after each batch. */
export async function sendWatchMessages(
  socket: WebSocket,
  { watch, timeoutMs }: WatchAnswer,
  options: {
    readonly encoder: MessageEncoder;
    readonly clock: Clock;
    readonly pace: WatchPace;
    readonly shown: () => void;
  },
): Promise<void> {
  const { encoder, clock, pace, shown } = options;
  const pause = pace.pauser();
  const cancel = clock.after(timeoutMs, watch.stop);
  socket.once('close', watch.stop);
  // What ails the connection also ends it. A watcher has nothing to say.
  socket.on('error', () => undefined);
  if (socket.readyState !== socket.OPEN) watch.stop();
  try {
    for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
      const sent = sendAll(socket, batch.map(encoder.encode), encoder);
      if (socket.bufferedAmount > watchHighWaterBytes) await taken(socket, sent, clock);
      shown();
      await pause();
    }
  } finally {
    cancel();
    watch.stop();
    socket.close(1000);
  }
}
