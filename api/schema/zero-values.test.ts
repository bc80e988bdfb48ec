import { test } from 'node:test';
import assert from 'node:assert/strict';
import { definition, int32, list, map, ref, string } from './schema.js';
import { fillZeroValues } from './zero-values.js';

const leaf = definition('x.Leaf', '', {
  name: string(1, '', { required: true }),
  note: string(2, ''),
});
const root = definition('x.Root', '', {
  count: int32(1, '', { required: true }),
  leaves: list(2, leaf, '', { required: true }),
  byName: map(3, leaf, ''),
  main: ref(4, leaf, '', { required: true }),
});

test('fillZeroValues fills required scalars and lists at every depth', () => {
  const object = { leaves: [{}, { name: 'a' }], byName: { b: {} } };
  fillZeroValues(root, object);
  assert.deepEqual(object, {
    count: 0,
    leaves: [{ name: '' }, { name: 'a' }],
    byName: { b: { name: '' } },
  });
});

test('fillZeroValues gives every object a list of its own and leaves objects absent', () => {
  const [first, second]: { leaves?: unknown[] }[] = [{}, {}];
  assert.ok(first && second);
  fillZeroValues(root, first);
  fillZeroValues(root, second);
  assert.deepEqual(first, { count: 0, leaves: [] });
  assert.notEqual(first.leaves, second.leaves);
});
