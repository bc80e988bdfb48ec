/**
 * A lean HTTPS client for load: one request at a time over one kept-alive connection, with no more parsing than finding an
 * answer's end. What a server can do shows only if its client does little.
 */
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { ServerConnection } from '../machinery/client/https-transport.js';

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

export interface LoadAnswer {
  readonly status: number;
  readonly sizeBytes: number;
}

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

export class LoadConnection {
  private readonly socket: TLSSocket;
  private pending: Buffer = Buffer.alloc(0);
  private status = 0;
  private sizeBytes = 0;
  /** Bytes of the body still to come; undefined before its head has been read. */
  private left: number | undefined;
  private chunked = false;
  private answered: ((answer: LoadAnswer) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => {
      this.pending = this.pending.length === 0 ? data : Buffer.concat([this.pending, data]);
      this.read();
    });
    socket.on('error', (error: Error) => this.failed?.(error));
    socket.on('close', () => this.failed?.(new Error('the server closed the connection')));
  }

  static open(connection: ServerConnection): Promise<LoadConnection> {
    const { hostname, port } = new URL(connection.serverUrl);
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: hostname,
        port: Number(port),
        ca: connection.caPem,
        cert: connection.certificatePem,
        key: connection.keyPem,
      });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.off('error', reject);
        resolve(new LoadConnection(socket));
      });
    });
  }

  ask({ method, path, body = '', contentType = 'application/json' }: LoadRequest) {
    return new Promise<LoadAnswer>((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      const about =
        body === ''
          ? ''
          : `Content-Type: ${contentType}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n`;
      this.socket.write(`${method} ${path} HTTP/1.1\r\nHost: bench\r\n${about}\r\n${body}`);
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private read(): void {
    while (this.step()) {
      // Each step takes something off what is pending.
    }
  }

  /** False where more has to come first. */
  private step(): boolean {
    if (this.left === undefined) return this.readHead();
    if (this.left > 0) return this.skipBody();
    if (!this.chunked) {
      this.finish();
      return false;
    }
    return this.readChunkHead();
  }

  private readHead(): boolean {
    const end = this.pending.indexOf(headEnd);
    if (end < 0) return false;
    const head = this.pending.toString('latin1', 0, end);
    this.pending = this.pending.subarray(end + headEnd.length);
    this.status = Number(head.slice(9, 12));
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    this.chunked = length === undefined;
    this.left = Number(length ?? 0);
    this.sizeBytes = 0;
    return true;
  }

  private skipBody(): boolean {
    const taken = Math.min(this.left ?? 0, this.pending.length);
    this.left = (this.left ?? 0) - taken;
    this.sizeBytes += taken;
    this.pending = this.pending.subarray(taken);
    return this.left === 0;
  }

  /** The line before a chunk, after the empty one that ends the chunk before it. */
  private readChunkHead(): boolean {
    const start = this.sizeBytes === 0 ? 0 : lineEnd.length;
    const end = this.pending.indexOf(lineEnd, start);
    if (end < 0) return false;
    const size = Number.parseInt(this.pending.toString('latin1', start, end), 16);
    if (size === 0) {
      if (this.pending.length < end + headEnd.length) return false;
      this.pending = this.pending.subarray(end + headEnd.length);
      this.finish();
      return false;
    }
    this.pending = this.pending.subarray(end + lineEnd.length);
    this.left = size;
    return true;
  }

  private finish(): void {
    const { status, sizeBytes } = this;
    this.left = undefined;
    const { answered } = this;
    this.failed = undefined;
    answered?.({ status, sizeBytes });
  }
}
