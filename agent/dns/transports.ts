/** How queries come in and answers go out: as datagrams, and over TCP connections whose clients are waited for. */
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { maxTcpQueries, tcpIdleMs } from './limits.js';

/** The answer to a query's bytes; undefined for what deserves none. Never rejects. */
export type AnswerQuery = (message: Buffer) => Promise<Buffer | undefined>;

/** Answers whoever can be answered. */
export function answerDatagrams(socket: Pick<UdpSocket, 'on' | 'send'>, answer: AnswerQuery): void {
  socket.on('message', (message, { address, port }) => {
    // Anybody may say that they came from port 0, where nobody can listen and Node refuses to send to.
    if (port === 0) return;
    void answer(message).then((reply) => {
      // The client may be gone; there is nobody to tell.
      if (reply !== undefined) socket.send(reply, port, address, () => undefined);
    });
  });
}

const lengthBytes = 2;

function framed(reply: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt16BE(reply.length, 0);
  return Buffer.concat([length, reply]);
}

/** One client: messages with their length before them, answered in the order they are ready. */
class TcpClient {
  private readonly connection: Socket;
  private readonly answer: AnswerQuery;
  private received = Buffer.alloc(0);
  private waiting = 0;

  constructor(connection: Socket, answer: AnswerQuery) {
    this.connection = connection;
    this.answer = answer;
    connection.setTimeout(tcpIdleMs, () => connection.destroy());
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.take();
    });
    connection.on('drain', () => {
      this.goOn();
    });
  }

  /** A client that asks faster than it reads is not listened to meanwhile. */
  private get isBusy(): boolean {
    return this.waiting >= maxTcpQueries || this.connection.writableNeedDrain;
  }

  private take(): void {
    while (!this.isBusy && this.received.length >= lengthBytes) {
      const end = lengthBytes + this.received.readUInt16BE(0);
      if (this.received.length < end) break;
      const message = this.received.subarray(lengthBytes, end);
      this.received = this.received.subarray(end);
      this.waiting += 1;
      void this.answer(message).then((reply) => {
        this.waiting -= 1;
        if (reply !== undefined && this.connection.writable) this.connection.write(framed(reply));
        this.goOn();
      });
    }
    if (this.isBusy) this.connection.pause();
  }

  private goOn(): void {
    if (this.isBusy || this.connection.destroyed) return;
    this.connection.resume();
    this.take();
  }
}

/** Answers a client until it goes, is silent for too long, or does not read its answers. */
export function answerConnection(connection: Socket, answer: AnswerQuery): void {
  new TcpClient(connection, answer);
}
