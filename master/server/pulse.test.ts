import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../machinery/clock/clock.js';
import { Pulse } from './pulse.js';

test('a pulse wakes all who wait with one timer, and beats again only for others', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock, { minMs: 5, maxMs: 8, msEach: 3, wokenAtOnce: 9 });
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
  const pulse = new Pulse(clock, { minMs: 2, maxMs: 10, msEach: 1, wokenAtOnce: 1000 });
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

test('a pulse that wakes many gives others their turn in between, and begins no beat before its end', async () => {
  const clock = new FakeClock();
  const pulse = new Pulse(clock, { minMs: 2, maxMs: 10, msEach: 1, wokenAtOnce: 3 });
  const turns: number[][] = [[]];
  const sleepAgain: Promise<void>[] = [];
  const beatsBeforeEnd: number[] = [];
  const watch = async (watcher: number): Promise<void> => {
    await pulse.next();
    turns.at(-1)?.push(watcher);
    sleepAgain.push(pulse.next());
    beatsBeforeEnd.push(clock.pendingTimers);
  };
  const closeTurn = (): void => {
    turns.push([]);
    if (turns.length < 9) setImmediate(closeTurn);
  };
  const woken = Promise.all([0, 1, 2, 3, 4, 5, 6].map(watch));
  setImmediate(closeTurn);
  await clock.advance(2);
  await woken;
  assert.deepEqual(
    turns.filter((turn) => turn.length > 0),
    [[0, 1, 2], [3, 4, 5], [6]],
  );
  assert.deepEqual(beatsBeforeEnd, [0, 0, 0, 0, 0, 0, 1]);
  await clock.advance(7);
  assert.equal((await Promise.all(sleepAgain)).length, 7);
});
