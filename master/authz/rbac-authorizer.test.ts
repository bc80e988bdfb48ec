import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicyRule, RoleBinding, Subject } from '../../api/rbac/v1/types.js';
import { accountUsername } from '../../api/user-names.js';
import { propertyRuns } from '../../testing/property-runs.js';
import type { AuthorizationRequest, ResourceAttributes } from './authorizer.js';
import {
  account,
  addRole,
  bindingOf,
  indexOf,
  person,
  roleOf,
  rule,
  team,
  type RbacObjects,
} from './fixtures.test.js';
import { RbacAuthorizer } from './rbac-authorizer.js';
import { allowsPath, allowsResource, namesOf } from './rules.js';

const objects: RbacObjects = {
  roles: [
    roleOf('', 'read-nodes', [rule('get list', 'nodes')]),
    roleOf('', 'paths', [
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/logs/*'] },
      { verbs: ['*'], nonResourceURLs: ['/debug*'] },
    ]),
    roleOf('', 'all', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]),
    roleOf('a', 'pods', [rule('get', 'pods'), rule('get', 'pods/log')]),
    roleOf('a', 'one', [rule('get update', 'configmaps', { resourceNames: ['only'] })]),
    roleOf('', 'scale', [rule('update', '*/scale', { apiGroups: ['*'] })]),
  ],
  bindings: [
    bindingOf('', 'nodes', 'ClusterRole/read-nodes', [person('ann')]),
    bindingOf('', 'paths', 'ClusterRole/paths', [team('ops')]),
    bindingOf('a', 'pods', 'Role/pods', [person('ann'), account('bot')]),
    bindingOf('a', 'one', 'Role/one', [person('ann')]),
    bindingOf('a', 'nodes-here', 'ClusterRole/read-nodes', [person('bob')]),
    bindingOf('b', 'all-here', 'ClusterRole/all', [team('ops'), account('far', 'a')]),
    bindingOf('', 'scale', 'ClusterRole/scale', [person('zoe')]),
    bindingOf('c', 'gone', 'Role/gone', [person('ann')]),
    bindingOf('', 'gone-too', 'ClusterRole/gone', [person('eve')]),
  ],
};

const users = {
  ann: { username: 'ann', groups: ['system:authenticated'] },
  bob: { username: 'bob', groups: [] },
  eve: { username: 'eve', groups: [] },
  op: { username: 'op', groups: ['ops'] },
  zoe: { username: 'zoe', groups: [] },
  bot: { username: accountUsername('a', 'bot'), groups: ['system:serviceaccounts'] },
  far: { username: accountUsername('a', 'far'), groups: [] },
};

const resource = (text: string, namespace: string, name = '', group = ''): ResourceAttributes => {
  const [plural = '', subresource = ''] = text.split('/');
  return { group, version: 'v1', plural, subresource, namespace, name };
};

const by = (text: string): string => `RBAC: allowed by ${text}`;

const cases: readonly [string, AuthorizationRequest, string | false][] = [
  [
    'a cluster binding counts everywhere',
    { user: users.ann, verb: 'list', resource: resource('nodes', '') },
    by('ClusterRoleBinding "nodes" of ClusterRole "read-nodes" to User "ann"'),
  ],
  [
    'a namespace binding counts in its namespace',
    { user: users.ann, verb: 'get', resource: resource('pods', 'a', 'x') },
    by('RoleBinding "pods/a" of Role "pods" to User "ann"'),
  ],
  [
    'a namespace binding does not count elsewhere',
    { user: users.ann, verb: 'get', resource: resource('pods', 'b', 'x') },
    false,
  ],
  [
    'a namespace binding does not count for all namespaces',
    { user: users.ann, verb: 'get', resource: resource('pods', '') },
    false,
  ],
  [
    'a namespace binding of a ClusterRole grants nothing at the cluster scope',
    { user: users.bob, verb: 'get', resource: resource('nodes', '') },
    false,
  ],
  [
    'an account without a namespace is of the binding’s',
    { user: users.bot, verb: 'get', resource: resource('pods', 'a') },
    by('RoleBinding "pods/a" of Role "pods" to ServiceAccount "bot/"'),
  ],
  [
    'an account of another namespace may be bound',
    { user: users.far, verb: 'delete', resource: resource('secrets', 'b') },
    by('RoleBinding "all-here/b" of ClusterRole "all" to ServiceAccount "far/a"'),
  ],
  [
    'a subresource is not covered by its resource',
    { user: users.ann, verb: 'get', resource: resource('pods/exec', 'a', 'x') },
    false,
  ],
  [
    'a subresource is covered by name',
    { user: users.ann, verb: 'get', resource: resource('pods/log', 'a', 'x') },
    by('RoleBinding "pods/a" of Role "pods" to User "ann"'),
  ],
  [
    'a star before the slash covers the subresource of all resources',
    { user: users.zoe, verb: 'update', resource: resource('deployments/scale', 'a', 'x', 'apps') },
    by('ClusterRoleBinding "scale" of ClusterRole "scale" to User "zoe"'),
  ],
  [
    'a star before the slash does not cover the resource',
    { user: users.zoe, verb: 'update', resource: resource('scale', 'a', 'x', 'apps') },
    false,
  ],
  [
    'names limit a rule to the objects they name',
    { user: users.ann, verb: 'get', resource: resource('configmaps', 'a', 'only') },
    by('RoleBinding "one/a" of Role "one" to User "ann"'),
  ],
  [
    'names refuse other objects',
    { user: users.ann, verb: 'get', resource: resource('configmaps', 'a', 'other') },
    false,
  ],
  [
    'names refuse requests that name nothing',
    { user: users.ann, verb: 'get', resource: resource('configmaps', 'a') },
    false,
  ],
  [
    'paths are allowed as they are written',
    { user: users.op, verb: 'get', path: '/healthz' },
    by('ClusterRoleBinding "paths" of ClusterRole "paths" to Group "ops"'),
  ],
  ['paths are not prefixes', { user: users.op, verb: 'get', path: '/healthz/ping' }, false],
  [
    'paths may end in a star',
    { user: users.op, verb: 'get', path: '/logs/a/b' },
    by('ClusterRoleBinding "paths" of ClusterRole "paths" to Group "ops"'),
  ],
  ['paths take their verbs', { user: users.op, verb: 'post', path: '/logs/a' }, false],
  ['paths are no resources', { user: users.far, verb: 'get', path: '/healthz' }, false],
];

for (const [name, request, expected] of cases) {
  test(`RBAC decides that ${name}`, () => {
    const decision = new RbacAuthorizer(indexOf(objects)).authorize(request);
    assert.deepEqual(decision, {
      allowed: expected !== false,
      reason: expected === false ? '' : expected,
    });
  });
}

test('RBAC says which role is missing when it refuses', () => {
  const { authorize } = new RbacAuthorizer(indexOf(objects));
  const reason = (user: AuthorizationRequest['user']): string =>
    authorize({ user, verb: 'get', resource: resource('pods', 'c') }).reason;
  assert.equal(reason(users.ann), 'RBAC: role.rbac.authorization.k8s.io "gone" not found');
  assert.equal(reason(users.eve), 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found');
  assert.equal(reason(users.bob), '');
});

test('RBAC counts a change from the moment it is made', () => {
  const index = indexOf(objects);
  const { authorize } = new RbacAuthorizer(index);
  const asked = { user: users.ann, verb: 'get', resource: resource('pods', 'a', 'x') };
  assert.equal(authorize(asked).allowed, true);
  const binding = objects.bindings[2];
  const others = { ...binding, subjects: [person('bob')] } as RoleBinding;
  index.bindingChanged(others, binding);
  assert.equal(authorize(asked).allowed, false);
  assert.equal(authorize({ ...asked, user: users.bob }).allowed, true);
  addRole(index, roleOf('a', 'pods', [rule('delete', 'pods')]));
  assert.equal(authorize({ ...asked, user: users.bob }).allowed, false);
  index.roleChanged({ namespace: 'a', name: 'pods' });
  assert.match(authorize({ ...asked, user: users.bob }).reason, /"pods" not found$/);
  index.bindingChanged(undefined, others);
  assert.equal(authorize({ ...asked, user: users.bob }).reason, '');
});

test('RBAC keeps users apart whose names and groups read alike when put together', () => {
  const { authorize } = new RbacAuthorizer(
    indexOf({
      roles: [roleOf('', 'all', [rule('*', '*', { apiGroups: ['*'] })])],
      bindings: [bindingOf('', 'all', 'ClusterRole/all', [team('b')])],
    }),
  );
  const asked = { verb: 'get', resource: resource('pods', '') };
  assert.equal(authorize({ user: { username: 'a', groups: ['b'] }, ...asked }).allowed, true);
  for (const username of ['ab', 'a1.b', 'a\n1.b', '1.a1.b']) {
    assert.equal(authorize({ user: { username, groups: [] }, ...asked }).allowed, false);
  }
});

test('RBAC lists every rule of a user, those of the cluster first', () => {
  const rbac = new RbacAuthorizer(indexOf(objects));
  const { rules, errors } = rbac.rulesFor(users.ann, 'c');
  assert.deepEqual(rules, [rule('get list', 'nodes')]);
  assert.deepEqual(errors, ['role.rbac.authorization.k8s.io "gone" not found']);
  assert.equal(rbac.rulesFor(users.ann, 'a').rules.length, 4);
});

/** The definition of RBAC without any index or cache. */
function naive({ roles, bindings }: RbacObjects, request: AuthorizationRequest): boolean {
  const { user, verb, resource: wanted, path = '' } = request;
  const isUser = (subject: Subject, home: string): boolean =>
    subject.kind === 'Group'
      ? user.groups.includes(subject.name)
      : user.username ===
        (subject.kind === 'User'
          ? subject.name
          : accountUsername(subject.namespace ?? home, subject.name));
  return bindings.some(({ metadata: { namespace = '' }, roleRef, subjects = [] }) => {
    const applies = namespace === '' || wanted?.namespace === namespace;
    if (!applies || !subjects.some((subject) => isUser(subject, namespace))) return false;
    const home = roleRef.kind === 'ClusterRole' ? '' : namespace;
    const role = roles.find(
      ({ metadata }) => metadata.name === roleRef.name && (metadata.namespace ?? '') === home,
    );
    return (role?.rules ?? []).some((own) =>
      wanted === undefined
        ? allowsPath(own, verb, path)
        : allowsResource(own, { verb, ...wanted }) && (namesOf(own)?.includes(wanted.name) ?? true),
    );
  });
}

const word = (...values: string[]) => fc.constantFrom(...values);
const words = (...values: string[]) => fc.subarray(values, { minLength: 1 });
const namespaceArbitrary = word('', 'a', 'b');
const resourceRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    verbs: words('get', 'list', '*'),
    apiGroups: words('', 'apps', '*'),
    resources: words('pods', 'pods/log', '*/scale', 'deployments', '*'),
    resourceNames: fc.subarray(['x', 'y']),
  },
  { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
);
const pathRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: words('get', '*'),
  nonResourceURLs: words('/a', '/a/*', '*'),
});
const roleArbitrary = fc
  .tuple(namespaceArbitrary, word('r', 's'), fc.array(fc.oneof(resourceRule, pathRule)))
  .map(([namespace, name, rules]) => roleOf(namespace, name, rules));
