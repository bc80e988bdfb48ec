import assert from 'node:assert/strict';
import test from 'node:test';
import type { AdmissionRequest } from '../../../api/admission/v1/types.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { WebhookCallError } from '../../../machinery/client/webhook-client.js';
import { AdmissionChain } from '../admission.js';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission.js';
import { podWith, readerOf, requestOf } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { mutatingWebhooks } from './mutating.js';
import { denial, readAnswer } from './review.js';
import { validatingWebhooks } from './validating.js';
import { noWebhookMetrics } from './webhook-metrics.js';

type Answer = (request: AdmissionRequest) => object;

const hook = (name: string, more: object = {}) => ({
  name,
  clientConfig: { url: `https://${name}` },
  rules: [
    { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: '*' },
  ],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Fail',
  ...more,
});

const configured = (kind: string, ...webhooks: object[]): Held => ({
  group: 'admissionregistration.k8s.io',
  plural: `${kind}webhookconfigurations`,
  object: { metadata: { name: 'c' }, webhooks },
});

const allow: Answer = () => ({ allowed: true });
const patching =
  (...operations: object[]): Answer =>
  () => ({
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  });

interface Run {
  readonly message: string | undefined;
  readonly code: number | undefined;
  readonly asked: readonly string[];
  readonly warnings: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  /** How long each webhook that was asked was given. */
  readonly timeoutsMs: readonly number[];
  /** What was counted, as `name code rejected`. */
  readonly counted: readonly string[];
}

/** Runs a request through the webhooks of both kinds; each answers by its host name. */
async function run(
  held: readonly Held[],
  answers: Readonly<Record<string, Answer>>,
  given: Parameters<typeof requestOf>[0],
  {
    between = [],
    tookMs = {},
    answerMs = Infinity,
  }: {
    readonly between?: readonly AdmissionPlugin[];
    readonly tookMs?: Readonly<Record<string, number>>;
    readonly answerMs?: number;
  } = {},
): Promise<Run> {
  const asked: string[] = [];
  const warnings: string[] = [];
  const facts: Record<string, string> = {};
  const timeoutsMs: number[] = [];
  const counted: string[] = [];
  const clock = new FakeClock();
  const startMs = clock.monotonicMs();
  const options = {
    reader: readerOf(held),
    authorize: () => ({ allowed: true, reason: '' }),
    equivalentsOf: () => [],
    clock,
    random: systemRandom,
    metrics: {
      ...noWebhookMetrics,
      called: ({ name, code, rejected }: { name: string; code: number; rejected: boolean }) => {
        counted.push(`${name} ${String(code)} ${String(rejected)}`);
      },
    },
    redecode: (_attributes: AdmissionAttributes, value: unknown) => value as KubeObject,
    client: {
      call: async (
        { url = '' }: { url?: string | undefined },
        body: string,
        { timeoutMs }: { timeoutMs: number },
      ) => {
        const name = url.slice('https://'.length);
        asked.push(name);
        timeoutsMs.push(timeoutMs);
        await clock.advance(tookMs[name] ?? 0);
        const { request } = JSON.parse(body) as { request: AdmissionRequest };
        const answer = answers[name];
        if (answer === undefined) throw new WebhookCallError(`Post "${url}": EOF`);
        const response = { uid: request.uid, ...answer(request) };
        return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
      },
    },
  };
  const chain = new AdmissionChain([
    ...between,
    mutatingWebhooks(options),
    validatingWebhooks(options),
  ]);
  const told = { asked, warnings, facts, timeoutsMs, counted };
  const attributes = requestOf({
    answerByMs: () => startMs + answerMs,
    ...given,
    warn: (message) => void warnings.push(message),
    audit: (key, value) => {
      facts[key] = value;
    },
  });
  try {
    await chain.mutate(attributes, () => attributes);
    await chain.validate(attributes, () => attributes);
    return { message: undefined, code: undefined, ...told };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return { message: error.message, code: error.code, ...told };
  }
}

