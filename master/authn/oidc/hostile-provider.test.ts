import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { silentLogger } from '../../../machinery/log/log.js';
import { TokenRefusedError } from '../authenticator.js';
import { issuerTokens } from './oidc-tokens.js';

/** Whatever a provider publishes and a client sends, the token is refused or is not this provider's: never a failure of ours. */
const issuerUrl = 'https://login.example';

function tokensOf(read: (url: string) => unknown): (token: string) => Promise<unknown> {
  const clock = new FakeClock();
  const authenticate = issuerTokens({
    issuerUrl,
    audiences: ['pintle'],
    signingAlgorithms: ['RS256', 'ES256'],
    clock,
    logger: silentLogger,
    read: (url) => Promise.resolve(read(url)),
    userOf: () => assert.fail('the token is not signed'),
  });
  return (token) => authenticate(token, [], () => undefined);
}

const discovery = { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` };
const withKeys = (keys: unknown) => (url: string) => (url.endsWith('/keys') ? { keys } : discovery);

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const heads: readonly unknown[] = [
  { alg: 'RS256', kid: 'a' },
  { alg: 'ES256', kid: 'a' },
  { alg: 'none' },
  { alg: 'HS256', kid: 'a' },
  { alg: 'RS256', kid: {} },
  { alg: 'RS256', kid: 'a', crit: ['b64'], b64: false },
  { alg: ['RS256'] },
  { alg: 'RS256', kid: 'a', jwk: { kty: 'oct', k: 'a' } },
  { alg: 'RS256', kid: 'a', jku: 'https://evil.example' },
  null,
  [],
  'x',
];
const claims: readonly unknown[] = [
  { iss: issuerUrl, aud: 'pintle', exp: 9e9, sub: 'x' },
  { iss: issuerUrl, aud: {}, exp: 'x' },
  { iss: [issuerUrl] },
  null,
  [1],
  's',
];
const tokens = [
  ...heads.flatMap((head) =>
    claims.flatMap((said) =>
      ['', 'AA', '!!!', 'A'.repeat(342)].map(
        (signature) => `${part(head)}.${part(said)}.${signature}`,
      ),
    ),
  ),
  ...['', 'a', '..', 'a.b.c.d.e', '.'.repeat(10_000), 'é.é.é', '\u0000'],
];

async function allRefused(authenticate: (token: string) => Promise<unknown>): Promise<void> {
  for (const token of tokens) {
    const outcome: unknown = await authenticate(token).catch((error: unknown) => error);
    const isRefused = outcome === undefined || outcome instanceof TokenRefusedError;
    assert.ok(isRefused, `${token.slice(0, 80)}: ${String(outcome)}`);
  }
}

const keySets: readonly (readonly [string, unknown])[] = [
  ['no keys', []],
  ['keys that are no list', { a: 1 }],
  ['a key that is none', [null]],
  ['an empty key', [{ kty: 'RSA', kid: 'a', n: '', e: '' }]],
  ['a short key', [{ kty: 'RSA', kid: 'a', n: 'A'.repeat(100), e: 'AQAB' }]],
  ['numbers for a key', [{ kty: 'RSA', kid: 'a', n: 5, e: {} }]],
  ['a point of no curve', [{ kty: 'EC', kid: 'a', crv: 'P-256', x: 'x', y: 'y' }]],
  ['a secret for a key', [{ kty: 'oct', kid: 'a', k: 'AAAA' }]],
  ['uses that are none', [{ kty: 'RSA', kid: 'a', use: 7, key_ops: 5, n: 'AQ', e: 'AQAB' }]],
  ['a huge key', [{ kty: 'RSA', kid: 'a', n: 'A'.repeat(100_000), e: 'AQAB' }]],
  [
    'one name for two keys',
    Array.from({ length: 2 }, () => ({ kty: 'RSA', kid: 'a', n: 'AQ', e: 'AQAB' })),
  ],
];

for (const [name, keys] of keySets) {
  test(`a provider with ${name} lets nobody in`, () => allRefused(tokensOf(withKeys(keys))));
}

const documents: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['text', 'x'],
  ['no keys', { issuer: issuerUrl }],
  ['keys without TLS', { issuer: issuerUrl, jwks_uri: 'http://login.example/keys' }],
  ['keys in a file', { issuer: issuerUrl, jwks_uri: 'file:///etc/passwd' }],
  ['another issuer', { issuer: 'https://other.example', jwks_uri: `${issuerUrl}/keys` }],
  ['an issuer that is none', { issuer: {}, jwks_uri: [] }],
];

for (const [name, document] of documents) {
  test(`a provider whose document is ${name} lets nobody in, and is asked for no keys`, async () => {
    const authenticate = tokensOf((url) =>
      url.endsWith('/keys') ? assert.fail('its keys are asked for') : document,
    );
    await allRefused(authenticate);
  });
}
