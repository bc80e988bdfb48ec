import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Payload, writePayload } from './atomic-writer.js';

let volume: string;

beforeEach(async () => {
  volume = await mkdtemp(path.join(tmpdir(), 'pintle-volume-'));
});

afterEach(async () => {
  await rm(volume, { recursive: true });
});

const payloadOf = (files: Readonly<Record<string, string>>): Payload =>
  new Map(
    Object.entries(files).map(([name, text]) => [
      name,
      { content: Buffer.from(text), mode: 0o640 },
    ]),
  );

const read = (name: string): Promise<string> => readFile(path.join(volume, name), 'utf8');

test('atomic writer shows files through one link, with their modes', async () => {
  await writePayload(volume, payloadOf({ a: '1', 'sub/b': '2' }), { nowMs: 0 });
  assert.equal(await read('a'), '1');
  assert.equal(await read('sub/b'), '2');
  assert.equal(await readlink(path.join(volume, 'a')), '..data/a');
  assert.equal((await stat(path.join(volume, 'a'))).mode & 0o777, 0o640);
});

test('atomic writer replaces everything at once and clears the old away', async () => {
  await writePayload(volume, payloadOf({ a: '1', b: '2' }), { nowMs: 0 });
  await writePayload(volume, payloadOf({ a: '3', c: '4' }), { nowMs: 1000 });
  assert.equal(await read('a'), '3');
  const names = await readdir(volume);
  assert.deepEqual(names.filter((name) => !name.startsWith('..')).sort(), ['a', 'c']);
  assert.equal(names.filter((name) => name.startsWith('..')).length, 2);
});

test('atomic writer leaves files that are right as they are', async () => {
  await writePayload(volume, payloadOf({ a: '1' }), { nowMs: 0 });
  const before = await readlink(path.join(volume, '..data'));
  await writePayload(volume, payloadOf({ a: '1' }), { nowMs: 5000 });
  assert.equal(await readlink(path.join(volume, '..data')), before);
});
