import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicateFields } from './json-text.js';
import { nothingRepeated, patchProblems, problemsOf } from './strict-problems.js';

const text = `{
  "metadata": { "name": "one", "name": "two", "unknownMeta": "m" },
  "spec": {
    "unknown1": 1, "unknownTwice": { "a": 1, "a": 2 }, "unknownTwice": 2, "paused": true, "paused": false,
    "containers": [{ "name": "c" }, { "name": "n", "unknownInner": 1, "image": "a", "image": "b" }]
  }
}`;
const unknown = [
  'spec.unknown1',
  'spec.unknownTwice',
  'spec.containers[1].unknownInner',
  'metadata.unknownMeta',
];
const duplicates = duplicateFields(text, JSON.parse(text));

test('problems of built-in kinds are named where the JSON has them, unknown fields only once', () => {
  const problems = problemsOf(unknown, { duplicates }, text);
  const expected = [
    'duplicate field "metadata.name"',
    'unknown field "metadata.unknownMeta"',
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownTwice"',
    'duplicate field "spec.paused"',
    'unknown field "spec.containers[1].unknownInner"',
    'duplicate field "spec.containers[1].image"',
  ];
  assert.deepEqual(problems?.warnings, expected);
  assert.equal(problems.error, `strict decoding error: ${expected.join(', ')}`);
});

test('problems of custom resources are what is written twice, then what their schema does not know', () => {
  assert.deepEqual(problemsOf(unknown, { duplicates })?.warnings, [
    'duplicate field "metadata.name"',
    'duplicate field "spec.unknownTwice.a"',
    'duplicate field "spec.unknownTwice"',
    'duplicate field "spec.paused"',
    'duplicate field "spec.containers[1].image"',
    'unknown field "metadata.unknownMeta"',
    'unknown field "spec.containers[1].unknownInner"',
    'unknown field "spec.unknown1"',
    'unknown field "spec.unknownTwice"',
  ]);
});

test('problems of YAML name the lines of keys that come twice', () => {
  const lines = ['line 5: key "name" already set in map', 'line 9: key "a" already set in map'];
  const problems = problemsOf(['spec.b', 'spec.a'], { duplicates: [], lines });
  const fields = ['unknown field "spec.a"', 'unknown field "spec.b"'];
  assert.deepEqual(problems?.warnings, [...lines, ...fields]);
  assert.equal(
    problems.error,
    `strict decoding error: yaml: unmarshal errors:\n  ${lines.join('\n  ')}, ${fields.join(', ')}`,
  );
});

test('a body without problems has none', () => {
  assert.equal(problemsOf([], nothingRepeated), undefined);
  assert.equal(problemsOf([], { duplicates: [], lines: [] }, '{}'), undefined);
});

test('patches name what they write twice, and JSON patches what is no part of an operation', () => {
  const json =
    '[{"op":"add","path":"/a","value":{"k":1},"foo":1},{"op":"add","path":"/b","path":"/c","value":1}]';
  assert.deepEqual(patchProblems('json', json, JSON.parse(json)), [
    'json patch unknown field "[0].foo"',
    'json patch duplicate field "[1].path"',
  ]);
  const merge = '{"spec":{"a":1,"a":2,"b":[{"c":1,"c":2}]}}';
  for (const type of ['merge', 'strategic'] as const) {
    assert.deepEqual(patchProblems(type, merge, JSON.parse(merge)), [
      'duplicate field "spec.a"',
      'duplicate field "spec.b[0].c"',
    ]);
  }
  assert.deepEqual(patchProblems('json', '[]', []), []);
});
