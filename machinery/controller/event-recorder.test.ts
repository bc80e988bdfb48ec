import assert from 'node:assert/strict';
import { test } from 'node:test';

import { events } from '../../api/core/v1/event.js';
import { failure } from '../../api/meta/status-error.js';
import { FakeClient } from '../client/fake-client.js';
import { FakeClock } from '../clock/clock.js';
import { silentLogger } from '../log/log.js';
import { EventRecorder } from './event-recorder.js';

const regarding = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: '',
  },
});

function open() {
  const clock = new FakeClock();
  const client = new FakeClient(clock);
  const logger = silentLogger;
  const recorder = new EventRecorder({ client, clock, logger, component: 'test', host: 'n1' });
  const report = (message: string, name = 'web'): void => {
    recorder.report({
      regarding: regarding(name),
      eventType: 'Normal',
      eventReason: 'Tested',
      message,
    });
  };
  return { clock, client, recorder, report };
}

test('event recorder writes what happened to what, and who says so', async () => {
  const { client, recorder, report } = open();
  report('it works');
  await recorder.flush();
  const [event] = client.all(events);
  assert.equal(event?.metadata.namespace, 'default');
  assert.match(event.metadata.name, /^web\.[0-9a-f]+$/);
  assert.equal(event.involvedObject.uid, 'uid-web');
  assert.deepEqual(event.source, { component: 'test', host: 'n1' });
  assert.equal(event.firstTimestamp, '2026-01-01T00:00:00Z');
});

test('event recorder counts repeats in one event', async () => {
  const { clock, client, recorder, report } = open();
  for (let times = 0; times < 3; times += 1) {
    report('again');
    await recorder.flush();
    await clock.advance(1000);
  }
  const [event, ...others] = client.all(events);
  assert.deepEqual([event?.count, event?.lastTimestamp], [3, '2026-01-01T00:00:02Z']);
  assert.deepEqual(others, []);
});

test('event recorder starts anew when its event has expired', async () => {
  const { client, recorder, report } = open();
  report('again');
  await recorder.flush();
  const [event] = client.all(events);
  assert.ok(event);
  await client.delete(events, event.metadata);
  report('again');
  await recorder.flush();
  assert.deepEqual(
    client.all(events).map(({ count }) => count),
    [1],
  );
});

test('event recorder combines many alike and holds a noisy object back', async () => {
  const { client, recorder, report } = open();
  for (let number = 0; number < 100; number += 1) report(`number ${String(number)}`);
  report('quiet', 'other');
  await recorder.flush();
  const written = client.all(events);
  const noisy = written.filter(({ involvedObject }) => involvedObject.name === 'web');
  assert.ok(noisy.reduce((sum, { count }) => sum + (count ?? 0), 0) <= 25);
  assert.ok(noisy.some(({ message }) => message?.startsWith('(combined from similar events): ')));
  assert.equal(written.length, noisy.length + 1);
});

test('event recorder tells of a noisy object every five minutes, however often it reports', async () => {
  const { clock, client, recorder, report } = open();
  for (let second = 0; second < 1200; second += 10) {
    report('again');
    await recorder.flush();
    await clock.advance(10_000);
  }
  const [event] = client.all(events);
  assert.equal(event?.count, 25 + 3);
});

test('event recorder survives a server that refuses events', async () => {
  const { client, recorder, report } = open();
  client.failNext('create', events, failure({ code: 500, reason: 'InternalError', message: 'x' }));
  report('lost');
  report('kept');
  await recorder.flush();
  assert.deepEqual(
    client.all(events).map(({ message }) => message),
    ['kept'],
  );
});
