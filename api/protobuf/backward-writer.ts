/**
 * Writes protobuf from its end to its beginning, so that the length of a message is known when its head is written. One
 * buffer is kept for all encodings; what comes out is a copy.
 */

const firstSizeBytes = 64 * 1024;
/** A buffer that grew beyond this for one large object is not kept. */
const keptSizeBytes = 1024 * 1024;

export class BackwardWriter {
  private buffer = Buffer.allocUnsafe(firstSizeBytes);
  /** Where the first byte written so far is. */
  private position = firstSizeBytes;

  /** Makes room for this many bytes before the position. */
  private reserve(size: number): void {
    if (this.position >= size) return;
    const used = this.buffer.length - this.position;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + size));
    this.buffer.copy(larger, larger.length - used, this.position);
    this.position = larger.length - used;
    this.buffer = larger;
  }

  /** How many bytes have been written; a difference of two is the length of what lies between. */
  get written(): number {
    return this.buffer.length - this.position;
  }

  /** An unsigned number below 2^53, or a negative one as the ten bytes of its two's complement. */
  varint(value: number): void {
    if (value < 0) {
      this.negative(value);
      return;
    }
    if (value < 0x80) {
      this.byte(value);
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
    this.reserve(size);
    this.position -= size;
    let at = this.position;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.buffer[at++] = (rest % 0x80) | 0x80;
    this.buffer[at] = rest;
  }

  private negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    this.reserve(10);
    this.position -= 10;
    for (let index = 0; index < 10; index += 1) {
      this.buffer[this.position + index] = Number(rest & 0x7fn) | (index < 9 ? 0x80 : 0);
      rest >>= 7n;
    }
  }

  byte(value: number): void {
    this.reserve(1);
    this.position -= 1;
    this.buffer[this.position] = value;
  }

  double(value: number): void {
    this.reserve(8);
    this.position -= 8;
    this.buffer.writeDoubleLE(value, this.position);
  }

  /** The text with its length before it. */
  string(text: string): void {
    const size = Buffer.byteLength(text);
    this.reserve(size);
    this.position -= size;
    this.buffer.write(text, this.position, size, 'utf8');
    this.varint(size);
  }

  /** The bytes with their length before them. */
  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.position -= bytes.length;
    this.buffer.set(bytes, this.position);
    this.varint(bytes.length);
  }

  /** A copy of everything written; the writer is empty afterwards. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(this.position));
    if (this.buffer.length > keptSizeBytes) this.buffer = Buffer.allocUnsafe(firstSizeBytes);
    this.position = this.buffer.length;
    return bytes;
  }

  /** Forgets what was written. */
  clear(): void {
    this.position = this.buffer.length;
  }
}
