import assert from 'node:assert/strict';
import test from 'node:test';
import { isSideThreadError, SideThread } from './side-thread.js';
import type { SideThreadLimits } from './side-thread.js';

const usual = { timeoutMs: 10_000, idleMs: 10_000, maxHeapMiB: 64, maxWaiting: 2 };

/** Runs JavaScript it is sent, which is what the threads of these tests do. */
const moduleText = `import { parentPort } from 'node:worker_threads';
parentPort.on('message', (text) => { parentPort.postMessage(String(eval(text))); });`;

function threadWith(limits: Partial<SideThreadLimits> = {}): SideThread {
  const file = new URL(`data:text/javascript,${encodeURIComponent(moduleText)}`);
  return new SideThread(file, { ...usual, ...limits });
}

const failsWith =
  (reason: string) =>
  (error: unknown): boolean =>
    isSideThreadError(error) && error.reason === reason;

test('a side thread answers calls in their order', async () => {
  const thread = threadWith();
  assert.deepEqual(await Promise.all(['1 + 1', '2 + 2'].map((text) => thread.call(text))), [
    '2',
    '4',
  ]);
});

test('a side thread refuses calls beyond those that may wait', async () => {
  const thread = threadWith();
  const calls = ['1', '2', '3'].map((text) => thread.call(text));
  await assert.rejects(thread.call('4'), failsWith('busy'));
  assert.deepEqual(await Promise.all(calls), ['1', '2', '3']);
});

test('a side thread gives up a call that takes too long, and goes on with the next', async () => {
  const thread = threadWith({ timeoutMs: 300 });
  const endless = assert.rejects(thread.call('for (;;);'), failsWith('timeout'));
  const next = thread.call('1');
  await endless;
  assert.equal(await next, '1');
});

test('a side thread that dies fails the call, and only that', async () => {
  const thread = threadWith();
  const dying = assert.rejects(thread.call('process.exit(1)'), failsWith('ended'));
  const next = thread.call('1');
  await dying;
  assert.equal(await next, '1');
});

test('a side thread that is not needed ends', async () => {
  const thread = threadWith({ idleMs: 1 });
  assert.equal(await thread.call('1'), '1');
  while (thread.isRunning) await new Promise((resolve) => setTimeout(resolve, 1));
});
