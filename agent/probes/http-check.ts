/** HTTP probes and hooks: one GET, judged by its status. Certificates are not verified, as Kubernetes documents. */
import http from 'node:http';
import https from 'node:https';
import type { Container, HTTPGetAction } from '../../api/core/v1/types.js';
import { maxAnswerBytes, maxRedirects } from './limits.js';
import { failed, passed, type ProbeResult } from './probe-result.js';
import { connectionErrorText } from '../../machinery/connection-error-text.js';

/** A named port is one of the container's. Undefined when the container has none of that name. */
export function portNumber(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  if (named !== undefined) return named.containerPort;
  return /^\d+$/.test(port) ? Number(port) : undefined;
}

/** An address as it stands in a URL. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

interface Answer {
  readonly statusCode: number;
  readonly location: string | undefined;
  readonly body: string;
}

function headersOf({ httpHeaders = [] }: HTTPGetAction): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': 'kube-probe/1.36',
    accept: '*/*',
    connection: 'close',
  };
  for (const { name, value } of httpHeaders) headers[name.toLowerCase()] = value;
  return headers;
}

function get(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { headers, signal, agent: false };
    const onAnswer = (answer: http.IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      answer.on('data', (chunk: Buffer) => {
        if (sizeBytes < maxAnswerBytes) chunks.push(chunk);
        sizeBytes += chunk.length;
        if (sizeBytes >= maxAnswerBytes) answer.destroy();
      });
      answer.on('close', () => {
        const body = Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8');
        resolve({ statusCode: answer.statusCode ?? 0, location: answer.headers.location, body });
      });
      answer.on('error', reject);
    };
    const request =
      url.protocol === 'https:'
        ? https.request(url, { ...options, rejectUnauthorized: false }, onAnswer)
        : http.request(url, options, onAnswer);
    request.on('error', reject);
    // Nobody asked for another protocol.
    request.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ statusCode, location: undefined, body: '' });
    });
    request.end();
  });
}

function targetOf(action: HTTPGetAction, container: Container, podIP: string): URL | undefined {
  const port = portNumber(action.port, container);
  if (port === undefined) return undefined;
  const scheme = (action.scheme ?? 'HTTP').toLowerCase();
  const host = action.host === undefined || action.host === '' ? podIP : action.host;
  const path = action.path ?? '/';
  return new URL(
    `${scheme}://${hostInUrl(host)}:${port}${path.startsWith('/') ? path : `/${path}`}`,
  );
}

export interface HttpCheckOptions {
  readonly container: Container;
  readonly podIP: string;
  readonly signal: AbortSignal;
}

/** Never rejects. 200 to 399 passes; a redirect to another host passes, on the same host it is followed. */
export async function checkHttp(
  action: HTTPGetAction,
  { container, podIP, signal }: HttpCheckOptions,
): Promise<ProbeResult> {
  let shown: string = action.path ?? '/';
  try {
    // The API takes hosts that no URL can have.
    let url = targetOf(action, container, podIP);
    if (url === undefined) return failed(`couldn't find port: ${action.port}`);
    const first = url;
    shown = first.href;
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      const { statusCode, location, body } = await get(url, headersOf(action), signal);
      if (statusCode < 200 || statusCode >= 400) {
        return failed(`HTTP probe failed with statuscode: ${statusCode}`);
      }
      const next: URL | undefined =
        statusCode >= 300 && location !== undefined ? new URL(location, url) : undefined;
      if (next?.hostname !== first.hostname) return passed(body);
      url = next;
    }
    return failed(`Get "${shown}": stopped after ${maxRedirects} redirects`);
  } catch (error) {
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : connectionErrorText(error);
    return failed(`Get "${shown}": ${why}`);
  }
}
