import assert from 'node:assert/strict';
import test from 'node:test';
import { configMaps } from '../../../api/core/v1/config-map.js';
import { notFound } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import type { ApiAnswer } from '../api-request.js';
import { resourceRequestOf } from '../request-info.js';
import { auditedValue } from './audited-value.js';
import { Auditor } from './auditor.js';
import type { AuditTrail } from './auditor.js';
import type { AuditEvent } from './event.js';
import { parseAuditPolicy } from './policy.js';

const user = { username: 'jane', groups: ['system:authenticated'] };
const path = '/api/v1/namespaces/default/configmaps';

function begin(level: string, more = ''): { trail: AuditTrail; events: AuditEvent[] } {
  const events: AuditEvent[] = [];
  const auditor = new Auditor({
    policy: parseAuditPolicy(
      `{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: ${level}${more}}]}`,
    ),
    sinks: [{ write: (event) => events.push(event), close: () => Promise.resolve() }],
    clock: new FakeClock(),
    bodyValue: (_target, body) => auditedValue(body, undefined),
    recorded: () => undefined,
  });
  const trail = auditor.begin(user, {
    method: 'POST',
    uri: `${path}?dryRun=All`,
    path,
    target: resourceRequestOf('POST', path, new URLSearchParams()),
    sourceIps: ['10.0.0.1'],
    userAgent: 'kubectl',
    auditId: 'id',
  });
  assert.ok(trail !== undefined);
  return { trail, events };
}

const object = {
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'made', namespace: 'default', managedFields: [{ manager: 'x' }] },
} as unknown as KubeObject;
const created: ApiAnswer = {
  type: 'object',
  status: 201,
  object,
  bytes: undefined,
  resource: configMaps as unknown as ResourceDefinition,
};
const sent = {
  type: 'bytes',
  bytes: Buffer.from('{"data":{"a":"b"}}'),
  mediaType: 'application/json',
} as const;

test('audit event at level Metadata says who, what and how it ended', () => {
  const { trail, events } = begin('Metadata');
  trail.received();
  trail.madeAs({ username: 'bot', groups: [] });
  trail.annotations.set('authorization.k8s.io/decision', 'allow');
  trail.sent(sent);
  trail.answered(created);
  trail.complete(201);
  trail.complete(201);
  assert.deepEqual(
    events.map(({ stage }) => stage),
    ['RequestReceived', 'ResponseComplete'],
  );
  assert.deepEqual(events[1], {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'id',
    stage: 'ResponseComplete',
    requestURI: `${path}?dryRun=All`,
    verb: 'create',
    user,
    impersonatedUser: { username: 'bot', groups: [] },
    sourceIPs: ['10.0.0.1'],
    userAgent: 'kubectl',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'made', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
    stageTimestamp: '2026-01-01T00:00:00.000000Z',
    annotations: { 'authorization.k8s.io/decision': 'allow' },
  });
});

test('audit event at level Request has what was sent', () => {
  const { trail, events } = begin('Request', ', omitStages: [RequestReceived]');
  trail.received();
  trail.sent(sent);
  trail.answered(created);
  trail.complete(201);
  assert.equal(events.length, 1);
  assert.deepEqual(events[0]?.requestObject, { data: { a: 'b' } });
  assert.equal(events[0].responseObject, undefined);
});

test('audit event at level RequestResponse has the answer, without managed fields where wanted', () => {
  for (const [more, managedFields] of [
    ['', [{ manager: 'x' }]],
    [', omitManagedFields: true', undefined],
  ] as const) {
    const { trail, events } = begin('RequestResponse', more);
    trail.answered(created);
    trail.complete(201);
    const given = events[0]?.responseObject as KubeObject;
    assert.deepEqual(given.metadata.managedFields, managedFields);
  }
});

test('audit event of a failure has its status', () => {
  const { trail, events } = begin('RequestResponse');
  const { status } = notFound({ group: '', plural: 'configmaps' }, 'x');
  trail.failed(status);
  trail.complete(404);
  const { responseStatus, responseObject } = events[0] ?? {};
  assert.equal(responseStatus?.reason, 'NotFound');
  assert.equal(responseStatus.code, 404);
  assert.equal(responseObject, status);
});

test('audit event says by which verb somebody may speak for another in one matter', () => {
  const { trail, events } = begin('Metadata');
  trail.madeAs({ username: 'bot', groups: [] }, 'impersonate:user-info');
  trail.complete(200);
  assert.deepEqual(events[0]?.authenticationMetadata, {
    impersonationConstraint: 'impersonate:user-info',
  });
});

for (const [credentials, message] of [
  [['basic', 'x509'], 'Authentication failed, attempted: basic, x509'],
  [[], 'Authentication failed, no credentials provided'],
] as const) {
  test(`audit event of a stranger says: ${message}`, () => {
    const { trail, events } = begin('RequestResponse');
    trail.sentByStranger(credentials);
    trail.failed(notFound({ group: '', plural: 'x' }, 'x').status);
    trail.complete(401);
    const [event, ...more] = events;
    assert.deepEqual(
      [event?.stage, event?.responseStatus, event?.responseObject, more.length],
      ['ResponseStarted', { metadata: {}, message, code: 401 }, undefined, 0],
    );
  });
}

test('audit policy of level None leaves no trail', () => {
  assert.throws(() => begin('None'));
});