test('a mutating webhook patches the draft and is heard in audit and warnings', async () => {
  const object = podWith();
  const result = await run(
    [configured('mutating', hook('m.a.b'))],
    {
      'm.a.b': () => ({
        ...patching({ op: 'add', path: '/metadata/labels', value: { x: 'y' } })(
          {} as AdmissionRequest,
        ),
        warnings: ['careful'],
        auditAnnotations: { why: 'because' },
      }),
    },
    { object },
  );
  assert.equal(result.message, undefined);
  assert.deepEqual(object.metadata.labels, { x: 'y' });
  assert.deepEqual(result.warnings, ['careful']);
  assert.equal(result.facts['m.a.b/why'], 'because');
  assert.equal(
    result.facts['mutation.webhook.admission.k8s.io/round_0_index_0'],
    '{"configuration":"c","webhook":"m.a.b","mutated":true}',
  );
});

test('a webhook sees and patches null where a field is not set', async () => {
  const object = { ...podWith(), status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const path = '/status/conditions/0/lastProbeTime';
  const result = await run(
    [configured('mutating', hook('m.a.b'))],
    { 'm.a.b': patching({ op: 'test', path, value: null }, { op: 'replace', path, value: 't' }) },
    { object },
  );
  assert.equal(result.message, undefined);
  assert.deepEqual(object.status.conditions, [
    { type: 'Ready', status: 'True', lastProbeTime: 't' },
  ]);
});

test('a webhook refuses in its own words and with its own code', async () => {
  const result = await run(
    [configured('validating', hook('v.a.b'))],
    {
      'v.a.b': () => ({
        allowed: false,
        status: { message: 'no', code: 403, reason: 'Forbidden' },
      }),
    },
    { object: podWith() },
  );
  assert.equal(result.message, 'admission webhook "v.a.b" denied the request: no');
  assert.equal(result.code, 403);
  assert.equal(
    denial('w', undefined).message,
    'admission webhook "w" denied the request without explanation',
  );
  assert.equal(
    denial('w', { reason: 'Invalid' }).message,
    'admission webhook "w" denied the request: Invalid',
  );
  assert.equal(denial('w', { code: 200 }).code, 400);
});

test('a webhook that fails fails the request, or is passed by', async () => {
  const failing = (failurePolicy: string) =>
    run([configured('validating', hook('v.a.b', { failurePolicy }))], {}, { object: podWith() });
  const closed = await failing('Fail');
  assert.equal(
    closed.message,
    'Internal error occurred: failed calling webhook "v.a.b": failed to call webhook: Post "https://v.a.b": EOF',
  );
  assert.equal(closed.code, 500);
  assert.equal((await failing('Ignore')).message, undefined);
});

test('a dry run asks nobody with side effects', async () => {
  const asked = (sideEffects: string) =>
    run(
      [configured('validating', hook('v.a.b', { sideEffects }))],
      { 'v.a.b': allow },
      { object: podWith(), dryRun: true },
    );
  const some = await asked('Some');
  assert.equal(some.message, 'admission webhook "v.a.b" does not support dry run');
  assert.equal(some.code, 400);
  assert.deepEqual((await asked('NoneOnDryRun')).asked, ['v.a.b']);
});

test('match conditions decide who is asked', async () => {
  const conditioned = (expression: string, failurePolicy = 'Fail') =>
    run(
      [
        configured(
          'validating',
          hook('v.a.b', { failurePolicy, matchConditions: [{ name: 'c', expression }] }),
        ),
      ],
      { 'v.a.b': allow },
      { object: podWith({}, { labels: { a: 'b' } }) },
    );
  assert.deepEqual((await conditioned('object.metadata.labels.a == "b"')).asked, ['v.a.b']);
  assert.deepEqual((await conditioned('request.operation == "DELETE"')).asked, []);
  assert.deepEqual(
    (await conditioned('!authorizer.group("").resource("pods").check("get").allowed()')).asked,
    [],
  );
  const broken = await conditioned('object.metadata.annotations.x == "y"');
  assert.match(
    broken.message ?? '',
    /^pods "p" is forbidden: expression 'object.metadata.annotations.x == "y"' resulted in error: no such key: annotations/,
  );
  assert.deepEqual((await conditioned('object.nothing.at.all', 'Ignore')).asked, []);
});

test('a webhook that wants to is asked again after others changed the object', async () => {
  const held = [
    configured(
      'mutating',
      hook('first.a.b', { reinvocationPolicy: 'IfNeeded' }),
      hook('second.a.b', { reinvocationPolicy: 'Never' }),
      hook('third.a.b', { reinvocationPolicy: 'IfNeeded' }),
    ),
  ];
  const answers = {
    'first.a.b': allow,
    'second.a.b': patching({ op: 'add', path: '/metadata/labels', value: { x: 'y' } }),
    'third.a.b': allow,
  };
  const { asked } = await run(held, answers, { object: podWith() });
  assert.deepEqual(asked, ['first.a.b', 'second.a.b', 'third.a.b', 'first.a.b']);
  const unchanged = await run(held, { ...answers, 'second.a.b': allow }, { object: podWith() });
  assert.deepEqual(unchanged.asked, ['first.a.b', 'second.a.b', 'third.a.b']);
});

test('all validating webhooks are asked; configurations of webhooks themselves are nobody’s business', async () => {
  const held = [configured('validating', hook('a.a.b'), hook('b.a.b'))];
  const both = await run(
    held,
    { 'a.a.b': () => ({ allowed: false }), 'b.a.b': allow },
    { object: podWith() },
  );
  assert.deepEqual(both.asked, ['a.a.b', 'b.a.b']);
  assert.match(both.message ?? '', /"a.a.b" denied/);
  const { asked } = await run(
    held,
    {},
    {
      object: { metadata: { name: 'c' } },
      resource: {
        ...requestOf({}).resource,
        group: 'admissionregistration.k8s.io',
        plural: 'validatingwebhookconfigurations',
      },
    },
  );
  assert.deepEqual(asked, []);
});

test('a deletion shows the old object and cannot be patched', async () => {
  const seen: AdmissionRequest[] = [];
  const result = await run(
    [configured('mutating', hook('m.a.b'))],
    {
      'm.a.b': (request) => {
        seen.push(request);
        return patching({ op: 'add', path: '/x', value: 1 })(request);
      },
    },
    { operation: 'DELETE', stored: podWith(), name: 'p' },
  );
  assert.equal(seen[0]?.object, null);
  assert.equal(seen[0].oldObject?.metadata.name, 'p');
  assert.equal(seen[0].operation, 'DELETE');
  assert.match(result.message ?? '', /attempted to modify the object, which is not supported/);
});

test('an answer has to be one, by the rules of its version', () => {
  const read =
    (value: unknown, version = 'v1', mutating = true) =>
    () =>
      readAnswer(value, { version, uid: 'u', mutating });
  const review = (response: object) => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u', allowed: true, ...response },
  });
  assert.throws(read({}), /webhook response was absent/);
  assert.throws(read(review({ uid: 'x' })), /expected response.uid="u", got "x"/);
  assert.throws(
    read({ ...review({}), kind: 'Other' }),
    /expected webhook response of admission.k8s.io\/v1, Kind=AdmissionReview, got admission.k8s.io\/v1, Kind=Other/,
  );
  assert.throws(read(review({ patch: 'W10=' })), /response.patch but not response.patchType/);
  assert.throws(
    read(review({ patch: 'W10=', patchType: 'Merge' })),
    /invalid response.patchType of "Merge"/,
  );
  assert.throws(
    read(review({ patch: 'W10=', patchType: 'JSONPatch' }), 'v1', false),
    /validating webhook may not return response.patch/,
  );
  assert.equal(read({ response: { allowed: true } }, 'v1beta1')().allowed, true);
});

