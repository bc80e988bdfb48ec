import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { Pulse } from './pulse.js';

test('a pulse wakes all who wait with one timer, and beats again only for others', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock, { minMs: 5, maxMs: 8, msEach: 3 });
  const woken: number[] = [];
  const wait = async (): Promise<void> => {
    await pulse.next();
    woken.push(clock.now());
  };
  const first = wait();
  await clock.advance(3);
  const second = wait();
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(2);
  await Promise.all([first, second]);
  assert.deepEqual(woken, [clock.now(), clock.now()]);
  assert.equal(clock.pendingTimers, 0);
});

test('a pulse beats the more slowly the more it woke, within its bounds', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock, { minMs: 2, maxMs: 10, msEach: 1 });
  const beatAfter = async (waiters: number): Promise<number> => {
    const startMs = clock.now();
    const woken = Promise.all(Array.from({ length: waiters }, () => pulse.next()));
    while (clock.pendingTimers > 0) await clock.advance(1);
    await woken;
    return clock.now() - startMs;
  };
  assert.equal(await beatAfter(5), 2, 'nothing is known yet');
  assert.equal(await beatAfter(100), 5);
  assert.equal(await beatAfter(1), 10);
  assert.equal(await beatAfter(1), 2);
});
