/** Reads one JSON document over HTTPS from a server that is no API server, such as an OpenID provider. */
import { get } from 'node:https';

/** The document could not be had; the message says where and why. */
export class DocumentError extends Error {
  constructor(url: string, why: string, options?: ErrorOptions) {
    super(`cannot read ${url}: ${why}`, options);
    this.name = 'DocumentError';
  }
}

export interface DocumentRequest {
  readonly url: string;
  /** The authorities to believe; the system's when absent. */
  readonly caPem?: string | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** The parsed body of a 200 answer. Throws DocumentError. */
export function readJsonDocument(request: DocumentRequest): Promise<unknown> {
  const { url, caPem, timeoutMs, maxBytes } = request;
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      reject(new DocumentError(url, why, { cause }));
    };
    const options = {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
      ...(caPem === undefined ? {} : { ca: caPem }),
    };
    const asking = get(url, options, (response) => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
        chunks.push(chunk);
        if (sizeBytes > maxBytes)
          asking.destroy(new Error(`it is longer than ${String(maxBytes)} bytes`));
      });
      response.on('end', () => {
        if (response.statusCode !== 200) {
          fail(`the answer has the code ${String(response.statusCode ?? 0)}`);
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          fail('the answer is not JSON', error);
        }
      });
      response.on('error', (error) => {
        fail(error.message, error);
      });
    });
    asking.on('error', (error) => {
      fail(
        error.name === 'AbortError' ? `no answer within ${String(timeoutMs)} ms` : error.message,
        error,
      );
    });
  });
}
