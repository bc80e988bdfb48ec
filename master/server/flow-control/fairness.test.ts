import assert from 'node:assert/strict';
import test from 'node:test';
import {
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../../api/flowcontrol/v1/bootstrap-objects.js';
import { flowSchemas } from '../../../api/flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from '../../../api/flowcontrol/v1/priority-level-configuration.js';
import { mandatoryObjects, storedForm } from '../../open-fairness.js';
import { hasReason } from '../../../api/meta/status-error.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { resourceRequestOf } from '../request-info.js';
import { fairnessDumps } from './dumps.js';
import { Fairness, TurnRefused } from './fairness.js';
import type { FairRequest, Seat } from './fairness.js';

const maxWaitMs = 15_000;
const mandatory = mandatoryObjects();
const objects = {
  schemas: suggestedFlowSchemas.map((made) => storedForm(flowSchemas, made)),
  levels: suggestedPriorityLevels.map((made) => storedForm(priorityLevelConfigurations, made)),
  mandatory,
};

interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly groups?: readonly string[];
  readonly seats?: number;
  readonly onGone?: FairRequest['onGone'];
}

function requestBy(username: string, asking: Asking = {}): FairRequest {
  const { method = 'GET', path = '/api/v1/namespaces/default/pods/x', groups = [] } = asking;
  const target = resourceRequestOf(method, path, new URLSearchParams());
  return {
    user: { username, groups: [...groups, 'system:authenticated'] },
    verb: target?.verb ?? method.toLowerCase(),
    path,
    target,
    seats: () => asking.seats ?? 1,
    maxWaitMs: () => maxWaitMs,
    onGone: asking.onGone ?? (() => () => undefined),
  };
}

const asNode: Asking = { path: '/api/v1/nodes/a/status', method: 'PUT', groups: ['system:nodes'] };

function open(totalSeats = 60) {
  const clock = new FakeClock();
  const fairness = new Fairness({ totalSeats, clock }, objects);
  const level = (name: string) => [...fairness.state.levels].find((each) => each.name === name);
  return { clock, fairness, level };
}

/** Asks until nobody is served at once any more. */
function flood(fairness: Fairness, user: string, asking: Asking = {}, most = 1000) {
  const seats: Seat[] = [];
  const waiting: Promise<Seat>[] = [];
  let refused = 0;
  for (let count = 0; count < most; count += 1) {
    try {
      const seat = fairness.admit(requestBy(user, asking));
      if (seat instanceof Promise) waiting.push(seat);
      else seats.push(seat);
    } catch (error) {
      assert.ok(hasReason(error, 'TooManyRequests'));
      refused += 1;
    }
  }
  for (const each of waiting) each.catch(() => undefined);
  return { seats, waiting, refused };
}

test('fairness serves administrators and probes whatever happens', () => {
  const { fairness } = open();
  flood(fairness, 'joe');
  const { seats, refused } = flood(fairness, 'admin', { groups: ['system:masters'] });
  assert.deepEqual([seats.length, refused], [1000, 0]);
  assert.equal(flood(fairness, 'joe', { path: '/livez' }).seats.length, 1000);
});

test('fairness keeps seats for nodes and controllers while somebody floods the server', async () => {
  const { fairness, level } = open();
  const flooded = flood(fairness, 'joe', {}, 2000);
  assert.ok(flooded.refused > 1000, 'queues are bounded');
  assert.ok(flooded.seats.length < 60, 'others have seats left');
  const nodes = flood(fairness, 'system:node:a', asNode, 7);
  assert.equal(nodes.seats.length, 7);
  const controllers = flood(fairness, 'system:serviceaccount:kube-system:x', {}, 4);
  assert.equal(controllers.seats.length, 4);
  // Who has a seat gives it up, and it goes to whoever waits.
  const before = level('global-default')?.waiting ?? 0;
  flooded.seats[0]?.release();
  flooded.seats[0]?.release();
  assert.ok((await flooded.waiting[0]) !== undefined);
  assert.equal(level('global-default')?.waiting, before - 1);
});

test('fairness lends what is not used, and takes it back first', async () => {
  const { fairness, level } = open();
  const { seats } = flood(fairness, 'joe', {}, 40);
  const limits = level('global-default')?.limits;
  assert.ok(limits !== undefined && seats.length > limits.nominal, 'it has borrowed');
  const late = flood(fairness, 'system:node:a', asNode, 30);
  assert.ok(late.waiting.length > 0, 'what was lent is not there at once');
  const [waiting] = late.waiting;
  seats[0]?.release();
  assert.ok(await waiting, 'the lender comes before the borrower');
});

test('fairness serves a modest user before the many requests of another', async () => {
  const { fairness } = open();
  const order: string[] = [];
  const elephant = flood(fairness, 'elephant', {}, 100);
  const note = (who: string) => (seat: Seat) => {
    order.push(who);
    return seat;
  };
  const waiting = elephant.waiting.map((seat) => seat.then(note('elephant')));
  const mouse = flood(fairness, 'mouse', {}, 1).waiting[0]?.then(note('mouse'));
  assert.ok(mouse !== undefined && waiting.length > 20);
  for (const seat of elephant.seats.slice(0, 12)) seat.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(order.includes('mouse'), order.join());
  assert.ok(order.length < waiting.length);
});