const unsendable: readonly object[] = [
  { code: '403' },
  { code: 4.5 },
  { message: 7 },
  { reason: {} },
  { details: 'none' },
  { details: { retryAfterSeconds: 'soon\r\nX: y' } },
  { details: { causes: [null] } },
];

for (const status of unsendable) {
  test(`a refusal with ${JSON.stringify(status)} is no answer`, () => {
    const value = { response: { allowed: false, status } };
    const expected = { version: 'v1beta1', uid: 'u', mutating: false };
    assert.throws(() => readAnswer(value, expected), /received invalid webhook response/);
  });
}

test('a refusal always has a code that can be sent', () => {
  const codes = [undefined, -1, 0, 200, 403, 600, 1_000, 2 ** 31];
  assert.deepEqual(
    codes.map((code) => denial('a.b.c', code === undefined ? undefined : { code }).code),
    [400, 400, 400, 400, 403, 600, 500, 500],
  );
  const value = { response: { status: { code: null, message: null, details: null } } };
  const answer = readAnswer(value, { version: 'v1beta1', uid: 'u', mutating: false });
  assert.match(denial('a.b.c', answer.status).message, /denied the request without explanation/);
});

test('webhooks are given what is left of the time of a request, and not asked when it is over', async () => {
  const seconds = (timeoutSeconds: number, name: string) =>
    hook(name, { timeoutSeconds, failurePolicy: 'Ignore' });
  const held = [
    configured('mutating', seconds(20, 'a.b.c'), seconds(5, 'd.e.f'), seconds(20, 'g.h.i')),
  ];
  const answers = { 'a.b.c': allow, 'd.e.f': allow, 'g.h.i': allow };
  const took = { 'a.b.c': 1000, 'd.e.f': 1000 };
  const inTime = await run(
    held,
    answers,
    { object: podWith() },
    { tookMs: took, answerMs: 10_000 },
  );
  assert.deepEqual(inTime.timeoutsMs, [10_000, 5000, 8000]);
  const late = { tookMs: { 'a.b.c': 3000 }, answerMs: 3000 };
  const { code, asked, message } = await run(held, {}, { object: podWith() }, late);
  assert.deepEqual([code, asked], [504, ['a.b.c']]);
  assert.match(message ?? '', /did not complete within requested timeout/);
});

