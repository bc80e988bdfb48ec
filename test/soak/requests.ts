/** HTTPS as a client of the API speaks it, with any Accept header; every watch has a connection of its own. */
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { linesOf } from '../../machinery/client/line-framing.js';

interface RequestOptions {
  readonly accept?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

const shared = new Agent({ keepAlive: true, maxSockets: 16 });
const longestLineBytes = 16 * 1024 * 1024;

async function open(
  connection: ServerConnection,
  path: string,
  { accept = 'application/json', method = 'GET', body, contentType, signal }: RequestOptions,
  agent: Agent | false,
): Promise<IncomingMessage> {
  const { serverUrl, caPem, certificatePem, keyPem } = connection;
  const outgoing = httpsRequest(new URL(path, serverUrl), {
    agent,
    method,
    ca: caPem,
    cert: certificatePem,
    key: keyPem,
    headers: {
      accept,
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

/** One answer, whatever its code. */
export async function ask(
  connection: ServerConnection,
  path: string,
  options: RequestOptions = {},
): Promise<{ readonly code: number; readonly body: string }> {
  const answer = await open(connection, path, options, shared);
  return { code: answer.statusCode ?? 0, body: await text(answer) };
}

/** A watch that the server ended with a Status. */
export class WatchRefused extends Error {
  readonly code: number;

  constructor(code: number, body: string) {
    super(`watch: ${String(code)} ${body}`);
    this.code = code;
  }
}

/** The lines of a watch until it ends; throws when it is refused or broken off. */
export async function* watchLines(
  connection: ServerConnection,
  path: string,
  options: RequestOptions,
): AsyncGenerator<string> {
  const answer = await open(connection, path, options, false);
  try {
    const code = answer.statusCode ?? 0;
    if (code !== 200) throw new WatchRefused(code, await text(answer));
    yield* linesOf(answer, longestLineBytes);
  } finally {
    answer.destroy();
  }
}