test('fairness refuses whoever has waited too long or has gone', async () => {
  const { fairness, clock, level } = open();
  flood(fairness, 'joe', {}, 200);
  let leave = (): void => undefined;
  const onGone: FairRequest['onGone'] = (callback) => {
    leave = callback;
    return () => undefined;
  };
  const gone = fairness.admit(requestBy('jane', { onGone }));
  const late = fairness.admit(requestBy('jim'));
  assert.ok(gone instanceof Promise && late instanceof Promise);
  leave();
  await assert.rejects(gone, (error) => hasReason(error, 'TooManyRequests'));
  const timedOut = assert.rejects(late, (error) => hasReason(error, 'TooManyRequests'));
  await clock.advance(maxWaitMs);
  await timedOut;
  assert.equal(level('global-default')?.waiting, 0);
  assert.equal(clock.pendingTimers, 0);
  const counted = [...fairness.state.counts].find(({ schema }) => schema === 'global-default');
  assert.equal(counted?.rejected.cancelled, 1);
  assert.ok((counted.rejected['time-out'] ?? 0) >= 1);
});

test('fairness refuses at once what belongs to nobody', () => {
  const clock = new FakeClock();
  const fairness = new Fairness({ totalSeats: 4, clock }, { schemas: [], levels: [], mandatory });
  const { seats, waiting, refused } = flood(fairness, 'joe', {}, 10);
  assert.deepEqual([seats.length, waiting.length, refused], [4, 0, 6]);
});

test('fairness counts a long list as more than one request, never as more than one may take', () => {
  const { fairness, level } = open(300);
  const seat = fairness.admit(requestBy('joe', { seats: 10 }));
  assert.ok(!(seat instanceof Promise));
  // A sixth of the 25 seats of the level, because its flows have hands of six queues.
  assert.equal(level('global-default')?.seats, 4);
});

/** The objects of the start with another share for one level. */
const withLimits = (name: string, limited: object) => ({
  ...objects,
  levels: objects.levels.map((each) =>
    each.metadata.name === name
      ? { ...each, spec: { ...each.spec, limited: { ...each.spec.limited, ...limited } } }
      : each,
  ),
});

test('fairness holds the requests of a level without a share until they give up', async () => {
  const { fairness, clock, level } = open();
  fairness.configure(
    withLimits('global-default', { nominalConcurrencyShares: 0, borrowingLimitPercent: 0 }),
  );
  const { seats, waiting } = flood(fairness, 'joe', {}, 5);
  assert.deepEqual([seats.length, waiting.length], [0, 5]);
  const ended = Promise.allSettled(waiting);
  await clock.advance(maxWaitMs);
  assert.ok((await ended).every(({ status }) => status === 'rejected'));
  assert.equal(level('global-default')?.waiting, 0);
});

test('fairness says how it classed whom it refuses, and to come later the more it refuses', async () => {
  const { fairness, clock } = open();
  const adviceTo = (user: string): number | undefined => {
    try {
      const seat = fairness.admit(requestBy(user));
      if (seat instanceof Promise) seat.catch(() => undefined);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof TurnRefused);
      assert.deepEqual(Object.keys(error.classed).includes('levelUid'), true);
      return error.status.details?.retryAfterSeconds;
    }
  };
  flood(fairness, 'joe');
  assert.equal(adviceTo('joe'), 1);
  await clock.advance(1000);
  assert.equal(adviceTo('joe'), 2);
});

test('fairness follows changes and leaves waiting requests in their places', async () => {
  const { fairness, level } = open();
  const { waiting } = flood(fairness, 'joe', {}, 100);
  fairness.configure(withLimits('global-default', { nominalConcurrencyShares: 2000 }));
  assert.ok(await waiting[0]);
  assert.ok((level('global-default')?.limits.nominal ?? 0) > 50);
});

test('fairness shows its levels, queues and waiting requests to people', async () => {
  const { fairness, clock } = open();
  const { seats, waiting } = flood(fairness, 'greedy');
  const dumps = fairnessDumps(fairness);
  const dump = (name: string, query = {}): readonly (readonly string[])[] => {
    const text = dumps.get(`/debug/api_priority_and_fairness/${name}`)?.(query) ?? '';
    const rows = text.trimEnd().split('\n');
    return rows.map((row) => row.split(',').map((cell) => cell.trim()));
  };
  const levels = dump('dump_priority_levels');
  assert.equal(levels[0]?.[0], 'PriorityLevelName');
  const [busy] = levels.filter(([name]) => name === 'global-default');
  assert.deepEqual(busy?.slice(2, 7), [
    ...['false', 'false'],
    ...[waiting.length, seats.length, seats.length].map(String),
  ]);
  const pending = dump('dump_queues')
    .slice(1)
    .map(([, , count]) => Number(count));
  assert.equal(
    pending.reduce((sum, count) => sum + count, 0),
    waiting.length,
  );
  const requests = dump('dump_requests', { includeRequestDetails: '1' });
  assert.equal(requests.length, waiting.length + 1);
  assert.deepEqual(requests[1]?.slice(-8, -5), [
    'greedy',
    'get',
    '/api/v1/namespaces/default/pods/x',
  ]);
  const ended = Promise.allSettled(waiting);
  await clock.advance(maxWaitMs);
  await ended;
  assert.equal(dump('dump_requests').length, 1);
});
