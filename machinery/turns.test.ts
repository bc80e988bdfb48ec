import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.js';

test('turns let so many tasks run at once, the others in the order they came', async () => {
  const turns = new Turns(2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const task = (name: string): Promise<string> =>
    turns.run(async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    });
  const all = ['a', 'b', 'c', 'd'].map(task);
  await Promise.resolve();
  assert.deepEqual(begun, ['a', 'b']);
  ends.get('b')?.();
  assert.equal(await all[1], 'b');
  await all[1];
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const name of ['a', 'c']) ends.get(name)?.();
  await Promise.all([all[0], all[2]]);
  ends.get('d')?.();
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c', 'd']);
});

test('turns go on after a task that failed', async () => {
  const turns = new Turns(1);
  const failed = turns.run(() => Promise.reject(new Error('no')));
  const next = turns.run(() => Promise.resolve('yes'));
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});
