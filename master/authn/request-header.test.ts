import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestHeaderUsers, standardRequestHeaders } from './request-header.js';
import type { RequestHeaderOptions, SentHeaders } from './request-header.js';

const proxy = { commonName: 'front-proxy-client', organizations: [] };
const cases: readonly (readonly [
  string,
  Partial<RequestHeaderOptions>,
  SentHeaders,
  object | undefined,
])[] = [
  [
    'takes the user, groups and facts a proxy tells of',
    {},
    {
      'x-remote-user': ['jane'],
      'x-remote-uid': ['7'],
      'x-remote-group': ['a', 'b'],
      'x-remote-extra-acme.com%2fproject': ['x', 'y'],
      'x-remote-extra-scopes': ['openid'],
    },
    {
      username: 'jane',
      uid: '7',
      groups: ['a', 'b'],
      extra: { 'acme.com/project': ['x', 'y'], scopes: ['openid'] },
    },
  ],
  ['leaves requests that name nobody to others', {}, { 'x-remote-group': ['a'] }, undefined],
  [
    'believes only proxies of the names allowed',
    { allowedNames: ['other'] },
    { 'x-remote-user': ['jane'] },
    undefined,
  ],
  [
    'believes any proxy of the authority where no names are given',
    { allowedNames: [] },
    { 'x-remote-user': ['jane'] },
    { username: 'jane', groups: [] },
  ],
  [
    'reads the first header that is there',
    { usernameHeaders: ['X-First', 'X-Second'] },
    { 'x-first': [''], 'x-second': ['tom'] },
    { username: 'tom', groups: [] },
  ],
  [
    'keeps keys that are not properly encoded',
    {},
    { 'x-remote-user': ['jane'], 'x-remote-extra-%zz': ['1'] },
    { username: 'jane', groups: [], extra: { '%zz': ['1'] } },
  ],
];

for (const [name, options, headers, expected] of cases) {
  test(`request headers authenticator ${name}`, () => {
    const authenticate = requestHeaderUsers({ ...standardRequestHeaders, ...options });
    assert.deepEqual(authenticate(proxy, headers), expected);
  });
}
