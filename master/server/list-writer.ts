/**
 * Lists as answers, in every form: written item by item in pieces of a bounded size, each waiting until the client has taken
 * the one before. JSON items are the bytes that are stored.
 *
 * Called by the HTTP server. It must never hold more of a list than a piece, whatever its size, form or compression.
 */
import type { ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import type { Gzip } from 'node:zlib';
import { notAcceptableForm } from '../../api/meta/status-error.js';
import type { KubeObject, ListMeta } from '../../api/meta/v1/types.js';
import { envelopeAround, encodeMessage, fieldHead } from '../../api/protobuf/encode.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { writtenObject } from '../../api/schema/unset-fields.js';
import type { StoredObject } from '../watch/stored-object.js';
import { announceGzip, drained, headersOf, isPretty, sendBytes, yamlOf } from './answer-target.js';
import type { AnswerTarget } from './answer-target.js';
import type { ApiAnswer } from './api-request.js';
import { bareObject } from './bare-object.js';
import { acceptsGzip } from './compression.js';
import { gzipLevel, listChunkBytes, listTurnBytes, maxKeptListBytes } from './limits.js';
import { contentTypes } from './negotiation.js';
import {
  encodeListHead,
  encodeMetadata,
  messageOf,
  metadataMessageOf,
} from './protobuf-answers.js';
import { includeObjectOf, partialMetadata, tableHead, tableRow } from './table.js';

type ListAnswer = ApiAnswer & { readonly type: 'list' };

/** A list in one form: what stands before, between and after its items, and each item in turn. */
interface ListForm {
  readonly head: Buffer;
  readonly separator: Buffer;
  readonly tail: Buffer;
  /** The pieces of one item, added to those given. */
  readonly addItem: (pieces: Buffer[], stored: StoredObject) => void;
}

function listMeta({ page, continueToken }: ListAnswer): ListMeta {
  return {
    resourceVersion: String(page.revision),
    ...(continueToken === undefined ? {} : { continue: continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}

const comma = Buffer.from(',');
const brace = Buffer.from('{');
const nothing = Buffer.alloc(0);

/** The stored bytes as they are, but for what the list itself says already. */
function storedItems({ resource }: ListAnswer): ListForm['addItem'] {
  // Lists of custom resources say of each item what it is, as Kubernetes' do.
  if (resource.decode !== undefined) {
    return (pieces, { bytes }) => {
      pieces.push(bytes);
    };
  }
  const prefix = Buffer.from(
    `{"kind":${JSON.stringify(resource.kind)},"apiVersion":${JSON.stringify(resource.apiVersion)},`,
  );
  return (pieces, { bytes }) => {
    const starts =
      bytes.length > prefix.length &&
      bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
    if (starts) pieces.push(brace, bytes.subarray(prefix.length));
    else pieces.push(bytes);
  };
}

/** The fields of a list but its items, and the name of the field that holds these. */
interface ListFields {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly itemsName: 'items' | 'rows';
}

type ItemValue = (object: KubeObject) => unknown;

function jsonForm({ fields, itemsName }: ListFields, addItem: ListForm['addItem']): ListForm {
  const head = `${JSON.stringify(fields).slice(0, -1)},"${itemsName}":[`;
  return { head: Buffer.from(head), separator: comma, tail: Buffer.from(']}\n'), addItem };
}

/** Indented as `JSON.stringify(list, null, 2)` would do it. */
function prettyForm({ fields, itemsName }: ListFields, count: number, item: ItemValue): ListForm {
  const head = `${JSON.stringify(fields, null, 2).slice(0, -2)},\n  "${itemsName}": [`;
  return {
    head: Buffer.from(head),
    separator: comma,
    tail: Buffer.from(count === 0 ? ']\n}\n' : '\n  ]\n}\n'),
    addItem: (pieces, stored) => {
      const text = JSON.stringify(item(stored.objectOnce()), null, 2);
      pieces.push(Buffer.from(`\n${text}`.replace(/\n/g, '\n    ')));
    },
  };
}

function yamlForm({ fields, itemsName }: ListFields, count: number, item: ItemValue): ListForm {
  return {
    head: Buffer.from(`${yamlOf(fields)}${itemsName}:${count === 0 ? ' []' : ''}\n`),
    separator: nothing,
    tail: nothing,
    addItem: (pieces, stored) => {
      pieces.push(Buffer.from(yamlOf([item(stored.objectOnce())])));
    },
  };
}

/** The list's own fields and how its items look, in the accepted form. */
function contentOf(
  target: AnswerTarget,
  answer: ListAnswer,
): ListFields & { readonly item: ItemValue } {
  const { resource } = answer;
  const { form, metaVersion } = target.accepted;
  const metadata = listMeta(answer);
  switch (form) {
    case 'Object': {
      const isCustom = resource.decode !== undefined;
      const fields = {
        kind: resource.listKind,
        apiVersion: resource.apiVersion,
        metadata: isCustom ? { continue: '', ...metadata } : metadata,
      };
      return { fields, itemsName: 'items', item: (object) => writtenObject(object, resource) };
    }
    case 'Table': {
      const options = {
        resource,
        metaVersion,
        includeObject: includeObjectOf(target.query),
        nowMs: target.clock.now(),
      };
      return {
        fields: tableHead(metadata, options),
        itemsName: 'rows',
        item: (object) => tableRow(object, options),
      };
    }
    case 'PartialObjectMetadataList': {
      const apiVersion = `meta.k8s.io/${metaVersion}`;
      return {
        fields: { kind: form, apiVersion, metadata },
        itemsName: 'items',
        item: (object) => partialMetadata(bareObject(object, resource), metaVersion),
      };
    }
    case 'PartialObjectMetadata':
      throw notAcceptableForm(form, resource, true);
  }
}

function textForm(target: AnswerTarget, answer: ListAnswer): ListForm {
  const { item, ...list } = contentOf(target, answer);
  const count = answer.page.items.length;
  if (target.accepted.format === 'yaml') return yamlForm(list, count, item);
  if (isPretty(target)) return prettyForm(list, count, item);
  if (target.accepted.form === 'Object') return jsonForm(list, storedItems(answer));
  return jsonForm(list, (pieces, stored) => {
    pieces.push(Buffer.from(JSON.stringify(item(stored.objectOnce()))));
  });
}

const jsonBytesOf = (items: readonly StoredObject[]): number => {
  let size = 0;
  for (const { bytes } of items) size += bytes.length;
  return size;
};

/** Lets other requests have their turn. */
const otherTurns = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** How an item becomes a message: kept beside the object where the list is small, made anew each time where it is not. */
function itemMessages(
  resource: ResourceDefinition,
  form: 'whole' | 'metadata',
  keep: boolean,
): (stored: StoredObject) => Buffer {
  if (form === 'whole') {
    return keep
      ? (stored) => messageOf(stored.object, resource)
      : (stored) => encodeMessage(stored.objectOnce(), resource.schema);
  }
  return keep
    ? (stored) => metadataMessageOf(bareObject(stored.object, resource))
    : (stored) => encodeMetadata(bareObject(stored.objectOnce(), resource));
}

/** `{metadata=1, items=2}` in its envelope. Its length comes first, so every item is encoded before the first is written. */
async function protobufForm(target: AnswerTarget, answer: ListAnswer): Promise<ListForm> {
  const { resource, page } = answer;
  const { form, metaVersion } = target.accepted;
  if (form === 'PartialObjectMetadata') throw notAcceptableForm(form, resource, true);
  const whole = form === 'Object';
  const keep = jsonBytesOf(page.items) <= maxKeptListBytes;
  const messageFor = itemMessages(resource, whole ? 'whole' : 'metadata', keep);
  const metadata = encodeListHead(listMeta(answer));
  let size = metadata.length;
  let turn = 0;
  for (const stored of page.items) {
    const { length } = messageFor(stored);
    size += fieldHead(2, length).length + length;
    turn += length;
    if (turn < listTurnBytes) continue;
    turn = 0;
    await otherTurns();
  }
  const type = whole
    ? { apiVersion: resource.apiVersion, kind: resource.listKind }
    : { apiVersion: `meta.k8s.io/${metaVersion}`, kind: 'PartialObjectMetadataList' };
  const { head, tail } = envelopeAround(type, size);
  return {
    head: Buffer.concat([head, metadata]),
    separator: nothing,
    tail,
    addItem: (pieces, stored) => {
      const message = messageFor(stored);
      pieces.push(fieldHead(2, message.length), message);
    },
  };
}

/** The whole list in pieces of about `listChunkBytes`. */
function* chunksOf(items: readonly StoredObject[], form: ListForm): Generator<Buffer, undefined> {
  let pieces: Buffer[] = [form.head];
  let size = 0;
  let counted = 0;
  for (let index = 0; index < items.length; index += 1) {
    const stored = items[index];
    if (stored === undefined) continue;
    if (index > 0) pieces.push(form.separator);
    form.addItem(pieces, stored);
    for (; counted < pieces.length; counted += 1) size += pieces[counted]?.length ?? 0;
    if (size < listChunkBytes) continue;
    yield Buffer.concat(pieces, size);
    pieces = [];
    size = 0;
    counted = 0;
  }
  pieces.push(form.tail);
  yield Buffer.concat(pieces);
}

/** Writes the chunks, each when the one before is on its way. */
async function stream(
  target: AnswerTarget,
  contentType: string,
  chunks: Iterable<Buffer>,
): Promise<void> {
  const { response } = target;
  const headers = headersOf(target, contentType);
  const compressed = acceptsGzip(target.request);
  if (compressed) announceGzip(headers);
  response.writeHead(200, headers);
  const sink: Gzip | ServerResponse = compressed ? createGzip({ level: gzipLevel }) : response;
  if (sink !== response) sink.pipe(response);
  for (const chunk of chunks) {
    if (response.destroyed) break;
    if (!sink.write(chunk)) await drained(sink, response);
  }
  if (response.destroyed) sink.destroy();
  else sink.end();
}

/** The chunks already taken, and then the others. */
function* resumed(taken: readonly Buffer[], rest: Iterable<Buffer>): Generator<Buffer> {
  yield* taken;
  yield* rest;
}

/** The items as they are shown: some kinds have an order of their own in tables. */
function shownItems({ accepted }: AnswerTarget, { resource, page }: ListAnswer) {
  const { compareRows } = resource;
  if (compareRows === undefined || accepted.form !== 'Table') return page.items;
  return page.items.toSorted((a, b) => compareRows(a.object, b.object));
}

/** Sends a list in the accepted form. */
export async function sendList(target: AnswerTarget, answer: ListAnswer): Promise<void> {
  const { format } = target.accepted;
  const form =
    format === 'protobuf' ? await protobufForm(target, answer) : textForm(target, answer);
  const chunks = chunksOf(shownItems(target, answer), form);
  const first = chunks.next().value ?? nothing;
  const second = chunks.next().value;
  if (second === undefined) return sendBytes(target, 200, contentTypes[format], first);
  return stream(target, contentTypes[format], resumed([first, second], chunks));
}
