import { serviceUnavailable } from '../../api/meta/status-error.js';

const lineFeed = 0x0a;

/** Newline-delimited text, however it is cut; what follows the last newline of a stream that broke off is dropped. */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  longestBytes: number,
): AsyncGenerator<string, void, undefined> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line !== '') yield line;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > longestBytes) {
      throw serviceUnavailable(`a watch event is larger than ${String(longestBytes)} bytes`);
    }
  }
}
