/** The events of a watch on their way out: several as one buffer, made once for all who get the same, and where it goes. */
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** Events as they are, and as one chunk of a chunked HTTP/1.1 answer. The first is a part of the second. */
export interface WatchBatch {
  readonly plain: Buffer;
  readonly chunk: Buffer;
}

const lineEnd = '\r\n';

function batchOf(parts: readonly Buffer[]): WatchBatch {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = `${length.toString(16)}${lineEnd}`;
  // In memory of its own: a slow watcher keeps it for long, and with a slice of Node's pool it would keep the whole slab.
  const chunk = Buffer.allocUnsafeSlow(head.length + length + lineEnd.length);
  let at = chunk.write(head, 'latin1');
  for (const part of parts) at += part.copy(chunk, at);
  chunk.write(lineEnd, at, 'latin1');
  return { plain: chunk.subarray(head.length, at), chunk };
}

/** Watchers who follow the same get the same batches, so the last one is kept for the next of them. */
export class BatchJoiner {
  private last: { readonly parts: readonly Buffer[]; readonly batch: WatchBatch } | undefined;

  join(parts: readonly Buffer[]): WatchBatch {
    const { last } = this;
    if (last?.parts.length === parts.length && parts.every((part, at) => part === last.parts[at])) {
      return last.batch;
    }
    const batch = batchOf(parts);
    this.last = { parts, batch };
    return batch;
  }
}

/** Where a batch is to be written, and in which form. */
export interface Outlet {
  readonly sink: Writable;
  readonly bytes: Buffer;
}

/**
 * How the batches of an answer whose head was sent get to its client. A response makes three writes of a chunk, which TLS
 * copies together for each watcher; to give the connection the chunk itself takes a sixth less for a hundred watchers.
 * Where the answer is not chunked (HTTP/1.0), or waits behind another of its connection, the response does it.
 */
export const outletOf =
  (response: ServerResponse) =>
  ({ plain, chunk }: WatchBatch): Outlet => {
    const { socket } = response;
    return socket === null || !response.chunkedEncoding
      ? { sink: response, bytes: plain }
      : { sink: socket, bytes: chunk };
  };