test('webhooks that are done without and patches that are made are in the audit record', async () => {
  const ignored = { failurePolicy: 'Ignore' };
  const operation = { op: 'add', path: '/metadata/labels', value: { x: 'y' } };
  const held = [
    configured('mutating', hook('a.b.c', ignored), hook('d.e.f')),
    configured('validating', hook('v.w.x', ignored)),
  ];
  const given = { object: podWith(), auditsBodies: true };
  const { facts, code } = await run(held, { 'd.e.f': patching(operation) }, given);
  assert.equal(code, undefined);
  const told = { configuration: 'c', webhook: 'd.e.f' };
  const suffix = 'webhook.admission.k8s.io/round_0_index';
  assert.deepEqual(facts, {
    [`failed-open.mutation.${suffix}_0`]: 'a.b.c',
    [`mutation.${suffix}_0`]: JSON.stringify({ ...told, webhook: 'a.b.c', mutated: false }),
    [`mutation.${suffix}_1`]: JSON.stringify({ ...told, mutated: true }),
    [`patch.${suffix}_1`]: JSON.stringify({ ...told, patch: [operation], patchType: 'JSONPatch' }),
    [`failed-open.validating.${suffix}_0`]: 'v.w.x',
  });
  const unsaid = await run(held, { 'd.e.f': patching(operation) }, { object: podWith() });
  assert.equal(unsaid.facts[`patch.${suffix}_1`], undefined);
});

test('a patch that is none is a failure of its webhook', async () => {
  const answers = {
    'm.a.b': () => ({
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from('{').toString('base64'),
    }),
  };
  const refused = await run([configured('mutating', hook('m.a.b'))], answers, {
    object: podWith(),
  });
  assert.equal(refused.code, 500);
  assert.match(refused.message ?? '', /received undecodable patch in webhook response: /);
  const held = [configured('mutating', hook('m.a.b', { failurePolicy: 'Ignore' }))];
  assert.equal((await run(held, answers, { object: podWith() })).code, undefined);
});

test('calls of webhooks are counted with what came of them', async () => {
  const denying = () => ({ allowed: false, status: { code: 422 } });
  const counted = async (answers: Readonly<Record<string, Answer>>, more: object = {}) =>
    (await run([configured('validating', hook('v.a.b', more))], answers, { object: podWith() }))
      .counted;
  assert.deepEqual(await counted({ 'v.a.b': allow }), ['v.a.b 200 false']);
  assert.deepEqual(await counted({ 'v.a.b': denying }), ['v.a.b 422 true']);
  assert.deepEqual(await counted({}), ['v.a.b 503 true']);
  assert.deepEqual(await counted({}, { failurePolicy: 'Ignore' }), ['v.a.b 503 false']);
});
