/** Sends requests as they are, also those no client library would, over connections that are kept. */
import { Agent, request as send } from 'node:https';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import type { FuzzAnswer, FuzzRequest } from './fuzz-request.js';

/** Longer answers are cut; nothing is decided by what is in them. */
const maxAnswerBytes = 64 * 1024 * 1024;
/** A server that has not answered by then hangs. */
const hangMs = 15_000;
/** A watch that goes on is left. */
const watchMs = 1_500;

export class FuzzClient {
  private readonly agent: Agent;
  private readonly server: URL;

  constructor(connection: ServerConnection, sockets: number) {
    this.server = new URL(connection.serverUrl);
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: sockets,
      ca: connection.caPem,
      cert: connection.certificatePem,
      key: connection.keyPem,
    });
  }

  /** Rejects where the connection breaks or nothing comes. */
  send({ method, path, headers, contentType, body }: FuzzRequest): Promise<FuzzAnswer> {
    const startMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = send(
        {
          agent: this.agent,
          host: this.server.hostname,
          port: this.server.port,
          method,
          path,
          headers: {
            ...headers,
            ...(contentType === undefined ? {} : { 'content-type': contentType }),
            ...(body === undefined ? {} : { 'content-length': body.length }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          let size = 0;
          const finish = (): void => {
            clearTimeout(timer);
            resolve({
              status: incoming.statusCode ?? 0,
              contentType: incoming.headers['content-type'] ?? '',
              body: Buffer.concat(chunks),
              durationMs: performance.now() - startMs,
            });
          };
          const timer = setTimeout(
            () => {
              finish();
              outgoing.destroy();
            },
            path.includes('watch') ? watchMs : hangMs,
          );
          incoming.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= maxAnswerBytes) chunks.push(chunk);
          });
          incoming.on('end', finish);
          incoming.on('error', (error) => {
            clearTimeout(timer);
            reject(error);
          });
        },
      );
      outgoing.setTimeout(hangMs, () => outgoing.destroy(new Error('no answer: the server hangs')));
      outgoing.on('error', reject);
      // An upgrade that is granted is of no interest here.
      outgoing.on('upgrade', (incoming, socket) => {
        socket.destroy();
        resolve({
          status: incoming.statusCode ?? 101,
          contentType: '',
          body: Buffer.alloc(0),
          durationMs: performance.now() - startMs,
        });
      });
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
