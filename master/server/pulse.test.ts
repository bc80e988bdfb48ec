import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { Pulse } from './pulse.js';

test('a pulse wakes all who wait with one timer, and beats again only for others', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock, 5);
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
