/** SPDY/3.1 frames on the wire. Only those kubectl and its libraries use; others are read and passed over. */
import { maxSpdyFrameBytes } from '../limits.js';

/** The types of control frames, by SPDY/3.1, section 2.6. */
export const frameTypes = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** The last frame of a stream in one direction. */
export const flagFin = 1;

export type Frame =
  | {
      readonly kind: 'data';
      readonly streamId: number;
      readonly flags: number;
      readonly payload: Buffer;
    }
  | {
      readonly kind: 'control';
      readonly type: number;
      readonly flags: number;
      readonly payload: Buffer;
    };

/** The client sent what is no SPDY/3.1; the connection is of no more use. */
export class SpdyFrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpdyFrameError';
  }
}

const headBytes = 8;
const version = 3;

/** Splits a byte stream into frames. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  /** The frames that are complete with this chunk. */
  *read(chunk: Buffer): Generator<Frame> {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    while (this.sizeBytes >= headBytes) {
      const head = this.peek(headBytes);
      const length = head.readUIntBE(5, 3);
      if (length > maxSpdyFrameBytes)
        throw new SpdyFrameError(`a frame of ${length} bytes is too large`);
      if (this.sizeBytes < headBytes + length) return;
      const frame = this.take(headBytes + length);
      yield frameFrom(frame);
    }
  }

  private peek(count: number): Buffer {
    if ((this.chunks[0]?.length ?? 0) < count) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0] ?? Buffer.alloc(0);
  }

  private take(count: number): Buffer {
    const all = this.peek(count);
    this.chunks[0] = all.subarray(count);
    this.sizeBytes -= count;
    return all.subarray(0, count);
  }
}

function frameFrom(frame: Buffer): Frame {
  const first = frame.readUInt32BE(0);
  const flags = frame.readUInt8(4);
  const payload = frame.subarray(headBytes);
  if ((first & 0x80000000) === 0) return { kind: 'data', streamId: first, flags, payload };
  if (((first >>> 16) & 0x7fff) !== version)
    throw new SpdyFrameError(`version ${(first >>> 16) & 0x7fff} is not SPDY/3`);
  return { kind: 'control', type: first & 0xffff, flags, payload };
}

/** A frame of a stream's data; `fin` ends the stream. */
export function dataFrame(streamId: number, payload: Buffer, fin: boolean): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(fin ? flagFin : 0, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

/** A frame about a stream or the connection. */
export function controlFrame(type: number, payload: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

/** A payload of 32-bit numbers. */
export function numbers(...values: readonly number[]): Buffer {
  const payload = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => payload.writeUInt32BE(value, at * 4));
  return payload;
}

/** A number at a place of a payload; a payload too short is a broken frame. */
export function numberAt(payload: Buffer, at: number): number {
  if (payload.length < at + 4) throw new SpdyFrameError('a frame is cut off');
  return payload.readUInt32BE(at);
}
