/** Answers written to a connection itself, where no HTTP response was made: failed upgrades and requests Node cannot read. */
import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import { badRequest, failure } from '../../api/meta/status-error.js';
import type { StatusError } from '../../api/meta/status-error.js';
import type { Status } from '../../api/meta/v1/types.js';
import { maxUrlBytes } from './limits.js';

/** A whole HTTP/1.1 answer that ends the connection. */
export function rawAnswer(status: Status): string {
  const code = status.code ?? 500;
  const body = JSON.stringify(status);
  const lines = [
    `HTTP/1.1 ${String(code)} ${STATUS_CODES[code] ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The same by Node's own means, where it has made a response. */
export function refuseRequest(response: ServerResponse, { status }: StatusError): void {
  const headers = { 'Content-Type': 'application/json', Connection: 'close' };
  response.writeHead(status.code ?? 500, headers).end(JSON.stringify(status));
}

/** What a client hears whose request could not even be read. */
export function unreadableRequest(error: Error): StatusError {
  const code = 'code' in error ? error.code : '';
  if (code === 'HPE_HEADER_OVERFLOW') {
    return failure({
      code: 431,
      reason: 'RequestEntityTooLarge',
      message: `the path and headers are larger than ${String(maxUrlBytes)} bytes`,
    });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return failure({ code: 408, reason: 'Timeout', message: 'the request did not arrive in time' });
  }
  return badRequest('the request is not HTTP/1.1');
}
