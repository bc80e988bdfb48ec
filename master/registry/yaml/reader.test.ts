import assert from 'node:assert/strict';
import test from 'node:test';
import { isStatusError } from '../../../api/meta/status-error.js';
import { maxYamlBytes } from '../limits.js';
import { readYamlBody } from './reader.js';

const bodyOf = (text: string): Buffer => Buffer.from(text);

test('a body of YAML that is JSON is read as such', async () => {
  assert.deepEqual(await readYamlBody(bodyOf(' {"a": 1}')), { value: { a: 1 }, duplicates: [] });
});

test('a long body of YAML is read while the server goes on', async () => {
  const text = `a: &a 1\nb:\n${'- {"x": *a}\n'.repeat(3_000)}a: 2\n`;
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const reading = await readYamlBody(bodyOf(text));
  clearInterval(timer);
  assert.ok(!('fault' in reading));
  const { a, b } = reading.value as { a: number; b: readonly unknown[] };
  assert.deepEqual([a, b.length, b[2_999]], [2, 3_000, { x: 1 }]);
  assert.deepEqual(reading.duplicates, ['line 3003: key "a" already set in map']);
  // Reading it here would leave nobody else a turn.
  assert.ok(turns > 0);
});

test('a body of YAML beyond the limit is a 413', async () => {
  await assert.rejects(
    readYamlBody(bodyOf('a: b\n#'.padEnd(maxYamlBytes + 1))),
    (error) => isStatusError(error) && error.code === 413,
  );
});

test('a long body of YAML without sense is told from one that breaks the thread', async () => {
  const deep = await readYamlBody(bodyOf('- '.repeat(10_000)));
  assert.deepEqual(deep, { fault: 'yaml: exceeded max depth' });
});
