/**
 * Writes answers to HTTP: stored bytes as they are, lists by joining the bytes of their objects, watches as shared lines, and
 * the other forms (tables, metadata, YAML) rendered from the parsed objects.
 *
 * Called by the HTTP server. It must never build a list as one string, nor buffer more than a bounded amount for a slow client.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { createGzip, gzip } from 'node:zlib';
import type { Gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { stringify as stringifyYaml } from 'yaml';
import { isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta, Status } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { ListResult } from '../watch/resource-cache.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { ApiAnswer } from './api-request.js';
import { listChunkBytes, minGzipBytes, watchHighWaterBytes } from './limits.js';
import type { Accepted } from './negotiation.js';
import { includeObjectOf, partialMetadata, tableOf } from './table.js';
import type { IncludeObject } from './table.js';

const compress = promisify(gzip);

/** One request's way out. */
export interface AnswerTarget {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accepted: Accepted;
  readonly query: URLSearchParams;
  readonly warnings: readonly string[];
  readonly clock: Clock;
}

type ObjectAnswer = ApiAnswer & { readonly type: 'object' };
type ListAnswer = ApiAnswer & { readonly type: 'list' };
type WatchAnswer = ApiAnswer & { readonly type: 'watch' };

const contentTypes = { json: 'application/json', yaml: 'application/yaml' } as const;

