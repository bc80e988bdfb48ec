import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../../api/meta/status-error.js';
import type { ResourceAttributes } from '../authz/authorizer.js';
import { impersonate } from './impersonation.js';
import type { Requester } from '../../api/schema/resource.js';

const admin: Requester = { username: 'admin', groups: [] };
const agent: Requester = {
  username: 'system:serviceaccount:kube-system:agent',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
};

interface Outcome {
  readonly user: Requester | string;
  /** What the sender was asked to have a right to, as `verb group/plural/subresource namespace/name`. */
  readonly asked: readonly string[];
}

const textOf = (verb: string, resource: ResourceAttributes): string => {
  const { group, plural, subresource, namespace, name } = resource;
  const kind = [group, plural, subresource].filter((part) => part !== '').join('/');
  return `${verb} ${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
};

/** Follows the headers of a `list` by a sender whose rights are what `isAllowed` says. */
function followed(
  headersDistinct: Readonly<Record<string, string[]>>,
  isAllowed: (text: string) => boolean,
  sender = admin,
): Outcome {
  const asked: string[] = [];
  const headers = Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values.join(', ')]),
  );
  const ask = (text: string): Error | undefined => {
    asked.push(text);
    return isAllowed(text) ? undefined : new Error(text);
  };
  try {
    const { user } = impersonate(
      { headers, headersDistinct },
      {
        sender,
        refusal: (verb, resource) => ask(textOf(verb, resource)),
        actionRefusal: (verbFrom) => ask(verbFrom('list')),
        forbidden: (_verb, _resource, why) => new Error(why),
      },
    );
    return { user, asked };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { user: isStatusError(error) ? `400 ${error.message}` : error.message, asked };
  }
}

const authenticated = 'system:authenticated';
const isLegacy = (text: string): boolean => text.startsWith('impersonate ');
const legacyOf = ({ user, asked }: Outcome): Outcome => ({ user, asked: asked.filter(isLegacy) });

const legacyCases: readonly [string, Record<string, string[]>, Outcome][] = [
  ['follows no header where there is none', { accept: ['*/*'] }, { user: admin, asked: [] }],
  [
    'makes a user one of those who are known',
    { 'impersonate-user': ['jane'] },
    { user: { username: 'jane', groups: [authenticated] }, asked: ['impersonate users jane'] },
  ],
  [
    'takes every group, also one with a comma',
    { 'impersonate-user': ['jane'], 'impersonate-group': ['a', 'b, c'] },
    {
      user: { username: 'jane', groups: ['a', 'b, c', authenticated] },
      asked: ['impersonate users jane', 'impersonate groups a', 'impersonate groups b, c'],
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
      asked: ['impersonate serviceaccounts ns/bot'],
    },
  ],
  [
    'gives an account only the groups that are named, where some are',
    { 'impersonate-user': ['system:serviceaccount:ns:bot'], 'impersonate-group': ['g'] },
    {
      user: { username: 'system:serviceaccount:ns:bot', groups: ['g', authenticated] },
      asked: ['impersonate serviceaccounts ns/bot', 'impersonate groups g'],
    },
  ],
  [
    'leaves the anonymous user unknown',
    { 'impersonate-user': ['system:anonymous'] },
    {
      user: { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      asked: ['impersonate users system:anonymous'],
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
        'impersonate users jane',
        'impersonate authentication.k8s.io/uids 42',
        'impersonate authentication.k8s.io/userextras/scopes a',
        'impersonate authentication.k8s.io/userextras/scopes b',
        'impersonate authentication.k8s.io/userextras/acme.com/project x',
      ],
    },
  ],
];

for (const [name, headers, expected] of legacyCases) {
  test(`impersonation of old ${name}`, () => {
    assert.deepEqual(legacyOf(followed(headers, isLegacy)), expected);
  });
}

const node = { username: 'system:node:n1', groups: ['system:nodes', authenticated] };
const identity = 'authentication.k8s.io';

const constrainedCases: readonly [string, Record<string, string[]>, Requester, Outcome][] = [
  [
    'asks for the matter and the user',
    { 'impersonate-user': ['jane'], 'impersonate-group': ['g'] },
    admin,
    {
      user: { username: 'jane', groups: ['g', authenticated] },
      asked: [
        'impersonate-on:user-info:list',
        `impersonate:user-info ${identity}/users jane`,
        `impersonate:user-info ${identity}/groups g`,
      ],
    },
  ],
  [
    'asks for all of many groups at once',
    { 'impersonate-user': ['jane'], 'impersonate-group': ['a', 'b', 'c', 'd'] },
    admin,
    {
      user: { username: 'jane', groups: ['a', 'b', 'c', 'd', authenticated] },
      asked: [
        'impersonate-on:user-info:list',
        `impersonate:user-info ${identity}/users jane`,
        `impersonate:user-info ${identity}/groups *`,
      ],
    },
  ],
  [
    'gives an account its groups',
    { 'impersonate-user': ['system:serviceaccount:ns:bot'] },
    admin,
    {
      user: {
        username: 'system:serviceaccount:ns:bot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', authenticated],
      },
      asked: [
        'impersonate-on:serviceaccount:list',
        `impersonate:serviceaccount ${identity}/serviceaccounts ns/bot`,
      ],
    },
  ],
  [
    'gives a node its group',
    { 'impersonate-user': ['system:node:n1'] },
    admin,
    {
      user: node,
      asked: [
        'impersonate-on:arbitrary-node:list',
        `impersonate:arbitrary-node ${identity}/nodes n1`,
      ],
    },
  ],
  [
    'lets an account speak for the node it runs on',
    { 'impersonate-user': ['system:node:n1'] },
    agent,
    {
      user: node,
      asked: [
        'impersonate-on:associated-node:list',
        `impersonate:associated-node ${identity}/nodes *`,
      ],
    },
  ],
  [
    'does not take another node for the account’s own',
    { 'impersonate-user': ['system:node:n2'] },
    agent,
    {
      user: { ...node, username: 'system:node:n2' },
      asked: [
        'impersonate-on:arbitrary-node:list',
        `impersonate:arbitrary-node ${identity}/nodes n2`,
      ],
    },
  ],
];

for (const [name, headers, sender, expected] of constrainedCases) {
  test(`constrained impersonation ${name}`, () => {
    assert.deepEqual(
      followed(headers, () => true, sender),
      expected,
    );
  });
}

test('impersonation says what the first way lacks when all fail', () => {
  const { user, asked } = followed({ 'impersonate-user': ['jane'] }, () => false);
  assert.equal(user, 'impersonate-on:user-info:list');
  assert.deepEqual(asked, ['impersonate-on:user-info:list', 'impersonate users jane']);
});

test('constrained impersonation gives nobody the group of administrators', () => {
  const isConstrained = (text: string): boolean => !isLegacy(text);
  const headers = { 'impersonate-user': ['jane'], 'impersonate-group': ['system:masters'] };
  assert.equal(
    followed(headers, isConstrained).user,
    'impersonating the system:masters group is not allowed',
  );
  const legacy = followed(headers, () => true);
  assert.deepEqual(legacy.user, { username: 'jane', groups: ['system:masters', authenticated] });
});

test('impersonation of an account’s own node is judged for any node the account may run on', () => {
  const senders: unknown[] = [];
  impersonate(
    {
      headers: { 'impersonate-user': 'system:node:n1' },
      headersDistinct: { 'impersonate-user': ['system:node:n1'] },
    },
    {
      sender: agent,
      refusal: (_verb, _resource, sender) => void senders.push(sender),
      actionRefusal: (_verbFrom, sender) => void senders.push(sender),
      forbidden: (_verb, _resource, why) => new Error(why),
    },
  );
  const extra = {
    'authentication.kubernetes.io/associated-node-keys': ['authentication.kubernetes.io/node-name'],
  };
  assert.deepEqual(senders, [
    { ...agent, extra },
    { ...agent, extra },
  ]);
});

test('impersonation takes for an account only what can be the name of one', () => {
  const { asked } = followed({ 'impersonate-user': ['system:serviceaccount:NS:bot'] }, () => false);
  assert.deepEqual(asked, [
    'impersonate-on:user-info:list',
    'impersonate users system:serviceaccount:NS:bot',
  ]);
});

test('impersonation tells the verb that was enough, where it is a constrained one', () => {
  const constraintOf = (isAllowed: (verb: string) => boolean): string | undefined =>
    impersonate(
      {
        headers: { 'impersonate-user': 'jane' },
        headersDistinct: { 'impersonate-user': ['jane'] },
      },
      {
        sender: admin,
        refusal: (verb) => (isAllowed(verb) ? undefined : new Error(verb)),
        actionRefusal: () => undefined,
        forbidden: (_verb, _resource, why) => new Error(why),
      },
    ).constraint;
  assert.equal(
    constraintOf(() => true),
    'impersonate:user-info',
  );
  assert.equal(
    constraintOf((verb) => verb === 'impersonate'),
    undefined,
  );
});

test('impersonation without a user is refused', () => {
  const withoutUser: readonly [Record<string, string[]>, string][] = [
    [
      { 'impersonate-group': ['g'] },
      '&user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)}',
    ],
    [
      { 'impersonate-extra-scopes': ['x'] },
      '&user.DefaultInfo{Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"scopes":[]string{"x"}}}',
    ],
  ];
  for (const [headers, what] of withoutUser) {
    const { user } = followed(headers, () => true);
    assert.equal(user, `400 requested ${what} without impersonating a user name`);
  }
});
