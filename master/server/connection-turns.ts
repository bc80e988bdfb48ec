/**
 * The requests of one connection are served one after the other, as by Go's server. Node would begin all that a client sends
 * without waiting for answers, and keep what is answered until the first is done: behind a watch, for ever.
 *
 * Called by the HTTP server for every request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { maxWaitingRequests } from './limits.js';

/** The requests of one connection. */
interface Line {
  /** The answer to the last of them. */
  last: ServerResponse;
  waiting: number;
}

export class ConnectionTurns {
  private readonly lines = new WeakMap<Duplex, Line>();

  /** Serves a request once those before it on its connection have been answered; too many of them break the connection. */
  take(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const { socket } = request;
    const line = this.lines.get(socket);
    if (line === undefined) {
      this.lines.set(socket, { last: response, waiting: 0 });
      serve();
      return;
    }
    const { last } = line;
    line.last = response;
    if (last.writableFinished) serve();
    else this.queue(line, last, { socket, serve });
  }

  /** Whether all requests of a connection have been answered. */
  isIdle(socket: Duplex): boolean {
    return this.lines.get(socket)?.last.writableFinished ?? true;
  }

  /** Whether what is written to a connection next would be taken for the answer to its last request. */
  isFree(socket: Duplex): boolean {
    const line = this.lines.get(socket);
    if (line === undefined || line.last.writableFinished) return true;
    return line.waiting === 0 && !line.last.headersSent;
  }

  private queue(
    line: Line,
    last: ServerResponse,
    { socket, serve }: { readonly socket: Socket; readonly serve: () => void },
  ): void {
    line.waiting += 1;
    if (line.waiting > maxWaitingRequests) {
      socket.destroy();
      return;
    }
    last.once('close', () => {
      line.waiting -= 1;
      if (!socket.destroyed) serve();
    });
  }
}
