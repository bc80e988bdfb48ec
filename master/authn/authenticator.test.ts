import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/v1/types.js';
import { hasReason } from '../../api/meta/status-error.js';
import { exportKey, generateKeys } from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { anonymous, createAuthenticator } from './authenticator.js';
import { bootstrapTokens } from './bootstrap-tokens.js';
import { createTokenKeeper, defaultAudience } from './service-account-tokens.js';

const clock = new FakeClock();
const subject = { namespace: 'default', name: 'builder', uid: 'sa-uid' };
const bound = { kind: 'Pod', name: 'web', uid: 'pod-uid' } as const;
const dead = new Set<string>();
const keyPem = await exportKey((await generateKeys()).privateKey);
const keeper = createTokenKeeper({
  keyPem,
  clock,
  random: systemRandom,
  isAlive: ({ uid }) => Promise.resolve(!dead.has(uid)),
});

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

const authenticate = (secret?: Secret) =>
  createAuthenticator([
    keeper.authenticate,
    bootstrapTokens({ clock, findSecret: () => Promise.resolve(secret) }),
  ]);

const refuses = async (authorization: string, secret?: Secret): Promise<void> => {
  await assert.rejects(
    async () => authenticate(secret)({ authorization }),
    (error) => hasReason(error, 'Unauthorized'),
  );
};

test('authenticator reads user and groups from a client certificate', async () => {
  const certificate = { commonName: 'system:node:n1', organizations: ['system:nodes'] };
  assert.deepEqual(await authenticate()({ certificate }), {
    username: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
  });
});

test('authenticator takes nobody for anonymous', async () => {
  assert.equal(await authenticate()({}), anonymous);
});

test('service-account tokens name the account and the pod', async () => {
  const { token, expiryMs } = await keeper.issue({
    subject,
    audiences: [defaultAudience],
    expirationSeconds: 3600,
    bound,
  });
  assert.equal(expiryMs, clock.now() + 3_600_000);
  const user = await authenticate()({ authorization: `Bearer ${token}` });
  assert.equal(user.username, 'system:serviceaccount:default:builder');
  assert.deepEqual(user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:default',
    'system:authenticated',
  ]);
  assert.deepEqual(user.extra?.['authentication.kubernetes.io/pod-uid'], ['pod-uid']);
});

test('service-account tokens are refused once expired, altered, unbound or for another audience', async () => {
  const issue = (audiences: readonly string[]) =>
    keeper.issue({ subject, audiences, expirationSeconds: 600, bound });
  const { token } = await issue([defaultAudience]);
  await refuses(`Bearer ${(await issue(['vault'])).token}`);
  const [header = '', , signature = ''] = token.split('.');
  const forged = Buffer.from(
    JSON.stringify({ iss: defaultAudience, aud: [defaultAudience], sub: 'x' }),
  ).toString('base64url');
  await refuses(`Bearer ${header}.${forged}.${signature}`);
  dead.add('pod-uid');
  await refuses(`Bearer ${token}`);
  dead.clear();
  await clock.advance(601_000);
  await refuses(`Bearer ${token}`);
});

for (const [name, secret] of [
  ['is unknown', undefined],
  ['has another secret', bootstrapSecret({ 'token-secret': encode('fedcba9876543210') })],
  ['may not authenticate', bootstrapSecret({ 'usage-bootstrap-authentication': encode('') })],
  ['has expired', bootstrapSecret({ expiration: encode('2020-01-01T00:00:00Z') })],
  ['has an unreadable expiration', bootstrapSecret({ expiration: encode('soon') })],
] as const) {
  test(`bootstrap tokens are refused when the token ${name}`, async () => {
    await refuses('Bearer abcdef.0123456789abcdef', secret);
  });
}

test('bootstrap tokens name their id', async () => {
  const authorization = 'Bearer abcdef.0123456789abcdef';
  const user = await authenticate(bootstrapSecret())({ authorization });
  assert.equal(user.username, 'system:bootstrap:abcdef');
});

test('authenticator refuses credentials it cannot read', async () => {
  for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer not-a-token', '']) {
    await refuses(authorization);
  }
});
