import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yamlOf } from './answer-target.js';

test('text is text to readers of YAML 1.1, too', () => {
  const texts = [
    'yes',
    'on',
    'y',
    'Off',
    '1:30',
    '0777',
    '1_000',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
  ];
  for (const text of [...texts, '~', 'null', 'true', '0x1F', '1e3']) {
    assert.equal(yamlOf({ on: text }), `"on": "${text}"\n`);
  }
  assert.equal(yamlOf({ kind: 'Pod', list: [{ a: 1 }] }), 'kind: Pod\nlist:\n  - a: 1\n');
});
