import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parse as parseYaml } from 'yaml';
import { configMaps } from '../../api/core/v1/config-map.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { decodeObject, openEnvelope } from '../../api/protobuf/decode.js';
import { builtInResources } from '../../api/resources.js';
import { definition, list, ref } from '../../api/schema/schema.js';
import { listMeta as listMetaSchema } from '../../api/meta/v1/list-meta.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import type { StoredObject } from '../watch/stored-object.js';
import { listChunkBytes } from './limits.js';
import { sendList } from './list-writer.js';
import { negotiateOrThrow } from './negotiation.js';

const resource = builtInResources.find(({ plural }) => plural === configMaps.plural);
assert.ok(resource);

/** A client that takes its time over each piece; knows how much lay in its buffer at most. */
class SlowResponse extends Writable {
  status = 0;
  headers: Readonly<Record<string, string>> = {};
  peakBytes = 0;
  receivedBytes = 0;
  readonly received: Buffer[] | undefined;

  constructor(keep: boolean) {
    super({ highWaterMark: 16 * 1024 });
    this.received = keep ? [] : undefined;
  }

  writeHead(status: number, headers: Readonly<Record<string, string>>): this {
    this.status = status;
    this.headers = headers;
    return this;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.peakBytes = Math.max(this.peakBytes, this.writableLength);
    this.receivedBytes += chunk.length;
    this.received?.push(chunk);
    setImmediate(done);
  }
}

function storedObject(name: string, fill: string): StoredObject {
  const object: KubeObject & { data: object } = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '7',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    data: { fill },
  };
  const bytes = Buffer.from(JSON.stringify(object));
  const place = { key: `/registry/configmaps/default/${name}`, namespace: 'default', name };
  return { ...place, modRevision: 7, bytes, object, objectOnce: () => object };
}

async function answer(
  items: readonly StoredObject[],
  options: {
    readonly accept?: string;
    readonly gzip?: boolean;
    readonly query?: string;
    readonly keep?: boolean;
  },
): Promise<SlowResponse> {
  assert.ok(resource);
  const response = new SlowResponse(options.keep ?? true);
  const finished = new Promise((resolve) => response.once('finish', resolve));
  await sendList(
    {
      request: {
        headers: options.gzip === true ? { 'accept-encoding': 'gzip' } : {},
      } as unknown as IncomingMessage,
      response: response as unknown as ServerResponse,
      accepted: negotiateOrThrow(options.accept),
      query: new URLSearchParams(options.query),
      warnings: [],
      clock: new FakeClock(),
    },
    {
      type: 'list',
      resource,
      page: { items, revision: 9, continueAfter: undefined, remaining: undefined },
      continueToken: undefined,
    },
  );
  await finished;
  return response;
}

const bodyOf = ({ received = [] }: SlowResponse): Buffer => Buffer.concat(received);

const asForm = (form: string): string => `as=${form};v=v1;g=meta.k8s.io`;

const counts: readonly number[] = [0, 1, 3, 700];

/** What the list of so many small objects is in JSON. */
const wanted = (items: readonly StoredObject[]): unknown => ({
  kind: 'ConfigMapList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '9' },
  items: items.map(({ object }) => {
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
    return rest;
  }),
});

const someItems = (count: number): readonly StoredObject[] =>
  Array.from({ length: count }, (_, index) => storedObject(`o${String(index)}`, 'x'.repeat(900)));

test('a list in JSON, indented or compressed is the same list', async () => {
  for (const items of counts.map(someItems)) {
    assert.deepEqual(JSON.parse(bodyOf(await answer(items, {})).toString()), wanted(items));
    const compressed = await answer(items, { gzip: true });
    const isCompressed = compressed.headers['Content-Encoding'] === 'gzip';
    assert.equal(isCompressed, items.length > 130);
    const body = bodyOf(compressed);
    const text = (isCompressed ? gunzipSync(body) : body).toString();
    assert.deepEqual(JSON.parse(text), wanted(items));
    const pretty = bodyOf(await answer(items, { query: 'pretty=true' })).toString();
    assert.equal(pretty, `${JSON.stringify(JSON.parse(pretty), null, 2)}\n`);
  }
});

test('a list in YAML says what it says in JSON', async () => {
  for (const items of [0, 2].map(someItems)) {
    const body = bodyOf(await answer(items, { accept: 'application/yaml' })).toString();
    const { items: found } = parseYaml(body) as { items: readonly KubeObject[] };
    assert.deepEqual(
      found,
      items.map(({ object }) => object),
    );
  }
});

test('a list in YAML writes twice what occurs twice', async () => {
  const shared = {};
  const items = someItems(1).map((stored) => ({
    ...stored,
    objectOnce: () => ({ ...stored.object, data: { a: shared, b: shared } }),
  }));
  const body = bodyOf(await answer(items, { accept: 'application/yaml' })).toString();
  assert.match(body, /a: \{\}\n +b: \{\}/);
});

test('a list in protobuf says what it says in JSON', async () => {
  assert.ok(resource);
  const listSchema = definition('List', '', {
    metadata: ref(1, listMetaSchema, ''),
    items: list(2, resource.schema, ''),
  });
  for (const items of counts.map(someItems)) {
    const accept = 'application/vnd.kubernetes.protobuf';
    const envelope = openEnvelope(bodyOf(await answer(items, { accept })));
    const { items: found = [], ...rest } = decodeObject(envelope, listSchema);
    const { items: expected, ...expectedRest } = wanted(items) as { items: unknown };
    assert.deepEqual([found, rest], [expected, expectedRest]);
  }
});

test('a list as a table or as metadata has a row or an item for each object', async () => {
  const items = someItems(2);
  const table = await answer(items, { accept: `application/json;${asForm('Table')}` });
  const { rows, kind } = JSON.parse(bodyOf(table).toString()) as {
    kind: string;
    rows: readonly { cells: readonly unknown[]; object: KubeObject }[];
  };
  assert.deepEqual([kind, rows.map(({ cells }) => cells[0])], ['Table', ['o0', 'o1']]);
  assert.equal(rows[0]?.object.kind, 'PartialObjectMetadata');
  const metadataForm = asForm('PartialObjectMetadataList');
  const metadata = await answer(items, { accept: `application/json;${metadataForm}` });
  const found = JSON.parse(bodyOf(metadata).toString()) as { items: readonly KubeObject[] };
  assert.deepEqual(
    found.items.map((item) => item.metadata.name),
    ['o0', 'o1'],
  );
  const single = answer(items, { accept: `application/json;${asForm('PartialObjectMetadata')}` });
  await assert.rejects(
    single,
    /you requested PartialObjectMetadata, but the requested object is a list \(\*core\.ConfigMapList\)/,
  );
});

test('a list of 50 MB waits for the client with less than two pieces in memory, in every form', async () => {
  const one = storedObject('large', 'x'.repeat(100 * 1024));
  const forms = [
    { count: 500 },
    { count: 100, query: 'pretty=true' },
    { count: 100, accept: 'application/vnd.kubernetes.protobuf' },
    { count: 100, accept: `application/json;${asForm('Table')}`, query: 'includeObject=Object' },
    { count: 100, gzip: true },
  ];
  for (const { count, ...options } of forms) {
    const items = Array.from({ length: count }, () => one);
    const { peakBytes, receivedBytes } = await answer(items, { ...options, keep: false });
    assert.ok(peakBytes < 2 * listChunkBytes, `${String(peakBytes)} bytes waited`);
    const isWhole = receivedBytes > count * one.bytes.length * 0.99;
    assert.ok(isWhole || 'gzip' in options);
  }
});
