/** SPDY/3 header blocks: name and value pairs, compressed with one context a direction and a dictionary known beforehand. */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { maxSpdyHeaderBytes } from '../limits.js';

/** Header names and values in the order of the SPDY/3 draft, section 2.6.10.1; each with its length in four bytes. */
const dictionaryWords =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow ' +
  'authorization cache-control connection content-base content-encoding content-language content-length ' +
  'content-location content-md5 content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma ' +
  'proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade ' +
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie ' +
  'keep-alive origin';

/** What follows them, without lengths. */
const dictionaryTail =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505' +
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized' +
  '403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable' +
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT' +
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,' +
  'text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

function withLength(text: string): Buffer {
  const word = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(word.length, 0);
  return Buffer.concat([length, word]);
}

const spdyDictionary = Buffer.concat([
  ...dictionaryWords.split(' ').map((word) => withLength(word.replace('_', ' '))),
  Buffer.from(dictionaryTail),
]);

export type SpdyHeaders = ReadonlyMap<string, string>;

/** Thrown for blocks that are no header block; the connection cannot go on, as its contexts are lost. */
export class SpdyHeaderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SpdyHeaderError';
  }
}

function decodePairs(block: Buffer): SpdyHeaders {
  const headers = new Map<string, string>();
  let at = 4;
  const text = (): string => {
    const length = block.readUInt32BE(at);
    const start = at + 4;
    if (start + length > block.length) throw new SpdyHeaderError('a header is cut off');
    at = start + length;
    return block.toString('utf8', start, at);
  };
  try {
    for (let left = block.readUInt32BE(0); left > 0; left--) {
      const name = text();
      headers.set(name.toLowerCase(), text());
    }
  } catch (error) {
    if (error instanceof RangeError)
      throw new SpdyHeaderError('a header is cut off', { cause: error });
    throw error;
  }
  return headers;
}

function encodePairs(headers: SpdyHeaders): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(headers.size, 0);
  return Buffer.concat([count, ...[...headers].flatMap((pair) => pair.map(withLength))]);
}

/** Runs one block through a zlib stream that stays open: what it gives out until it has taken all of the input. */
function through(stream: Inflate | Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const done = (error: Error | undefined): void => {
      stream.off('data', onData);
      stream.off('error', onError);
      if (error === undefined) resolve(Buffer.concat(chunks));
      else reject(new SpdyHeaderError('a header block is broken', { cause: error }));
    };
    const onError = (error: Error): void => {
      done(error);
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes > maxSpdyHeaderBytes) {
        stream.destroy();
        done(new Error(`headers are larger than ${maxSpdyHeaderBytes} bytes`));
      } else chunks.push(chunk);
    };
    stream.on('data', onData);
    stream.on('error', onError);
    stream.write(block);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      done(undefined);
    });
  });
}

/** Both directions of a connection. Blocks must be given in the order they were received or are sent. */
export class HeaderCodec {
  private readonly inflate = createInflate({ dictionary: spdyDictionary });
  private readonly deflate = createDeflate({ dictionary: spdyDictionary });

  async decode(block: Buffer): Promise<SpdyHeaders> {
    return decodePairs(await through(this.inflate, block));
  }

  encode(headers: SpdyHeaders): Promise<Buffer> {
    return through(this.deflate, encodePairs(headers));
  }

  close(): void {
    this.inflate.destroy();
    this.deflate.destroy();
  }
}
