import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from './config.js';
import { readNamedFile } from './named-file.js';

const folder = mkdtempSync(path.join(tmpdir(), 'pintle-named-file-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const written = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

const isRefusal =
  (message: string) =>
  (error: unknown): boolean =>
    error instanceof ConfigError && error.message === message;

test('named files give their text and what it is parsed to', async () => {
  const file = written('good', '[1, 2]');
  assert.deepEqual(
    await readNamedFile({ flag: 'numbers-file', file }, (text) => JSON.parse(text) as unknown),
    { name: file, text: '[1, 2]', value: [1, 2] },
  );
});

test('named files that cannot be used are refused by flag and file', async () => {
  const missing = path.join(folder, 'missing');
  await assert.rejects(
    readNamedFile({ flag: 'numbers-file', file: missing }, (text) => text),
    isRefusal(`--numbers-file: ENOENT: no such file or directory, open '${missing}'`),
  );
  const file = written('bad', 'x');
  await assert.rejects(
    readNamedFile({ flag: 'numbers-file', file }, () => Promise.reject(new Error('line 1: no'))),
    isRefusal(`--numbers-file: ${file}: line 1: no`),
  );
});
