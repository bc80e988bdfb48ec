/** gRPC probes: `grpc.health.v1.Health/Check` over HTTP/2 without TLS; SERVING passes. */
import http2 from 'node:http2';
import { hostInUrl } from './http-check.js';
import { maxAnswerBytes } from './limits.js';
import { failed, passed, type ProbeResult } from './probe-result.js';
import { connectionErrorText } from '../../machinery/connection-error-text.js';

const serving = 1;
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

const varint = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];

/** A status message is escaped like a URL; what a container sends need not be. */
function unescaped(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}

/** Length-prefixed message with the one field `service` (number 1, a string). */
function requestMessage(service: string): Buffer {
  const name = Buffer.from(service);
  const field =
    name.length === 0
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

/** The `status` field (number 1, a varint) of the answer. */
function statusFrom(message: Buffer): number {
  const body = message.subarray(5);
  return body[0] === 0x08 ? (body[1] ?? 0) : 0;
}

export interface GrpcTarget {
  readonly host: string;
  readonly port: number;
  readonly service: string;
}

/** Never rejects. */
export function checkGrpc(
  { host, port, service }: GrpcTarget,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const session = http2.connect(`http://${hostInUrl(host)}:${port}`);
    const finish = (result: ProbeResult): void => {
      signal.removeEventListener('abort', onAbort);
      session.destroy();
      resolve(result);
    };
    const onAbort = (): void => {
      finish(failed(`timeout: failed to connect service "${host}:${port}" within its time`));
    };
    signal.addEventListener('abort', onAbort);
    // More errors than one may come; the first says what is wrong.
    session.on('error', (error: Error) => {
      finish(failed(`failed to connect service "${host}:${port}": ${connectionErrorText(error)}`));
    });
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe/1.36',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let grpcStatus = '';
    let grpcMessage = '';
    const readStatus = (headers: http2.IncomingHttpHeaders): void => {
      grpcStatus = String(headers['grpc-status'] ?? grpcStatus);
      grpcMessage = String(headers['grpc-message'] ?? grpcMessage);
    };
    request.on('response', readStatus);
    request.on('trailers', readStatus);
    request.on('data', (chunk: Buffer) => {
      if (chunks.length * 1024 < maxAnswerBytes) chunks.push(chunk);
    });
    request.on('error', (error: Error) => {
      finish(failed(error.message));
    });
    request.once('end', () => {
      if (grpcStatus !== '' && grpcStatus !== '0') {
        finish(failed(`service unhealthy (rpc error ${grpcStatus}: ${unescaped(grpcMessage)})`));
        return;
      }
      const status = statusFrom(Buffer.concat(chunks));
      finish(
        status === serving
          ? passed()
          : failed(`service unhealthy (responded with "${statusNames[status] ?? String(status)}")`),
      );
    });
    request.end(requestMessage(service));
  });
}
