import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { besideTest } from '../testing/golden.js';
import { generatedFiles } from './generated-files.js';

test('generated files are what npm run generate writes', async () => {
  for (const [file, text] of await generatedFiles()) {
    const onDisk = readFileSync(besideTest(import.meta.url, `../${file}`), 'utf8');
    assert.ok(onDisk === text, `${file} is out of date: run npm run generate`);
  }
});
