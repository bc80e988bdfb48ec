/**
 * The server's end of a SPDY/3.1 connection, as kubectl opens it over an upgraded HTTP connection or inside a WebSocket. The
 * client opens streams; each is a Duplex with the headers it came with.
 *
 * Kubernetes' clients neither send nor expect window updates: what slows a sender down is TCP. So when a stream's reader
 * lags, the whole connection is read no further until it has caught up.
 */
import { Duplex } from 'node:stream';
import { maxFrameBytes, maxSpdyStreams } from '../limits.js';
import {
  controlFrame,
  dataFrame,
  flagFin,
  FrameReader,
  frameTypes,
  numberAt,
  numbers,
  type Frame,
} from './frames.js';
import { HeaderCodec, type SpdyHeaders } from './headers.js';

/** RST_STREAM statuses. */
const refusedStream = 3;
const cancelled = 5;
/** Ids of streams a client opens are odd. */
const streamIdMask = 0x7fffffff;

/** One stream that the client opened: what it sends is read, what is written it receives. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  private readonly connection: SpdyConnection;

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true });
    this.connection = connection;
    this.id = id;
    this.headers = headers;
  }

  override _read(): void {
    this.connection.readOn(this.id);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.connection.sendData(this.id, chunk).then(() => {
      done();
    }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.sendFin(this.id).then(() => {
      done();
    }, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connection.forget(this.id, !this.readableEnded || !this.writableFinished);
    done(error);
  }
}

export class SpdyConnection {
  private readonly transport: Duplex;
  private readonly reader = new FrameReader();
  private readonly codec = new HeaderCodec();
  private readonly streams = new Map<number, SpdyStream>();
  /** Streams whose reader lags. */
  private readonly lagging = new Set<number>();
  private readonly gone = new AbortController();
  private listener: ((stream: SpdyStream) => void) | undefined;
  private readonly unheard: SpdyStream[] = [];
  private lastStreamId = 0;
  /** Frames are worked on one after another, as headers share one decompression context. */
  private work: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(transport: Duplex) {
    this.transport = transport;
    transport.on('data', (chunk: Buffer) => {
      this.receive(chunk);
    });
    transport.on('error', () => {
      this.close();
    });
    transport.on('end', () => {
      this.close();
    });
    transport.on('close', () => {
      this.close();
    });
  }

  /** Aborted when the connection has ended. */
  get closed(): AbortSignal {
    return this.gone.signal;
  }

  /** Told of every stream the client opens, those it has opened already first. */
  onStream(listener: (stream: SpdyStream) => void): void {
    this.listener = listener;
    for (const stream of this.unheard.splice(0)) listener(stream);
  }

  /** Says that no more streams are taken and ends the connection once everything is sent. */
  finish(): void {
    if (this.gone.signal.aborted) return;
    this.transport.end(controlFrame(frameTypes.goAway, numbers(this.lastStreamId, 0)));
  }

  close(): void {
    if (this.gone.signal.aborted) return;
    this.gone.abort();
    this.transport.destroy();
    for (const stream of [...this.streams.values()]) stream.destroy();
    this.streams.clear();
    this.codec.close();
  }

  /** For streams: their reader wants more. */
  readOn(id: number): void {
    if (this.lagging.delete(id)) this.updateFlow();
  }

  /** For streams: sends bytes in frames, waiting for the transport to take them. */
  async sendData(id: number, chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; at += maxFrameBytes)
      await this.send(dataFrame(id, chunk.subarray(at, at + maxFrameBytes), false));
  }

  /** For streams: nothing more comes from our side. */
  async sendFin(id: number): Promise<void> {
    await this.send(dataFrame(id, Buffer.alloc(0), true));
  }

  /** For streams: it is over; `early` when one side had not finished. */
  forget(id: number, early: boolean): void {
    if (!this.streams.delete(id) || this.gone.signal.aborted) return;
    this.readOn(id);
    if (early)
      this.send(controlFrame(frameTypes.rstStream, numbers(id, cancelled))).catch(() => undefined);
  }

  private send(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.gone.signal.aborted || this.transport.writableEnded) {
        reject(new Error('the connection is closed'));
        return;
      }
      this.transport.write(frame, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  private receive(chunk: Buffer): void {
    this.waiting++;
    this.updateFlow();
    this.work = this.work
      .then(async () => {
        for (const frame of this.reader.read(chunk)) await this.handle(frame);
      })
      .catch(() => {
        // A frame that cannot be read leaves no way to find the next one.
        this.close();
      })
      .finally(() => {
        this.waiting--;
        this.updateFlow();
      });
  }

  private updateFlow(): void {
    if (this.lagging.size > 0 || this.waiting > 0) this.transport.pause();
    else this.transport.resume();
  }

  private async handle(frame: Frame): Promise<void> {
    if (this.gone.signal.aborted) return;
    if (frame.kind === 'data') {
      this.takeData(frame.streamId, frame.payload, (frame.flags & flagFin) !== 0);
      return;
    }
    const { type, payload } = frame;
    switch (type) {
      case frameTypes.synStream:
        await this.open(payload, frame.flags);
        break;
      case frameTypes.headers:
      case frameTypes.synReply:
        // Nobody reads them, but the context has to follow.
        await this.codec.decode(payload.subarray(4));
        break;
      case frameTypes.rstStream: {
        const id = numberAt(payload, 0) & streamIdMask;
        const stream = this.streams.get(id);
        this.streams.delete(id);
        this.lagging.delete(id);
        stream?.destroy();
        break;
      }
      case frameTypes.ping:
        // Odd ids are the client's; an even one would answer a ping of ours.
        if (numberAt(payload, 0) % 2 === 1) await this.send(controlFrame(frameTypes.ping, payload));
        break;
      default:
    }
  }

  private async open(payload: Buffer, flags: number): Promise<void> {
    const id = numberAt(payload, 0) & streamIdMask;
    const headers = await this.codec.decode(payload.subarray(10));
    if (this.streams.size >= maxSpdyStreams || this.streams.has(id) || id % 2 === 0) {
      await this.send(controlFrame(frameTypes.rstStream, numbers(id, refusedStream)));
      return;
    }
    this.lastStreamId = id;
    const stream = new SpdyStream(this, id, headers);
    stream.on('error', () => undefined);
    this.streams.set(id, stream);
    const block = await this.codec.encode(new Map());
    await this.send(controlFrame(frameTypes.synReply, Buffer.concat([numbers(id), block])));
    if (this.listener === undefined) this.unheard.push(stream);
    else this.listener(stream);
    if ((flags & flagFin) !== 0) stream.push(null);
  }

  private takeData(id: number, payload: Buffer, fin: boolean): void {
    const stream = this.streams.get(id);
    if (stream === undefined || stream.readableEnded || stream.destroyed) return;
    if (payload.length > 0 && !stream.push(payload)) this.lagging.add(id);
    if (fin) {
      stream.push(null);
      this.lagging.delete(id);
    }
    if (this.lagging.size > 0) this.updateFlow();
  }
}
