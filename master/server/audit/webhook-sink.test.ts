import assert from 'node:assert/strict';
import test from 'node:test';
import { FakeClock } from '../../../machinery/clock/clock.js';
import type { Logger } from '../../../machinery/log/log.js';
import type { AuditEvent } from './event.js';
import {
  maxWebhookBacklog,
  webhookAttempts,
  webhookBatchWaitMs,
  webhookRetryMs,
} from './limits.js';
import { WebhookSink } from './webhook-sink.js';

const quiet = (): void => undefined;
const logger: Logger = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  with: () => logger,
};
const event = (auditID: string) => ({ auditID }) as AuditEvent;

function open(failures = 0) {
  const clock = new FakeClock();
  const batches: string[][] = [];
  let lost = 0;
  let left = failures;
  const sink = new WebhookSink({
    transport: {
      request: ({ body }) => {
        left -= 1;
        if (left >= 0) return Promise.reject(new Error('connection refused'));
        batches.push((body as { items: AuditEvent[] }).items.map(({ auditID }) => auditID));
        return Promise.resolve({});
      },
      watch: () => {
        throw new Error('nothing to watch');
      },
    },
    path: '/audit',
    batchSize: 2,
    clock,
    logger,
    lost: (events) => (lost += events),
  });
  return { sink, clock, batches, lost: () => lost };
}

test('audit webhook is sent what fills a batch, and the rest after a while', async () => {
  const { sink, clock, batches } = open();
  for (const id of ['a', 'b', 'c']) sink.write(event(id));
  await clock.advance(webhookBatchWaitMs);
  assert.deepEqual(batches, [['a', 'b'], ['c']]);
  sink.write(event('d'));
  await clock.advance(webhookBatchWaitMs - 1);
  assert.equal(batches.length, 2);
  await clock.advance(1);
  assert.deepEqual(batches[2], ['d']);
});

test('audit webhook is sent a batch again when it fails', async () => {
  const { sink, clock, batches, lost } = open(1);
  for (const id of ['a', 'b']) sink.write(event(id));
  await clock.advance(0);
  await clock.advance(webhookRetryMs);
  assert.deepEqual(batches, [['a', 'b']]);
  assert.equal(lost(), 0);
});

test('audit webhook that does not answer costs events, which are counted', async () => {
  const { sink, clock, batches, lost } = open(Infinity);
  for (let count = 0; count < maxWebhookBacklog + 5; count += 1) sink.write(event('x'));
  assert.equal(lost(), 5 - 2);
  await clock.advance(0);
  for (let attempt = 1; attempt < webhookAttempts; attempt += 1) {
    await clock.advance(webhookRetryMs * 2 ** (attempt - 1));
  }
  assert.equal(lost(), 5);
  assert.deepEqual(batches, []);
});

test('audit webhook is sent what waits when the master stops', async () => {
  const { sink, batches } = open();
  sink.write(event('a'));
  await sink.close();
  assert.deepEqual(batches, [['a']]);
});
