import assert from 'node:assert/strict';
import test from 'node:test';
import { protocolsIn, webSocketTokenIn, withoutTokens } from './web-socket-token.js';

const prefix = 'base64url.bearer.authorization.k8s.io.';
const protocolOf = (token: string): string =>
  `${prefix}${Buffer.from(token).toString('base64url')}`;

test('token is read from the subprotocols beside the one that is meant', () => {
  assert.deepEqual(webSocketTokenIn(`${protocolOf('sesame')}, v5.channel.k8s.io`), {
    token: 'sesame',
  });
  assert.deepEqual(webSocketTokenIn(`v4.channel.k8s.io,${protocolOf('ÿ~?')}`), { token: 'ÿ~?' });
});

test('header without a token says nothing of its sender', () => {
  for (const header of ['', 'v5.channel.k8s.io', 'bearer, a, b', prefix, `${prefix}, a`])
    assert.equal(webSocketTokenIn(header), undefined, header);
});

test('token that is alone, twice there, or no base64 of UTF-8 is taken for none', () => {
  const broken = Buffer.from([0xff, 0xfe]).toString('base64url');
  for (const header of [
    protocolOf('sesame'),
    `${protocolOf('sesame')}, ${protocolOf('sesame')}, a`,
    `${protocolOf('sesame')}=, a`,
    `${prefix}a+b/, a`,
    `${prefix}abcde, a`,
    `${prefix}${broken}, a`,
  ])
    assert.deepEqual(webSocketTokenIn(header), {}, header);
});

test('nobody else sees the token', () => {
  assert.equal(withoutTokens(`a, ${protocolOf('sesame')},b`), 'a, b');
  assert.equal(withoutTokens(protocolOf('sesame')), undefined);
  assert.equal(withoutTokens('a,b'), 'a,b');
  assert.deepEqual(protocolsIn(`a, ${protocolOf('sesame')},b`), ['a', 'b']);
});
