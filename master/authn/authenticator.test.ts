import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import {
  anonymous,
  createAuthenticator,
  createTokenReviewer,
  type TokenAuthenticator,
  TokenRefusedError,
} from './authenticator.js';

const apiAudiences = ['api'];
const knows =
  (expected: string, audiences?: readonly string[]): TokenAuthenticator =>
  (token) =>
    Promise.resolve(
      token === expected ? { user: { username: expected, groups: [] }, audiences } : undefined,
    );
const refuses: TokenAuthenticator = (token) =>
  token.startsWith('bad')
    ? Promise.reject(new TokenRefusedError('it has expired'))
    : Promise.resolve(undefined);

const open = (...tokens: readonly TokenAuthenticator[]) => {
  const review = createTokenReviewer({ tokens, apiAudiences });
  return {
    review,
    authenticate: createAuthenticator({
      review,
      apiAudiences,
      anonymous: () => ({ enabled: true }),
    }),
  };
};
const unauthorized = (error: unknown): boolean => hasReason(error, 'Unauthorized');

test('authenticator reads user and groups from a client certificate, and names the certificate', async () => {
  const certificate = {
    commonName: 'system:node:n1',
    organizations: ['system:nodes'],
    fingerprint: 'ab12',
  };
  const { authenticate } = open();
  const user = await authenticate({ certificate, authorization: 'Bearer ignored' });
  assert.deepEqual(user, {
    username: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=ab12'] },
  });
  assert.equal(await authenticate({ certificate }), user);
});

test('authenticator takes nobody for anonymous', async () => {
  assert.equal(await open().authenticate({}), anonymous);
});

test('authenticator refuses nobody where it is told to', () => {
  const { review } = open();
  const authenticate = createAuthenticator({
    review,
    apiAudiences,
    anonymous: () => ({ enabled: false }),
  });
  assert.throws(() => authenticate({}), unauthorized);
});

test('authenticator lets nobody in only where the paths say so', () => {
  const { review } = open();
  const paths = new Set(['/livez']);
  const options = { review, apiAudiences, anonymous: () => ({ enabled: true, paths }) };
  const authenticate = createAuthenticator(options);
  assert.equal(authenticate({ path: '/livez' }), anonymous);
  assert.throws(() => authenticate({ path: '/version' }), unauthorized);
});

test('authenticator asks every kind of token, though one refuses it', async () => {
  const { authenticate } = open(refuses, knows('bad-but-known'));
  const user = await authenticate({ authorization: 'bearer bad-but-known' });
  assert.deepEqual(user, { username: 'bad-but-known', groups: ['system:authenticated'] });
});

test('authenticator passes over what is no bearer token', async () => {
  const { authenticate } = open(() => Promise.reject(new Error('never asked')));
  for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer  spaced', '']) {
    assert.equal(await authenticate({ authorization }), anonymous, authorization);
    const certificate = 'unverified';
    assert.throws(() => authenticate({ authorization, certificate }), unauthorized);
  }
});

test('authenticator takes the token that a WebSocket offers among its protocols', async () => {
  const { authenticate } = open(refuses, knows('sesame'));
  const prefix = 'base64url.bearer.authorization.k8s.io.';
  const webSocketProtocols = `${prefix}${Buffer.from('sesame').toString('base64url')}, a`;
  for (const authorization of [undefined, 'Bearer bad'] as const) {
    const credentials = authorization === undefined ? {} : { authorization };
    const user = await authenticate({ ...credentials, webSocketProtocols });
    assert.equal(user.username, 'sesame');
  }
  for (const offered of [`${prefix}bm9uZQ, a`, `${prefix}c2VzYW1l`, `${prefix}?, a`]) {
    const credentials = { webSocketProtocols: offered };
    await assert.rejects(async () => authenticate(credentials), unauthorized, offered);
  }
  assert.equal(await authenticate({ webSocketProtocols: 'a' }), anonymous);
});

test('authenticator does not count somebody who is said to be nobody among those who are known', async () => {
  const nobody = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
  const certificate = { authority: 'proxies', commonName: 'proxy', organizations: [] } as const;
  const { review } = open();
  for (const told of [nobody, { ...nobody, groups: [] }, { ...nobody, username: 'x' }]) {
    const authenticate = createAuthenticator({
      review,
      apiAudiences,
      anonymous: () => ({ enabled: true }),
      requestHeader: () => told,
    });
    assert.deepEqual(await authenticate({ certificate, headers: () => ({}) }), told);
  }
  const { authenticate } = open();
  const self = { commonName: 'system:anonymous', organizations: ['a'] };
  const user = await authenticate({ certificate: self });
  assert.deepEqual(user.groups, ['a']);
});

test('authenticator refuses tokens it does not know, without a word about why', async () => {
  const { authenticate } = open(refuses);
  for (const authorization of ['Bearer unknown', 'bearer unknown more', ' Bearer bad ']) {
    await assert.rejects(
      async () => authenticate({ authorization }),
      (error) => unauthorized(error) && isStatusError(error) && error.message === 'Unauthorized',
    );
  }
});

test('token reviews say for which audiences a token is meant', async () => {
  const { review } = open(knows('plain'), knows('named', ['vault']));
  assert.deepEqual((await review('plain', ['api', 'x']))?.audiences, ['api']);
  // A token that names no audience is for the API server and nobody else.
  assert.equal(await review('plain', ['vault']), undefined);
  assert.deepEqual((await review('named', ['vault', 'x']))?.audiences, ['vault']);
});

test('token reviews pass over tokens of absurd length', async () => {
  const { review } = open(() => Promise.reject(new Error('never asked')));
  assert.equal(await review('x'.repeat(70_000), apiAudiences), undefined);
});
