import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../meta/status-error.js';
import { applyJsonPatch } from './json.js';
import { applyMergePatch } from './merge.js';
import { maxJsonPatchOperations } from './limits.js';

const original = { data: { a: '1' }, list: [1, 2] };

const applied: readonly { name: string; patch: unknown[]; result: unknown }[] = [
  {
    name: 'adds, removes and replaces',
    patch: [
      { op: 'add', path: '/data/b', value: '2' },
      { op: 'remove', path: '/data/a' },
      { op: 'replace', path: '/list/0', value: 9 },
    ],
    result: { data: { b: '2' }, list: [9, 2] },
  },
  {
    name: 'adds what it should replace',
    patch: [{ op: 'replace', path: '/data/zz', value: 'x' }],
    result: { data: { a: '1', zz: 'x' }, list: [1, 2] },
  },
  {
    name: 'moves and copies',
    patch: [
      { op: 'copy', from: '/data/a', path: '/data/c' },
      { op: 'move', from: '/data/a', path: '/data/d' },
    ],
    result: { data: { c: '1', d: '1' }, list: [1, 2] },
  },
  {
    name: 'tests before it writes',
    patch: [
      { op: 'test', path: '/list', value: [1, 2] },
      { op: 'test', path: '/data/none', value: null },
    ],
    result: original,
  },
  {
    name: 'counts negative positions from the end',
    patch: [
      { op: 'replace', path: '/list/-1', value: 9 },
      { op: 'add', path: '/list/-1', value: 10 },
    ],
    result: { data: { a: '1' }, list: [1, 9, 10] },
  },
  {
    name: 'adds members with the names of what objects inherit',
    patch: [
      { op: 'add', path: '/data/toString', value: 'x' },
      { op: 'copy', from: '/data/toString', path: '/data/constructor' },
    ],
    result: { data: { a: '1', toString: 'x', constructor: 'x' }, list: [1, 2] },
  },
  { name: 'of no operations changes nothing', patch: [], result: original },
];

for (const { name, patch, result } of applied) {
  test(`JSON patch ${name}`, () => {
    assert.deepEqual(applyJsonPatch(original, patch), result);
    assert.deepEqual(original, { data: { a: '1' }, list: [1, 2] });
  });
}

const refused: readonly { name: string; patch: unknown; code: number }[] = [
  {
    name: 'the removal of what is not there',
    patch: [{ op: 'remove', path: '/data/zz' }],
    code: 422,
  },
  { name: 'a missing parent', patch: [{ op: 'add', path: '/no/such', value: 1 }], code: 422 },
  { name: 'an unknown operation', patch: [{ op: 'frob', path: '/data/a' }], code: 422 },
  { name: 'an operation without a path', patch: [{ op: 'add', value: 1 }], code: 422 },
  { name: 'a failed test', patch: [{ op: 'test', path: '/data/a', value: '2' }], code: 422 },
  { name: 'a path without a slash', patch: [{ op: 'remove', path: 'data' }], code: 422 },
  {
    name: 'an index past the end',
    patch: [{ op: 'replace', path: '/list/7', value: 1 }],
    code: 422,
  },
  { name: 'an object', patch: { op: 'add' }, code: 400 },
  {
    name: 'too many operations',
    patch: new Array(maxJsonPatchOperations + 1).fill({ op: 'remove', path: '/data/a' }),
    code: 413,
  },
  {
    name: 'copies that grow without end',
    patch: Array.from({ length: 40 }, (_, at) => ({
      op: 'copy',
      from: '/data',
      path: `/data/x${String(at)}`,
    })),
    code: 413,
  },
];

for (const { name, patch, code } of refused) {
  test(`JSON patch refuses ${name}`, () => {
    assert.throws(
      () => applyJsonPatch(original, patch),
      (error) => isStatusError(error) && error.code === code,
    );
  });
}

const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'push', 'length'];

test('JSON patch reaches nothing that objects and lists inherit', () => {
  for (const root of ['', '/data', '/data/a', '/list']) {
    for (const name of inherited) {
      for (const patch of [
        [{ op: 'add', path: `${root}/${name}/polluted`, value: 1 }],
        [{ op: 'remove', path: `${root}/${name}` }],
        [{ op: 'copy', from: `${root}/${name}`, path: '/data/b' }],
        [{ op: 'move', from: `${root}/${name}`, path: '/data/b' }],
      ]) {
        assert.throws(() => applyJsonPatch(original, patch), isStatusError, JSON.stringify(patch));
      }
    }
  }
  for (const value of [{}, [], Object, Reflect.get({}, 'toString')] as object[]) {
    assert.equal(Reflect.get(value, 'polluted'), undefined);
  }
});

test('JSON patch does not move a value into itself', () => {
  const patch = [{ op: 'move', from: '/data', path: '/data/b' }];
  assert.throws(() => applyJsonPatch(original, patch), isStatusError);
});

test('merge patch follows the example of RFC 7386', () => {
  const result = applyMergePatch(
    {
      title: 'Goodbye!',
      author: { givenName: 'John', familyName: 'Doe' },
      tags: ['example', 'sample'],
      content: 'This will be unchanged',
    },
    {
      title: 'Hello!',
      phoneNumber: '+01-123-456-7890',
      author: { familyName: null },
      tags: ['example'],
    },
  );
  assert.deepEqual(result, {
    title: 'Hello!',
    author: { givenName: 'John' },
    tags: ['example'],
    content: 'This will be unchanged',
    phoneNumber: '+01-123-456-7890',
  });
});

test('merge patch keeps a member named __proto__ a plain member', () => {
  const patch: unknown = JSON.parse('{"data":{"__proto__":"x"}}');
  const result = applyMergePatch({ data: { a: '1' } }, patch);
  assert.equal(JSON.stringify(result), '{"data":{"a":"1","__proto__":"x"}}');
});

for (const [operation, why] of [
  [
    { op: 'add', path: '/no/x', value: 1 },
    'add operation does not apply: doc is missing path: "/no/x": missing value',
  ],
  [
    { op: 'remove', path: '/data/no' },
    "error in remove for path: '/data/no': Unable to remove nonexistent key: no: missing value",
  ],
  [
    { op: 'replace', path: '/list/7', value: 1 },
    "error in remove for path: '/list/7': Unable to access invalid index: 7: invalid index referenced",
  ],
  [
    { op: 'move', from: '/no/x', path: '/y' },
    'move operation does not apply: doc is missing from path: /no/x: missing value',
  ],
  [{ op: 'test', path: '/data/a', value: '2' }, 'testing value /data/a failed: test failed'],
] as const) {
  test(`what keeps a patch from being applied is kept for logs and admission: ${why}`, () => {
    assert.throws(
      () => applyJsonPatch(original, [operation]),
      (error) => isStatusError(error) && (error.cause as Error).message === why,
    );
  });
}
