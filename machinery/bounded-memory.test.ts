import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMemory } from './bounded-memory.js';

test('bounded memory forgets what was unused for longest', () => {
  const dropped: number[] = [];
  const memory = new BoundedMemory<number>(2, (value) => dropped.push(value));
  memory.set('a', 1);
  memory.set('b', 2);
  memory.get('a');
  memory.set('c', 3);
  assert.deepEqual([memory.get('a'), memory.get('b'), memory.get('c')], [1, undefined, 3]);
  assert.equal(memory.size, 2);
  assert.deepEqual(dropped, [2]);
});
