import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { failure } from '../../api/meta/status-error.js';
import type { Requester } from '../../api/schema/resource.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { arrivalOf } from './arrival.js';
import { Auditor } from './audit/auditor.js';
import type { AuditEvent } from './audit/event.js';
import { parseAuditPolicy } from './audit/policy.js';
import { Entrance, type Entry } from './entrance.js';

const unauthorized = failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
const jane: Requester = { username: 'jane', groups: [] };
const john: Requester = { username: 'john', groups: [] };

/** An entrance that knows Jane by her token, and lets her speak for John; everything takes time where `waits`. */
function entranceThat(waits: boolean, audit?: Auditor) {
  const steps: string[] = [];
  const clock = new FakeClock();
  const told = <T>(value: T): T | Promise<T> => (waits ? Promise.resolve(value) : value);
  const entrance = new Entrance({
    caPem: '',
    clock,
    audit,
    authenticate: ({ authorization, note }) => {
      note?.('sort', 'old');
      if (authorization === 'Bearer jane') return told(jane);
      if (waits) return Promise.reject(unauthorized);
      throw unauthorized;
    },
    gate: {
      impersonate: (sender) => {
        steps.push(`${sender.username} speaks`);
        return told({ user: john });
      },
      authorize: (user) => {
        steps.push(`${user.username} may`);
        return waits ? Promise.resolve() : undefined;
      },
    },
    fairness: (user) => {
      steps.push(`${user.username} waits`);
      return told({ schemaUid: 's', levelUid: 'l', release: () => undefined });
    },
    accessMetrics: {
      authenticated: (result, _durationMs, username = 'somebody') => {
        steps.push(`${result}: ${username}`);
      },
    },
  });
  const pass = async (
    authorization: string | undefined,
    failed?: (entry: Entry) => void,
  ): Promise<Entry & { user: Requester }> => {
    const socket = Object.assign(new Socket(), {
      authorized: false,
      getPeerCertificate: () => ({}),
    });
    const request = new IncomingMessage(socket);
    if (authorization !== undefined) request.headers.authorization = authorization;
    const entry: Entry = { arrival: arrivalOf(request), trail: undefined, seat: undefined };
    try {
      const user = await entrance.pass(entry, request);
      return { ...entry, user };
    } catch (error) {
      failed?.(entry);
      throw error;
    }
  };
  return { pass, steps };
}

test('entrance notes in the record what is known of a token, good or not', async () => {
  const events: AuditEvent[] = [];
  const audit = new Auditor({
    policy: parseAuditPolicy(
      '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}',
    ),
    sinks: [{ write: (event) => events.push(event), close: () => Promise.resolve() }],
    clock: new FakeClock(),
    bodyValue: () => undefined,
    recorded: () => undefined,
  });
  const { pass } = entranceThat(false, audit);
  await pass('Bearer jane');
  await assert.rejects(
    pass('Bearer eve', (entry) => entry.trail?.complete(401)),
    unauthorized,
  );
  assert.deepEqual(
    events.map(({ stage, annotations, responseStatus }) => [
      stage,
      annotations,
      responseStatus?.message,
    ]),
    [
      ['RequestReceived', { sort: 'old' }, undefined],
      ['ResponseStarted', { sort: 'old' }, 'Authentication failed, attempted: bearer'],
    ],
  );
});

for (const waits of [false, true]) {
  const how = waits ? 'in time' : 'at once';

  test(`entrance lets through ${how} who is known, as whom they speak for, with a seat`, async () => {
    const { pass, steps } = entranceThat(waits);
    const { user, seat } = await pass('Bearer jane');
    assert.deepEqual([user, seat?.levelUid], [john, 'l']);
    assert.deepEqual(steps, ['success: jane', 'jane speaks', 'john waits', 'john may']);
  });

  test(`entrance refuses ${how} who is unknown, and counts what they came with`, async () => {
    const { pass, steps } = entranceThat(waits);
    await assert.rejects(pass('Bearer eve'), unauthorized);
    await assert.rejects(pass(undefined), unauthorized);
    assert.deepEqual(steps, ['error: somebody', 'failure: somebody']);
  });
}
