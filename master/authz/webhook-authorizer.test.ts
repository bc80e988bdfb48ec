import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../api/meta/status-error.js';
import type { TransportRequest } from '../../machinery/client/transport.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import type { WebhookSettings } from './authorization-configuration.js';
import { noAuthorizationMetrics } from './authorization-metrics.js';
import type { AuthorizationRequest } from './authorizer.js';
import { compileReviewConditions } from './review-conditions.js';
import { webhookAuthorizer } from './webhook-authorizer.js';

const user = {
  username: 'jane',
  groups: ['people', 'system:authenticated'],
  uid: 'u1',
  extra: { 'example.com/team': ['a'] },
};
const pods = {
  group: '',
  version: 'v1',
  plural: 'pods',
  subresource: '',
  namespace: 'shop',
  name: '',
};
const listing: AuthorizationRequest = { user, verb: 'list', resource: pods };

const standard: WebhookSettings = {
  kubeconfigFile: '/webhook.conf',
  version: 'v1',
  timeoutMs: 3000,
  failurePolicy: 'NoOpinion',
  allowedCacheMs: 60_000,
  otherCacheMs: 10_000,
  conditions: [],
};

interface Asked {
  readonly path: string;
  readonly body: { readonly apiVersion: string; readonly spec: object };
}

/** An authoriser before a service that answers as it is told, one answer after another; the last one for good. */
function askingOf(
  settings: Partial<WebhookSettings>,
  ...answers: readonly (object | Error | 'nothing')[]
) {
  const asked: Asked[] = [];
  const clock = new FakeClock();
  const request = async ({ path, body, signal }: TransportRequest): Promise<unknown> => {
    asked.push({ path, body: body as Asked['body'] });
    const answer = answers[Math.min(asked.length, answers.length) - 1] ?? {};
    if (answer instanceof Error) throw answer;
    if (answer !== 'nothing') return { status: answer };
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  };
  const authorize = webhookAuthorizer({
    name: 'asks',
    settings: { ...standard, ...settings },
    transport: { request },
    path: '/authorize?x=1',
    metrics: noAuthorizationMetrics,
    clock,
    logger: silentLogger,
  });
  return { authorize: async (about: AuthorizationRequest) => authorize(about), asked, clock };
}

test('webhook authorizer shows requests as reviews, with selectors as requirements', async () => {
  const { authorize, asked } = askingOf({}, { allowed: true, reason: 'friend' });
  const resource = {
    ...pods,
    fieldSelector: 'spec.nodeName=a,status.phase!=Failed',
    labelSelector: 'app in (x,y),!old,tier=web,n>3',
  };
  const decision = await authorize({ user, verb: 'list', resource });
  assert.deepEqual(decision, { allowed: true, reason: 'friend' });
  const [review] = asked;
  assert.equal(review?.path, '/authorize?x=1');
  assert.equal(review.body.apiVersion, 'authorization.k8s.io/v1');
  assert.deepEqual(review.body.spec, {
    user: 'jane',
    groups: ['people', 'system:authenticated'],
    uid: 'u1',
    extra: { 'example.com/team': ['a'] },
    resourceAttributes: {
      namespace: 'shop',
      verb: 'list',
      version: 'v1',
      resource: 'pods',
      fieldSelector: {
        requirements: [
          { key: 'spec.nodeName', operator: 'In', values: ['a'] },
          { key: 'status.phase', operator: 'NotIn', values: ['Failed'] },
        ],
      },
      labelSelector: {
        requirements: [
          { key: 'app', operator: 'In', values: ['x', 'y'] },
          { key: 'old', operator: 'DoesNotExist' },
          { key: 'tier', operator: 'In', values: ['web'] },
        ],
      },
    },
  });
});

test('webhook authorizer asks in the old version where it is told to', async () => {
  const { authorize, asked } = askingOf({ version: 'v1beta1' }, {});
  const nobody = { username: 'joe', groups: ['people'] };
  assert.deepEqual(await authorize({ user: nobody, verb: 'get', path: '/metrics' }), {
    allowed: false,
    reason: '',
  });
  assert.equal(asked[0]?.body.apiVersion, 'authorization.k8s.io/v1beta1');
  assert.deepEqual(asked[0].body.spec, {
    user: 'joe',
    group: ['people'],
    nonResourceAttributes: { path: '/metrics', verb: 'get' },
  });
});

