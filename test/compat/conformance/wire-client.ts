/**
 * The API as the wire shows it: requests with any path, body and headers, answers with code, headers and text, and watches event
 * by event. Clients of libraries hide what conformance is about.
 */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { ServerConnection } from '../../../machinery/client/https-transport.js';
import { readKubeconfig } from '../../../machinery/client/kubeconfig.js';
import { linesOf } from '../../../machinery/client/line-framing.js';
import { eventually } from '../../../testing/eventually.js';
import { valueAt } from '../../../testing/value-at.js';
import { longestLineBytes, openAnswer, type OutgoingRequest } from '../../wire/open-answer.js';

const applyYaml = 'application/apply-patch+yaml';

export type WireRequest = Pick<OutgoingRequest, 'body' | 'contentType' | 'headers'>;

/** What a server answered. */
export class Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  private readonly asked: string;

  constructor(asked: string, message: IncomingMessage, bytes: Buffer) {
    this.asked = asked;
    this.code = message.statusCode ?? 0;
    this.headers = message.headers;
    this.bytes = bytes;
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  get json(): unknown {
    return JSON.parse(this.text) as unknown;
  }

  /** The value at a path such as `spec.ports[0].name`, or undefined. */
  at(place: string): unknown {
    return valueAt(this.json, place);
  }

  /** The text at a path; empty when there is none. */
  textAt(place: string): string {
    const value = this.at(place);
    return typeof value === 'string' ? value : '';
  }

  /** The names in a list, in its order. */
  names(): readonly string[] {
    return itemsOf(this.json).map((item) => String(valueAt(item, 'metadata.name')));
  }

  /** Asserts the code; what the server said otherwise is in the failure. */
  expect(...codes: readonly number[]): this {
    const said = this.text.length > 2000 ? `${this.text.slice(0, 2000)}…` : this.text;
    assert.ok(codes.includes(this.code), `${this.asked}: ${String(this.code)} ${said}`);
    return this;
  }

  /** Asserts a refusal with this code, whose text matches. */
  refuses(code: number, said: RegExp): this {
    assert.match(this.expect(code).textAt('message') || this.text, said);
    return this;
  }
}

export interface WireEvent {
  readonly type: string;
  readonly object: unknown;
}

const itemsOf = (list: unknown): readonly unknown[] => {
  const items = valueAt(list, 'items');
  assert.ok(Array.isArray(items), 'the answer is not a list');
  return items as readonly unknown[];
};

/** A watch that goes on in the background; what it saw can be asked for. */
export class Watching {
  readonly seen: WireEvent[] = [];
  private readonly message: IncomingMessage;
  readonly ended: Promise<void>;

  constructor(message: IncomingMessage) {
    this.message = message;
    this.ended = this.collect();
  }

  private async collect(): Promise<void> {
    try {
      for await (const line of linesOf(this.message, longestLineBytes)) {
        this.seen.push(JSON.parse(line) as WireEvent);
      }
    } catch {
      // Closed by this side.
    }
  }

  /** Every event so far as `TYPE name`, followed by what is at the path, if one is given. */
  lines(place?: string): readonly string[] {
    return this.seen.map(({ type, object }) => {
      const name = String(valueAt(object, 'metadata.name'));
      return place === undefined
        ? `${type} ${name}`
        : `${type} ${name} ${String(valueAt(object, place))}`;
    });
  }

  /** Waits until exactly these lines were seen. */
  async sees(expected: readonly string[], place?: string): Promise<void> {
    await eventually(
      () => {
        assert.deepEqual(this.lines(place), expected);
      },
      { what: 'the events of a watch' },
    );
  }

  async seesAtLeast(count: number): Promise<void> {
    await eventually(
      () => {
        assert.ok(this.seen.length >= count, `${String(this.seen.length)} of ${String(count)}`);
      },
      { what: 'the number of events' },
    );
  }

  close(): void {
    this.message.destroy();
  }
}

export class WireClient {
  private readonly connection: ServerConnection;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 20 });

  constructor(kubeconfig: string) {
    this.connection = readKubeconfig(kubeconfig);
  }

  async request(method: string, path: string, options: WireRequest = {}): Promise<Answer> {
    const { connection, agent } = this;
    const message = await openAnswer(connection, path, { ...options, method, agent });
    return new Answer(`${method} ${path}`, message, await buffer(message));
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('GET', path, { headers });
  }

  post(path: string, body: unknown, contentType?: string): Promise<Answer> {
    return this.request('POST', path, { body, ...(contentType ? { contentType } : {}) });
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.request('PUT', path, { body });
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.request('DELETE', path, { body });
  }

  /** Patches with a body of the kind named: `merge-patch`, `json-patch` or `strategic-merge-patch`. */
  patch(path: string, kind: string, body: unknown): Promise<Answer> {
    return this.request('PATCH', path, { body, contentType: `application/${kind}+json` });
  }

  /** Server-side apply of a JSON or YAML body as this manager. */
  apply(path: string, manager: string, body: unknown, more = ''): Promise<Answer> {
    const place = `${path}?fieldManager=${manager}${more}`;
    return this.request('PATCH', place, { body, contentType: applyYaml });
  }

  /** Opens a watch over a connection of its own; it sees what happens from when this resolves. */
  async watch(path: string): Promise<Watching> {
    const place = `${path}${path.includes('?') ? '&' : '?'}watch=true`;
    const message = await openAnswer(this.connection, place, { agent: false });
    if (message.statusCode !== 200) {
      new Answer(`watch ${path}`, message, await buffer(message)).expect(200);
    }
    return new Watching(message);
  }

  close(): void {
    this.agent.destroy();
  }
}
