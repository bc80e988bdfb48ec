import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../clock/clock.js';
import { Metrics } from '../metrics/metrics.js';
import { WorkQueue } from './workqueue.js';

function open() {
  const clock = new FakeClock();
  const metrics = new Metrics();
  return { clock, metrics, queue: new WorkQueue({ name: 'test', clock, metrics }) };
}

test('work queue holds a key once and in order', async () => {
  const { queue } = open();
  for (const key of ['a', 'b', 'a']) queue.add(key);
  assert.equal(queue.depth, 2);
  assert.deepEqual([await queue.get(), await queue.get()], ['a', 'b']);
});

test('work queue gives a key that is being worked on again only after done', async () => {
  const { queue } = open();
  queue.add('a');
  assert.equal(await queue.get(), 'a');
  queue.add('a');
  queue.add('a');
  assert.equal(queue.depth, 0);
  queue.done('a');
  assert.equal(queue.depth, 1);
  assert.equal(await queue.get(), 'a');
  queue.done('a');
  assert.equal(queue.depth, 0);
});

test('work queue doubles the delay of a failing key from 5 ms and forgets it on success', async () => {
  const { clock, queue } = open();
  for (const delayMs of [5, 10, 20]) {
    queue.addRateLimited('a');
    await clock.advance(delayMs - 1);
    assert.equal(queue.depth, 0);
    await clock.advance(1);
    assert.equal(await queue.get(), 'a');
    queue.done('a');
  }
  queue.forget('a');
  queue.addRateLimited('a');
  await clock.advance(5);
  assert.equal(queue.depth, 1);
});

test('work queue keeps the earliest of several delays', async () => {
  const { clock, queue } = open();
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 200);
  await clock.advance(50);
  assert.equal(await queue.get(), 'a');
  queue.done('a');
  await clock.advance(500);
  assert.equal(queue.depth, 0);
});

test('work queue wakes waiting workers with nothing when it is shut down', async () => {
  const { queue } = open();
  const waiting = queue.get();
  queue.shutDown();
  assert.equal(await waiting, undefined);
});

test('work queue reports depth, adds and retries under the names Kubernetes uses', async () => {
  const { metrics, queue } = open();
  queue.add('a');
  queue.addRateLimited('b');
  const { body } = await metrics.render();
  assert.match(body, /workqueue_depth\{name="test"\} 1/);
  assert.match(body, /workqueue_adds_total\{name="test"\} 1/);
  assert.match(body, /workqueue_retries_total\{name="test"\} 1/);
});