const answers: readonly (readonly [string, object, object])[] = [
  ['a denial', { denied: true, reason: 'no' }, { allowed: false, denied: true, reason: 'no' }],
  ['no opinion', { allowed: false, reason: 'x' }, { allowed: false, reason: 'x' }],
  [
    'both for a failure',
    { allowed: true, denied: true },
    {
      allowed: false,
      denied: true,
      reason: '',
      error: 'webhook subject access review returned both allow and deny response',
    },
  ],
];
for (const [what, answer, expected] of answers) {
  test(`webhook authorizer takes ${what}`, async () => {
    assert.deepEqual(await askingOf({}, answer).authorize(listing), expected);
  });
}

test('webhook authorizer remembers answers for as long as they may be, and each for itself', async () => {
  const { authorize, asked, clock } = askingOf({}, { allowed: true }, { allowed: false });
  const getting = { ...listing, verb: 'get' };
  await authorize(listing);
  await authorize(getting);
  await authorize(listing);
  await authorize(getting);
  assert.equal(asked.length, 2);
  await clock.advance(10_001);
  await authorize(listing);
  await authorize(getting);
  assert.equal(asked.length, 3);
});

test('webhook authorizer remembers nothing where it must not, nor what clients make up at length', async () => {
  const forgetful = askingOf({ allowedCacheMs: 0 }, { allowed: true });
  await forgetful.authorize(listing);
  await forgetful.authorize(listing);
  assert.equal(forgetful.asked.length, 2);
  const { authorize, asked } = askingOf({}, { allowed: true });
  const long = { user, verb: 'get', path: `/${'x'.repeat(10_000)}` };
  await authorize(long);
  await authorize(long);
  assert.equal(asked.length, 2);
});

test('webhook authorizer asks only where all conditions hold', async () => {
  const conditions = compileReviewConditions([
    'has(request.resourceAttributes)',
    'request.resourceAttributes.namespace == "shop" && "people" in request.groups',
  ]);
  const { authorize, asked } = askingOf({ conditions }, { allowed: true });
  assert.equal((await authorize({ user, verb: 'get', path: '/healthz' })).allowed, false);
  const elsewhere = { ...listing, resource: { ...pods, namespace: 'bank' } };
  assert.equal((await authorize(elsewhere)).allowed, false);
  assert.equal(asked.length, 0);
  assert.equal((await authorize(listing)).allowed, true);
});

test('webhook authorizer follows its failure policy where a condition fails', async () => {
  const conditions = compileReviewConditions(['request.extra["none"][0] == "x"']);
  const open = await askingOf({ conditions }).authorize(listing);
  assert.equal(open.denied, undefined);
  assert.match(open.error ?? '', /resulted in error: no such key: none/);
  const closed = await askingOf({ conditions, failurePolicy: 'Deny' }).authorize(listing);
  assert.equal(closed.denied, true);
});

test('webhook authorizer asks a busy service again, and follows its failure policy in the end', async () => {
  const busy = failure({ code: 500, reason: 'InternalError', message: 'busy' });
  const { authorize, asked, clock } = askingOf({ failurePolicy: 'Deny' }, busy);
  const deciding = authorize(listing);
  for (let pause = 0; pause < 4; pause += 1) {
    await clock.advance(2000);
  }
  assert.deepEqual(await deciding, { allowed: false, denied: true, reason: '', error: 'busy' });
  assert.equal(asked.length, 5);
});

test('webhook authorizer does not wait longer than it may', async () => {
  const { authorize, clock } = askingOf({}, 'nothing');
  const deciding = authorize(listing);
  await clock.advance(3001);
  assert.match((await deciding).error ?? '', /no answer within 3000 ms/);
});

test('webhook authorizer fails where the answer is no review', async () => {
  const { authorize } = askingOf({}, { allowed: 'perhaps' });
  assert.match((await authorize(listing)).error ?? '', /no SubjectAccessReview/);
});
