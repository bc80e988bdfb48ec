import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenRefusedError } from '../authenticator.js';
import { type ClaimRules, userFromClaims } from './claim-rules.js';

const plain: ClaimRules = {
  username: { claim: 'sub', prefix: '' },
  extra: [],
  claimValidation: [],
  userValidation: [],
};
const claims = {
  sub: 'jane',
  email: 'jane@example.com',
  groups: ['dev', 'ops'],
  roles: 'admin',
  flags: [1, 2],
  tenant: 'a',
};

const users: readonly (readonly [string, Partial<ClaimRules>, object])[] = [
  ['a claim and a prefix', { username: { claim: 'sub', prefix: 'o:' } }, { username: 'o:jane' }],
  [
    'an expression',
    { username: { expression: 'claims.email.split("@")[0] + ":" + claims.tenant' } },
    { username: 'jane:a' },
  ],
  [
    'groups of a claim',
    { groups: { claim: 'groups', prefix: 'g-' } },
    { groups: ['g-dev', 'g-ops'] },
  ],
  [
    'groups of an expression',
    { groups: { expression: 'claims.roles.split(",") + claims.groups.map(g, g + "!")' } },
    { groups: ['admin', 'dev!', 'ops!'] },
  ],
  ['no groups where the claim is missing', { groups: { claim: 'none', prefix: '' } }, {}],
  ['a uid', { uid: { claim: 'tenant', prefix: '' } }, { uid: 'a' }],
  [
    'extra facts, without those that are empty',
    {
      extra: [
        { key: 'example.com/tenant', valueExpression: 'claims.tenant' },
        { key: 'example.com/none', valueExpression: '""' },
      ],
    },
    { extra: { 'example.com/tenant': ['a'] } },
  ],
  [
    'rules that are met',
    {
      claimValidation: [
        { claim: 'tenant', requiredValue: 'a' },
        { expression: 'claims.tenant in ["a", "b"]', message: '' },
      ],
      userValidation: [{ expression: '!user.username.startsWith("system:")', message: '' }],
    },
    {},
  ],
];

for (const [name, rules, expected] of users) {
  test(`claim rules name the user by ${name}`, () => {
    const user = userFromClaims({ ...plain, ...rules })(claims);
    assert.deepEqual(user, { username: 'jane', groups: [], ...expected });
  });
}

const refusals: readonly (readonly [string, Partial<ClaimRules>, RegExp])[] = [
  ['no name', { username: { claim: 'name', prefix: '' } }, /no username/],
  [
    'a claim that is missing in an expression',
    { username: { expression: 'claims.name' } },
    /error evaluating claim mapping expression for username: no such key: name/,
  ],
  [
    'a value that is not the one required',
    { claimValidation: [{ claim: 'tenant', requiredValue: 'b' }] },
    /required claim tenant value does not match/,
  ],
  [
    'a rule about claims that fails',
    { claimValidation: [{ expression: 'claims.tenant == "b"', message: 'only b' }] },
    /validation expression 'claims.tenant == "b"' failed: only b/,
  ],
  [
    'a rule about the user that fails',
    { userValidation: [{ expression: 'user.groups.size() > 0', message: 'no groups' }] },
    /no groups/,
  ],
  ['groups that are no names', { groups: { claim: 'flags', prefix: '' } }, /groups: it holds/],
];

for (const [name, rules, message] of refusals) {
  test(`claim rules refuse ${name}`, () => {
    const read = (): unknown => userFromClaims({ ...plain, ...rules })(claims);
    assert.throws(read, (error) => {
      const said = error instanceof Error ? error.message : '';
      assert.ok(error instanceof TokenRefusedError, String(error));
      assert.match(said, message);
      return true;
    });
  });
}