/** Quotes a warning as the `Warning` header of RFC 7234 wants it. */
const warningHeader = (text: string): string =>
  `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;

function headersOf(target: AnswerTarget, contentType: string): Record<string, string | string[]> {
  return {
    'Content-Type': contentType,
    'Cache-Control': 'no-cache, private',
    ...(target.warnings.length === 0
      ? {}
      : { Warning: [...new Set(target.warnings)].map(warningHeader) }),
  };
}

const acceptsGzip = (request: IncomingMessage): boolean =>
  /\bgzip\b/.test([request.headers['accept-encoding'] ?? ''].flat().join());

function isPretty({ query, request }: AnswerTarget): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

/** Sends bytes as the whole answer, compressed where it pays. */
export async function sendBytes(
  target: AnswerTarget,
  status: number,
  contentType: string,
  bytes: Buffer,
): Promise<void> {
  const headers = headersOf(target, contentType);
  let body = bytes;
  if (bytes.length >= minGzipBytes && acceptsGzip(target.request)) {
    body = await compress(bytes, { level: 1 });
    headers['Content-Encoding'] = 'gzip';
    headers.Vary = 'Accept-Encoding';
  }
  headers['Content-Length'] = String(body.length);
  target.response.writeHead(status, headers);
  target.response.end(body);
}

function encode(target: AnswerTarget, value: unknown): Buffer {
  if (target.accepted.format === 'yaml') return Buffer.from(stringifyYaml(value));
  return Buffer.from(
    isPretty(target) ? `${JSON.stringify(value, null, 2)}\n` : `${JSON.stringify(value)}\n`,
  );
}

/** Sends a JSON value in the accepted format. */
export const sendValue = (target: AnswerTarget, status: number, value: unknown): Promise<void> =>
  sendBytes(target, status, contentTypes[target.accepted.format], encode(target, value));

/** Sends a failure. */
export function sendStatus(target: AnswerTarget, status: Status): Promise<void> {
  const seconds = status.details?.retryAfterSeconds;
  if (seconds !== undefined) target.response.setHeader('Retry-After', String(seconds));
  return sendValue(target, status.code ?? 500, status);
}

const plain = (target: AnswerTarget): boolean =>
  target.accepted.format === 'json' && !isPretty(target);

function tableOptions(target: AnswerTarget, resource: ResourceDefinition) {
  return {
    resource,
    metaVersion: target.accepted.metaVersion,
    includeObject: includeObjectOf(target.query),
    nowMs: target.clock.now(),
  };
}

/** Sends one object in the accepted form. */
export function sendObject(target: AnswerTarget, answer: ObjectAnswer): Promise<void> {
  const { object, bytes, status, resource } = answer;
  const { form, metaVersion } = target.accepted;
  if (status === 204) {
    target.response.writeHead(204).end();
    return Promise.resolve();
  }
  if (form === 'Object' || resource === undefined || form === 'PartialObjectMetadataList') {
    if (bytes !== undefined && plain(target)) {
      return sendBytes(target, status, 'application/json', bytes);
    }
    return sendValue(target, status, object);
  }
  if (form === 'PartialObjectMetadata') {
    return sendValue(target, status, partialMetadata(object, metaVersion));
  }
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return sendValue(target, status, tableOf([object], metadata, tableOptions(target, resource)));
}

function listMeta({ page, continueToken }: ListAnswer): ListMeta {
  return {
    resourceVersion: String(page.revision),
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

/** Items of a list leave out what the list itself says. */
const itemPrefix = (resource: ResourceDefinition): Buffer =>
  Buffer.from(
    `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(resource.apiVersion)},`,
  );

const comma = Buffer.from(',');
const brace = Buffer.from('{');

/** The JSON of a list in pieces of a bounded size. */
function* listChunks(answer: ListAnswer): Generator<Buffer> {
  const { resource, page } = answer;
  const prefix = itemPrefix(resource);
  let pieces: Buffer[] = [
    Buffer.from(
      `{"kind":${JSON.stringify(resource.listKind)},"apiVersion":${JSON.stringify(resource.apiVersion)},"metadata":${JSON.stringify(listMeta(answer))},"items":[`,
    ),
  ];
  let size = 0;
  for (const [position, { bytes }] of page.items.entries()) {
    if (position > 0) pieces.push(comma);
    const starts =
      bytes.length > prefix.length &&
      bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
    if (starts) pieces.push(brace, bytes.subarray(prefix.length));
    else pieces.push(bytes);
    size += bytes.length;
    if (size >= listChunkBytes) {
      yield Buffer.concat(pieces);
      pieces = [];
      size = 0;
    }
  }
  pieces.push(Buffer.from(']}\n'));
  yield Buffer.concat(pieces);
}

const listSize = (page: ListResult<KubeObject>): number => {
  let size = 0;
  for (const { bytes } of page.items) size += bytes.length;
  return size;
};

async function streamList(target: AnswerTarget, answer: ListAnswer): Promise<void> {
  const { response } = target;
  const size = listSize(answer.page);
  if (size < listChunkBytes && (size < minGzipBytes || !acceptsGzip(target.request))) {
    return sendBytes(target, 200, 'application/json', Buffer.concat([...listChunks(answer)]));
  }
  const headers = headersOf(target, 'application/json');
  const compressed = acceptsGzip(target.request) && size >= minGzipBytes;
  if (compressed) {
    headers['Content-Encoding'] = 'gzip';
    headers.Vary = 'Accept-Encoding';
  }
  response.writeHead(200, headers);
  const sink: Gzip | ServerResponse = compressed ? createGzip({ level: 1 }) : response;
  if (sink !== response) sink.pipe(response);
  for (const chunk of listChunks(answer)) {
    if (response.destroyed) break;
    if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), once(response, 'close')]);
  }
  sink.end();
}

/** Sends a list in the accepted form. */
export function sendList(target: AnswerTarget, answer: ListAnswer): Promise<void> {
  const { resource, page } = answer;
  const { form, metaVersion } = target.accepted;
  const objects = (): KubeObject[] => page.items.map((item) => item.object);
  if (form === 'Table') {
    const table = tableOf(objects(), listMeta(answer), tableOptions(target, resource));
    return sendValue(target, 200, table);
  }
  if (form === 'Object') {
    if (plain(target)) return streamList(target, answer);
    return sendValue(target, 200, {
      kind: resource.listKind,
      apiVersion: resource.apiVersion,
      metadata: listMeta(answer),
      items: objects(),
    });
  }
  return sendValue(target, 200, {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: listMeta(answer),
    items: objects().map((object) => partialMetadata(object, metaVersion)),
  });
}

type LineEncoder = (event: WatchEvent) => Buffer;

const line = (type: string, object: unknown): Buffer =>
  Buffer.from(`${JSON.stringify({ type, object })}\n`);

function bookmarkObject(event: WatchEvent): KubeObject {
  return (JSON.parse(event.line().toString('utf8')) as { object: KubeObject }).object;
}

function tableLine(
  event: WatchEvent,
  target: AnswerTarget,
  resource: ResourceDefinition,
  include: { readonly object: IncludeObject; readonly columns: boolean },
): Buffer {
  const metadata = { resourceVersion: String(event.revision) };
  const object = event.stored?.object ?? bookmarkObject(event);
  const table = tableOf([object], metadata, {
    resource,
    metaVersion: target.accepted.metaVersion,
    includeObject: include.object,
    nowMs: target.clock.now(),
    withColumns: include.columns,
  });
  return line(event.type, table);
}

/** How events become lines in the accepted form. Lines in one form are shared by all watchers of it. */
function lineEncoder(target: AnswerTarget, resource: ResourceDefinition): LineEncoder {
  const { form, metaVersion } = target.accepted;
  if (form === 'Object') return (event) => event.line();
  if (form !== 'Table') {
    return (event) =>
      event.lineAs(`partial ${metaVersion}`, () =>
        line(
          event.type,
          partialMetadata(event.stored?.object ?? bookmarkObject(event), metaVersion),
        ),
      );
  }
  const object = includeObjectOf(target.query);
  let columns = true;
  return (event) => {
    const name = `table ${metaVersion} ${object} ${String(columns)}`;
    const withColumns = columns;
    columns = false;
    return event.lineAs(name, () =>
      tableLine(event, target, resource, { object, columns: withColumns }),
    );
  };
}

/** Streams a watch until it ends, times out or the client goes; ends with an ERROR event where the watch was cut off. */
export async function sendWatch(target: AnswerTarget, answer: WatchAnswer): Promise<void> {
  const { response, clock } = target;
  const { watch } = answer;
  const toLine = lineEncoder(target, answer.resource);
  response.writeHead(200, headersOf(target, contentTypes[target.accepted.format]));
  response.flushHeaders();
  const cancel = clock.after(answer.timeoutMs, watch.stop);
  response.once('close', watch.stop);
  try {
    for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
      const first = batch[0];
      const bytes =
        batch.length === 1 && first !== undefined
          ? toLine(first)
          : Buffer.concat(batch.map(toLine));
      if (!response.write(bytes) && response.writableLength > watchHighWaterBytes) {
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    }
  } finally {
    cancel();
    watch.stop();
    response.end();
  }
}

/** A watch that could not begin because its revision is too old still opens, and says so in its first event. */
export function sendWatchError(target: AnswerTarget, error: unknown): boolean {
  if (!isStatusError(error) || error.code !== 410) return false;
  target.response.writeHead(200, headersOf(target, contentTypes[target.accepted.format]));
  target.response.end(line('ERROR', error.status));
  return true;
}
