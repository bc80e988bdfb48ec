import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { exportJWK, SignJWT } from 'jose';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { silentLogger } from '../../../machinery/log/log.js';
import { TokenRefusedError } from '../authenticator.js';
import { oidcTokens, type OidcOptions } from './oidc-tokens.js';

const issuerUrl = 'https://login.example';
const keys = (['k1', 'k2'] as const).map((kid) => ({
  kid,
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}));
const [first, second] = keys as [(typeof keys)[0], (typeof keys)[0]];

function open(more: Partial<OidcOptions> = {}) {
  const clock = new FakeClock();
  const provider = { shown: [first], reads: 0, isDown: false, issuer: issuerUrl };
  const read = async (url: string): Promise<unknown> => {
    provider.reads += 1;
    if (provider.isDown) throw new Error('down');
    if (url === `${issuerUrl}/.well-known/openid-configuration`) {
      return { issuer: provider.issuer, jwks_uri: `${issuerUrl}/keys` };
    }
    const shown = provider.shown.map(async ({ kid, publicKey }) => ({
      kid,
      alg: 'ES256',
      ...(await exportJWK(publicKey)),
    }));
    return { keys: await Promise.all(shown) };
  };
  const authenticate = oidcTokens({
    issuerUrl,
    clientId: 'pintle',
    usernameClaim: 'sub',
    requiredClaims: {},
    signingAlgorithms: ['ES256'],
    clock,
    logger: silentLogger,
    read,
    ...more,
  });
  return { authenticate, clock, provider };
}

interface TokenOptions {
  readonly claims?: object;
  readonly key?: { readonly kid: string; readonly privateKey: KeyObject };
  readonly audience?: string;
  readonly seconds?: number;
}

const sign = (clock: FakeClock, options: TokenOptions = {}): Promise<string> => {
  const { claims = {}, key = first, audience = 'pintle', seconds = 60 } = options;
  const now = Math.floor(clock.now() / 1000);
  return new SignJWT({ sub: 'jane', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .setIssuer(issuerUrl)
    .setAudience(audience)
    .setExpirationTime(now + seconds)
    .sign(key.privateKey);
};

for (const [name, options, claims, expected] of [
  ['the issuer before the subject', {}, {}, { username: `${issuerUrl}#jane`, groups: [] }],
  ['no prefix', { usernamePrefix: '-' }, {}, { username: 'jane', groups: [] }],
  ['a prefix', { usernamePrefix: 'o:' }, {}, { username: 'o:jane', groups: [] }],
  [
    'an e-mail address',
    { usernameClaim: 'email' },
    { email: 'j@x', email_verified: true },
    { username: 'j@x', groups: [] },
  ],
  [
    'groups',
    { usernamePrefix: '-', groupsClaim: 'g', groupsPrefix: 'o:' },
    { g: ['a', 'b'] },
    { username: 'jane', groups: ['o:a', 'o:b'] },
  ],
  [
    'one group',
    { usernamePrefix: '-', groupsClaim: 'g' },
    { g: 'a' },
    { username: 'jane', groups: ['a'] },
  ],
  [
    'required claims',
    { usernamePrefix: '-', requiredClaims: { tenant: 'x' } },
    { tenant: 'x' },
    { username: 'jane', groups: [] },
  ],
] as const) {
  test(`OIDC tokens name the user with ${name}`, async () => {
    const { authenticate, clock } = open(options);
    const identity = await authenticate(await sign(clock, { claims }), []);
    assert.deepEqual(identity?.user, expected);
  });
}

for (const [name, options, token] of [
  ['another audience', {}, { audience: 'other' }],
  ['no time left', {}, { seconds: -1 }],
  ['a key the provider does not have', {}, { key: second }],
  ['another algorithm than allowed', { signingAlgorithms: ['RS256'] }, {}],
  ['no user', { usernameClaim: 'name' }, {}],
  [
    'an address nobody verified',
    { usernameClaim: 'email' },
    { claims: { email: 'a', email_verified: false } },
  ],
  ['a required claim missing', { requiredClaims: { a: 'b' } }, {}],
  ['a required claim that differs', { requiredClaims: { a: 'b' } }, { claims: { a: 'c' } }],
  ['groups that are no names', { groupsClaim: 'g' }, { claims: { g: [1] } }],
] as const) {
  test(`OIDC tokens with ${name} are refused`, async () => {
    const { authenticate, clock } = open(options);
    await assert.rejects(authenticate(await sign(clock, token), []), (error) => {
      assert.ok(error instanceof TokenRefusedError, String(error));
      return error.message.startsWith('oidc: ');
    });
  });
}

test('OIDC tokens of other issuers are left to others', async () => {
  const { authenticate, provider } = open();
  assert.equal(await authenticate('a.b.c', []), undefined);
  assert.equal(await authenticate('opaque', []), undefined);
  assert.equal(provider.reads, 0);
});

test('OIDC keys are kept, and read again when the provider changes them', async () => {
  const { authenticate, clock, provider } = open();
  for (let round = 0; round < 3; round += 1) await authenticate(await sign(clock), []);
  assert.equal(provider.reads, 2);
  provider.shown = [second];
  // Not more often than the provider can bear, though.
  await assert.rejects(authenticate(await sign(clock, { key: second }), []), TokenRefusedError);
  assert.equal(provider.reads, 2);
  await clock.advance(10_000);
  await authenticate(await sign(clock, { key: second }), []);
  assert.equal(provider.reads, 4);
});

test('OIDC tokens are refused while the provider is away, and taken once it is back', async () => {
  const { authenticate, clock, provider } = open();
  provider.isDown = true;
  await assert.rejects(authenticate(await sign(clock), []), /oidc: authenticator not initialized/);
  provider.isDown = false;
  provider.issuer = 'https://somebody-else';
  await clock.advance(10_000);
  await assert.rejects(authenticate(await sign(clock), []), /oidc: authenticator not initialized/);
  provider.issuer = issuerUrl;
  await assert.rejects(authenticate(await sign(clock), []), /not initialized/);
  await clock.advance(10_000);
  assert.notEqual(await authenticate(await sign(clock), []), undefined);
});
