import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Secret } from '../../api/core/v1/types.js';
import { failure } from '../../api/meta/status-error.js';
import type { Transport } from '../../machinery/client/transport.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { TokenRefusedError } from './authenticator.js';
import { bootstrapTokens } from './bootstrap-tokens.js';
import { staticTokens, TokenFileError } from './static-tokens.js';
import { webhookTokens } from './webhook-tokens.js';

const clock = new FakeClock();
const encode = (text: string): string => Buffer.from(text).toString('base64');
const bootstrapSecret = (changes: Record<string, string> = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'bootstrap-token-abcdef', uid: '', resourceVersion: '', creationTimestamp: '' },
  type: 'bootstrap.kubernetes.io/token',
  data: {
    'token-id': encode('abcdef'),
    'token-secret': encode('0123456789abcdef'),
    'usage-bootstrap-authentication': encode('true'),
    ...changes,
  },
});
const bootstrap = (secret?: Secret) =>
  bootstrapTokens({ clock, findSecret: () => secret })('abcdef.0123456789abcdef', []);

for (const [name, secret] of [
  ['is unknown', undefined],
  ['has another secret', bootstrapSecret({ 'token-secret': encode('fedcba9876543210') })],
  ['may not authenticate', bootstrapSecret({ 'usage-bootstrap-authentication': encode('') })],
  ['has expired', bootstrapSecret({ expiration: encode('2020-01-01T00:00:00Z') })],
  ['has an unreadable expiration', bootstrapSecret({ expiration: encode('soon') })],
  ['says when it ends as no server does', bootstrapSecret({ expiration: encode('2099-01-01') })],
  [
    'gives groups with spaces between',
    bootstrapSecret({
      'auth-extra-groups': encode('system:bootstrappers:a, system:bootstrappers:b'),
    }),
  ],
  ['gives groups it must not', bootstrapSecret({ 'auth-extra-groups': encode('system:masters') })],
  ['is kept in a Secret of another type', { ...bootstrapSecret(), type: 'Opaque' as const }],
] as const) {
  test(`bootstrap tokens are refused when the token ${name}`, async () => {
    await assert.rejects(bootstrap(secret), TokenRefusedError);
  });
}

test('bootstrap tokens name their id, and the groups they give', async () => {
  const groups = encode('system:bootstrappers:b,system:bootstrappers:a');
  const identity = await bootstrap(bootstrapSecret({ 'auth-extra-groups': groups }));
  assert.deepEqual(identity?.user, {
    username: 'system:bootstrap:abcdef',
    groups: ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b'],
  });
  const unlike = await bootstrapTokens({ clock, findSecret: () => undefined })('other', []);
  assert.equal(unlike, undefined);
});

const file = `# comment
t1,jane,7,"dev, ops"

"t,2",joe,
t3,"a ""b""",9
`;

test('static tokens are read with users, uids and groups', async () => {
  const authenticate = staticTokens(file);
  const userOf = async (token: string) => (await authenticate(token, []))?.user;
  assert.deepEqual(await userOf('t1'), { username: 'jane', uid: '7', groups: ['dev', 'ops'] });
  assert.deepEqual(await userOf('t,2'), { username: 'joe', groups: [] });
  assert.deepEqual(await userOf('t3'), { username: 'a "b"', uid: '9', groups: [] });
  assert.equal(await userOf('t'), undefined);
});

for (const [name, text] of [
  ['too few values', 'secret,jane'],
  ['too many values', 'secret,jane,1,g,x'],
  ['no user', 'secret,,1'],
  ['an open quotation', '"secret,jane,1'],
  ['a token twice', 'secret,jane,1\nsecret,joe,2'],
] as const) {
  test(`static tokens with ${name} are refused, naming the line and not the token`, () => {
    assert.throws(
      () => staticTokens(`t1,a,1\n${text}`),
      (error) =>
        error instanceof TokenFileError &&
        /^line [23]: /.test(error.message) &&
        !error.message.includes('secret'),
    );
  });
}

test('static tokens are read or refused whatever the file says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', ',', '"', ' ', '\n', '#'), { maxLength: 40 }),
      (chars) => {
        try {
          staticTokens(chars.join(''));
        } catch (error) {
          assert.ok(error instanceof TokenFileError);
        }
      },
    ),
  );
});

interface Asked {
  readonly spec: { readonly token: string; readonly audiences?: readonly string[] };
}

function webhook(answers: readonly unknown[], cacheMs = 1000) {
  const asked: Asked[] = [];
  const left = [...answers];
  const time = new FakeClock();
  const transport: Transport = {
    request: ({ body }) => {
      asked.push(body as Asked);
      const answer = left.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    watch: () => {
      throw new Error('never watched');
    },
  };
  const authenticate = webhookTokens({
    transport,
    path: '/review',
    version: 'v1',
    cacheMs,
    clock: time,
    logger: silentLogger,
  });
  return { authenticate, asked, time };
}
const known = (more: object = {}) => ({
  status: { authenticated: true, user: { username: 'jane', groups: ['g'] }, ...more },
});

test('webhook tokens are asked about once a while, however many ask', async () => {
  const { authenticate, asked, time } = webhook([known(), known()]);
  const all = await Promise.all([authenticate('t', ['api']), authenticate('t', ['api'])]);
  for (const identity of [...all, await authenticate('t', ['api'])]) {
    assert.deepEqual(identity, { user: { username: 'jane', groups: ['g'] } });
  }
  assert.deepEqual(
    asked.map(({ spec }) => spec),
    [{ token: 't', audiences: ['api'] }],
  );
  await time.advance(1001);
  await authenticate('t', ['api']);
  assert.equal(asked.length, 2);
});

test('webhook tokens are for the audiences the service says', async () => {
  const { authenticate } = webhook([known({ audiences: ['a', 'z'] })]);
  assert.deepEqual((await authenticate('t', ['a', 'b']))?.audiences, ['a']);
});

for (const [name, answer, isRefused] of [
  ['does not know', { status: { authenticated: false } }, false],
  ['reports an error about', { status: { error: 'bad token t0p' } }, true],
  ['answers nonsense to', { status: 7 }, true],
] as const) {
  test(`webhook tokens that the service ${name} are not taken`, async () => {
    const { authenticate } = webhook([answer]);
    const asking = authenticate('t0p', []);
    if (!isRefused) assert.equal(await asking, undefined);
    else {
      const isClean = (error: Error) =>
        error instanceof TokenRefusedError && !error.message.includes('t0p');
      await assert.rejects(asking, isClean);
    }
  });
}

test('webhook tokens are asked about again while the service fails, and refused in the end', async () => {
  const down = failure({ code: 500, reason: 'InternalError', message: 'down' });
  const { authenticate, asked, time } = webhook([
    down,
    down,
    known(),
    down,
    down,
    down,
    down,
    down,
  ]);
  const first = authenticate('t', []);
  while (asked.length < 3) await time.advance(100);
  assert.equal((await first)?.user.username, 'jane');
  const second = assert.rejects(authenticate('other', []), /does not answer/);
  while (asked.length < 8) await time.advance(100);
  await second;
});
