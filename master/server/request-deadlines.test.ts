import assert from 'node:assert/strict';
import test from 'node:test';
import { hasReason } from '../../api/meta/status-error.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { RequestDeadlines } from './request-deadlines.js';

const asking = (timeout?: string): URLSearchParams =>
  new URLSearchParams(timeout === undefined ? '' : { timeout });

const cases = [
  { timeout: undefined, afterMs: 60_000 },
  { timeout: '0', afterMs: 60_000 },
  { timeout: '1.5s', afterMs: 1500 },
  { timeout: '5m', afterMs: 60_000 },
];

for (const { timeout, afterMs } of cases) {
  test(`request deadline with timeout ${timeout ?? 'not given'} is after ${String(afterMs)} ms`, async () => {
    const clock = new FakeClock();
    let expired = 0;
    new RequestDeadlines(clock).begin(asking(timeout), () => (expired += 1));
    await clock.advance(afterMs - 1);
    assert.equal(expired, 0);
    await clock.advance(1);
    assert.equal(expired, 1);
  });
}

test('request deadlines share a timer and each falls due in its turn', async () => {
  const clock = new FakeClock();
  const deadlines = new RequestDeadlines(clock);
  const expired: string[] = [];
  const begin = (name: string) => deadlines.begin(asking(), () => expired.push(name));
  begin('a');
  await clock.advance(10_000);
  const cancel = begin('b');
  await clock.advance(10_000);
  begin('c');
  cancel();
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(40_000);
  assert.deepEqual(expired, ['a']);
  await clock.advance(20_000);
  assert.deepEqual(expired, ['a', 'c']);
  assert.equal(clock.pendingTimers, 0);
});

test('request deadline refuses a timeout that is no duration', () => {
  const deadlines = new RequestDeadlines(new FakeClock());
  assert.throws(
    () => deadlines.begin(asking('10'), () => undefined),
    (error: unknown) =>
      hasReason(error, 'BadRequest') &&
      String(error).includes('invalid timeout specified in the request URL'),
  );
});
