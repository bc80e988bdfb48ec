/** Reads the events of one watch as they come, for benchmarks: no more than when each was sent, and that none came out of order. */

const newline = '\n'.charCodeAt(0);
const zero = '0'.charCodeAt(0);
const nine = '9'.charCodeAt(0);
const versionMarker = Buffer.from('"metadata":{"resourceVersion":"');
const sentMarker = Buffer.from('"sent":"');

/** The annotation that tells when the write of an object began, in microseconds of the clock all threads share. */
export const sentAnnotation = 'sent';

/** The time of a clock that all threads share. */
export const sharedMicroseconds = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1e3);
};

/** The number in decimal digits that begins here. */
function numberAt(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; ; at++) {
    const digit = bytes[at] ?? 0;
    if (digit < zero || digit > nine) return value;
    value = value * 10 + (digit - zero);
  }
}

export class EventReader {
  private readonly onEvent: (sentUs: number) => void;
  /** The beginning of an event whose end has not come. */
  private rest: Buffer = Buffer.alloc(0);
  private revision = 0;

  constructor(onEvent: (sentUs: number) => void) {
    this.onEvent = onEvent;
  }

  /** Takes what came; the bytes are the caller's again afterwards. Throws where an event is older than the one before. */
  read(data: Buffer): void {
    const known = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    const end = known.lastIndexOf(newline) + 1;
    let at = known.indexOf(versionMarker);
    while (at !== -1 && at < end) {
      const revision = numberAt(known, at + versionMarker.length);
      if (revision <= this.revision)
        throw new Error(`event ${String(revision)} came after ${String(this.revision)}`);
      this.revision = revision;
      const sentAt = known.indexOf(sentMarker, at) + sentMarker.length;
      this.onEvent(numberAt(known, sentAt));
      at = known.indexOf(versionMarker, sentAt);
    }
    this.rest = end === known.length ? Buffer.alloc(0) : Buffer.from(known.subarray(end));
  }
}