const subjectArbitrary = fc.oneof(
  word('ann', 'bob').map(person),
  word('g', 'h').map(team),
  fc.tuple(word('sa'), word('a', 'b')).map(([name, namespace]) => account(name, namespace)),
);
const bindingArbitrary = fc
  .tuple(
    namespaceArbitrary,
    word('x', 'y', 'z'),
    word('Role/r', 'Role/s', 'ClusterRole/r', 'ClusterRole/s'),
    fc.array(subjectArbitrary, { maxLength: 3 }),
  )
  .map((parts) => bindingOf(...parts));
const keyOf = ({ metadata: { namespace = '', name } }: RbacObjects['roles'][number]): string =>
  `${namespace}/${name}`;
const objectsArbitrary: fc.Arbitrary<RbacObjects> = fc.record({
  roles: fc.uniqueArray(roleArbitrary, { selector: keyOf, maxLength: 6 }),
  bindings: fc.uniqueArray(bindingArbitrary, {
    selector: ({ metadata: { namespace = '', name } }) => `${namespace}/${name}`,
    maxLength: 8,
  }),
});
const requestArbitrary: fc.Arbitrary<AuthorizationRequest> = fc
  .record({
    user: fc.record({
      username: word('ann', 'bob', accountUsername('a', 'sa'), accountUsername('b', 'sa')),
      groups: fc.subarray(['g', 'h']),
    }),
    verb: word('get', 'list', 'delete'),
    resource: fc.option(
      fc.record({
        group: word('', 'apps'),
        version: word('v1'),
        plural: word('pods', 'deployments'),
        subresource: word('', 'log', 'scale'),
        namespace: namespaceArbitrary,
        name: word('', 'x', 'y', 'z'),
      }),
      { nil: undefined },
    ),
    path: word('/a', '/a/b', '/c'),
  })
  .map(({ user, verb, resource: wanted, path }) =>
    wanted === undefined ? { user, verb, path } : { user, verb, resource: wanted },
  );

test('RBAC decides as its definition does, from its memory too and after every change', () => {
  fc.assert(
    fc.property(
      objectsArbitrary,
      objectsArbitrary,
      fc.array(requestArbitrary, { minLength: 1, maxLength: 10 }),
      (before, after, requests) => {
        const index = indexOf(before);
        const { authorize } = new RbacAuthorizer(index);
        const check = (state: RbacObjects): void => {
          for (const request of [...requests, ...requests]) {
            assert.equal(authorize(request).allowed, naive(state, request));
          }
        };
        check(before);
        for (const { metadata } of before.roles) {
          index.roleChanged({ namespace: metadata.namespace ?? '', name: metadata.name });
        }
        for (const binding of before.bindings) index.bindingChanged(undefined, binding);
        for (const role of after.roles) addRole(index, role);
        for (const binding of after.bindings) index.bindingChanged(binding, undefined);
        check(after);
      },
    ),
    { numRuns: propertyRuns(60) },
  );
});
