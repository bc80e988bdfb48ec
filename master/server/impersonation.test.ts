import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../../api/meta/status-error.js';
import type { RequestUser } from '../authn/authenticator.js';
import { impersonate } from './impersonation.js';

const sender: RequestUser = { username: 'admin', groups: ['system:masters'] };

interface Outcome {
  readonly user: RequestUser;
  /** What the sender was asked to have a right to. */
  readonly asked: readonly string[];
}

function followed(headersDistinct: Readonly<Record<string, string[]>>): Outcome {
  const asked: string[] = [];
  const headers = Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values.join(', ')]),
  );
  const user = impersonate(sender, { headers, headersDistinct }, (resource) => {
    const { group, plural, subresource, namespace, name } = resource;
    asked.push([group, plural, subresource, namespace, name].join('|'));
  });
  return { user, asked };
}

const authenticated = 'system:authenticated';

const cases: readonly [string, Record<string, string[]>, Outcome][] = [
  ['follows no header where there is none', { accept: ['*/*'] }, { user: sender, asked: [] }],
  [
    'makes a user one of those who are known',
    { 'impersonate-user': ['jane'] },
    { user: { username: 'jane', groups: [authenticated] }, asked: ['|users|||jane'] },
  ],
  [
    'takes every group, also one with a comma',
    { 'impersonate-user': ['jane'], 'impersonate-group': ['a', 'b, c'] },
    {
      user: { username: 'jane', groups: ['a', 'b, c', authenticated] },
      asked: ['|users|||jane', '|groups|||a', '|groups|||b, c'],
    },
  ],
  [
    'gives an account its groups',
    { 'impersonate-user': ['system:serviceaccount:ns:bot'] },
    {
      user: {
        username: 'system:serviceaccount:ns:bot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', authenticated],
      },
      asked: ['|serviceaccounts||ns|bot'],
    },
  ],
  [
    'gives an account only the groups that are named, where some are',
    { 'impersonate-user': ['system:serviceaccount:ns:bot'], 'impersonate-group': ['g'] },
    {
      user: { username: 'system:serviceaccount:ns:bot', groups: ['g', authenticated] },
      asked: ['|serviceaccounts||ns|bot', '|groups|||g'],
    },
  ],
  [
    'leaves the anonymous user unknown',
    { 'impersonate-user': ['system:anonymous'] },
    {
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      asked: ['|users|||system:anonymous'],
    },
  ],
  [
    'takes uid and extra facts, with escapes in their names',
    {
      'impersonate-user': ['jane'],
      'impersonate-uid': ['42'],
      'impersonate-extra-scopes': ['a', 'b'],
      'impersonate-extra-acme.com%2fproject': ['x'],
    },
    {
      user: {
        username: 'jane',
        groups: [authenticated],
        uid: '42',
        extra: { scopes: ['a', 'b'], 'acme.com/project': ['x'] },
      },
      asked: [
        '|users|||jane',
        'authentication.k8s.io|userextras|scopes||a',
        'authentication.k8s.io|userextras|scopes||b',
        'authentication.k8s.io|userextras|acme.com/project||x',
        'authentication.k8s.io|uids|||42',
      ],
    },
  ],
];

for (const [name, headers, expected] of cases) {
  test(`impersonation ${name}`, () => {
    assert.deepEqual(followed(headers), expected);
  });
}

test('impersonation without a user is refused', () => {
  const withoutUser: readonly [Record<string, string[]>, string][] = [
    [{ 'impersonate-group': ['g'] }, '{Group  g    }'],
    [{ 'impersonate-extra-scopes': ['x'] }, '{UserExtra  x  authentication.k8s.io/v1  scopes}'],
  ];
  for (const [headers, what] of withoutUser) {
    assert.throws(
      () => followed(headers),
      (error: unknown) =>
        isStatusError(error) &&
        error.code === 400 &&
        error.message === `requested [${what}] without impersonating a user`,
    );
  }
});
