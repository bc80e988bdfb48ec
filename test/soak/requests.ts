/** HTTPS as a client of the API speaks it, with any Accept header; every watch has a connection of its own. */
import { Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ServerConnection } from '../../machinery/client/https-transport.js';
import { linesOf } from '../../machinery/client/line-framing.js';
import { longestLineBytes, openAnswer, type OutgoingRequest } from '../wire/open-answer.js';

interface RequestOptions extends Omit<OutgoingRequest, 'agent' | 'headers'> {
  readonly accept?: string;
}

const shared = new Agent({ keepAlive: true, maxSockets: 16 });
const open = (
  connection: ServerConnection,
  path: string,
  { accept, ...options }: RequestOptions & Pick<OutgoingRequest, 'agent'>,
): Promise<IncomingMessage> =>
  openAnswer(connection, path, {
    ...options,
    ...(accept === undefined ? {} : { headers: { accept } }),
  });

/** One answer, whatever its code. */
export async function ask(
  connection: ServerConnection,
  path: string,
  options: RequestOptions = {},
): Promise<{ readonly code: number; readonly body: string }> {
  const answer = await open(connection, path, { ...options, agent: shared });
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
  const answer = await open(connection, path, { ...options, agent: false });
  try {
    const code = answer.statusCode ?? 0;
    if (code !== 200) throw new WatchRefused(code, await text(answer));
    yield* linesOf(answer, longestLineBytes);
  } finally {
    answer.destroy();
  }
}
