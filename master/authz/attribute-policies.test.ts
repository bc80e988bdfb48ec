import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attributeAuthorizer,
  attributeRules,
  parseAttributePolicies,
  PolicyFileError,
} from './attribute-policies.js';

const policy = (spec: object): string =>
  JSON.stringify({
    apiVersion: 'abac.authorization.kubernetes.io/v1beta1',
    kind: 'Policy',
    spec,
  });

const policies = parseAttributePolicies(
  [
    '# who may what',
    policy({ user: 'jane', namespace: 'shop', resource: 'pods', apiGroup: '' }),
    policy({ group: 'ops', namespace: '*', resource: '*', apiGroup: '*', readonly: true }),
    policy({ user: '*', nonResourcePath: '/version*', readonly: true }),
    '{"user":"old","readonly":true}',
    '',
  ].join('\n'),
);
const authorize = attributeAuthorizer(policies);

const userOf = (username: string, ...groups: readonly string[]) => ({
  username,
  groups: [...groups, 'system:authenticated'],
});
const jane = userOf('jane');
const tom = userOf('tom', 'ops');
const pods = {
  group: '',
  version: 'v1',
  plural: 'pods',
  subresource: '',
  namespace: 'shop',
  name: '',
};

const cases: readonly (readonly [string, Parameters<typeof authorize>[0], boolean])[] = [
  ['what is granted', { user: jane, verb: 'delete', resource: pods }, true],
  ['nothing elsewhere', { user: jane, verb: 'get', resource: { ...pods, namespace: 'x' } }, false],
  ['no other group', { user: jane, verb: 'get', resource: { ...pods, group: 'apps' } }, false],
  ['a group to read', { user: tom, verb: 'watch', resource: { ...pods, plural: 'jobs' } }, true],
  ['a group not to write', { user: tom, verb: 'create', resource: pods }, false],
  ['everybody a path', { user: jane, verb: 'get', path: '/version/x' }, true],
  ['nobody another path', { user: jane, verb: 'get', path: '/metrics' }, false],
  ['an old policy all of it', { user: userOf('old'), verb: 'get', path: '/metrics' }, true],
];
for (const [what, request, expected] of cases) {
  test(`attribute policies allow ${what}`, () => {
    assert.equal(authorize(request).allowed, expected);
  });
}

test('attribute policies tell what a user may do', () => {
  assert.deepEqual(attributeRules(policies, jane, 'shop'), [
    { verbs: ['*'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['get', 'list', 'watch'], nonResourceURLs: ['/version*'] },
  ]);
});

test('attribute policies name the line that is wrong', () => {
  assert.throws(() => parseAttributePolicies('\n{"user":1}'), PolicyFileError);
  assert.throws(() => parseAttributePolicies('{}\nno'), /^PolicyFileError: line 2: /);
});
