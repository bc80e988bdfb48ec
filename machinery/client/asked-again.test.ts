import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, serviceUnavailable, timedOut } from '../../api/meta/status-error.js';
import { FakeClock } from '../clock/clock.js';
import { askedAgain } from './asked-again.js';
import { reviewAttempts } from './limits.js';

function asking(answers: readonly unknown[]) {
  const clock = new FakeClock();
  const left = [...answers];
  const askedMs: number[] = [];
  const ask = (): Promise<unknown> => {
    askedMs.push(clock.monotonicMs());
    const answer = left.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const done = askedAgain(ask, clock);
  const pass = async (): Promise<void> => {
    for (let turn = 0; turn < 1000; turn += 1) await clock.advance(10);
  };
  return { done, askedMs, pass };
}

const busy = failure({ code: 500, reason: 'InternalError', message: 'busy' });

test('a service that fails for a while is asked again, after pauses that grow', async () => {
  const { done, askedMs, pass } = asking([busy, timedOut('slow'), 'yes']);
  await pass();
  assert.equal(await done, 'yes');
  const [first = 0, second = 0, third = 0] = askedMs;
  const pauses = [second - first, third - second];
  assert.deepEqual(
    pauses.map((ms) => Math.round(ms / 50) * 50),
    [500, 750],
  );
});

test('a service that goes on failing is given up', async () => {
  const { done, askedMs, pass } = asking(Array.from({ length: 10 }, () => busy));
  const refused = assert.rejects(done, busy);
  await pass();
  await refused;
  assert.equal(askedMs.length, reviewAttempts);
});

test('a service that cannot be reached is not asked again', async () => {
  const gone = serviceUnavailable('gone');
  const { done, askedMs } = asking([gone]);
  await assert.rejects(done, gone);
  assert.equal(askedMs.length, 1);
});
