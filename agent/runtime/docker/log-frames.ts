/**
 * Docker's stream framing: each frame has a header of eight bytes, the stream's number first and the payload's length,
 * big-endian, in the last four.
 */
import { Transform, type TransformCallback } from 'node:stream';

const headerBytes = 8;

export interface Frame {
  readonly stream: 'stdin' | 'stdout' | 'stderr';
  readonly payload: Buffer;
}

const streamNames = ['stdin', 'stdout', 'stderr'] as const;

/** Cuts a byte stream that arrives in pieces of any size into frames. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly Frame[] {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const frames: Frame[] = [];
    while (this.pending.length >= headerBytes) {
      const endOfFrame = headerBytes + this.pending.readUInt32BE(4);
      if (this.pending.length < endOfFrame) break;
      const payload = this.pending.subarray(headerBytes, endOfFrame);
      frames.push({ stream: streamNames[this.pending[0] ?? 1] ?? 'stdout', payload });
      this.pending = this.pending.subarray(endOfFrame);
    }
    return frames;
  }
}

/** Takes the framing off a log stream, keeping the order in which the lines were written. */
export function unframedLog(): Transform {
  const reader = new FrameReader();
  return new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      for (const frame of reader.push(chunk)) this.push(frame.payload);
      done();
    },
  });
}
