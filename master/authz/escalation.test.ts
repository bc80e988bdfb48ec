import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { isStatusError } from '../../api/meta/status-error.js';
import { authorizersInTurn } from './authorizer.js';
import { createEscalationCheck, type RbacWrite } from './escalation.js';
import { bindingOf, indexOf, person, roleOf, rule } from './fixtures.test.js';
import { RbacAuthorizer } from './rbac-authorizer.js';

const group = 'rbac.authorization.k8s.io';
const onRoles = (verbs: string, resources: string, names?: string[]) =>
  rule(verbs, resources, {
    apiGroups: [group],
    ...(names === undefined ? {} : { resourceNames: names }),
  });

const index = indexOf({
  roles: [
    roleOf('', 'pods', [rule('get list', 'pods')]),
    roleOf('', 'secrets', [rule('get', 'secrets')]),
    roleOf('', 'escalates', [onRoles('escalate', 'roles')]),
    roleOf('', 'binds', [onRoles('bind', 'clusterroles', ['secrets'])]),
    roleOf('', 'everything', [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]),
    roleOf('', 'without-paths', [{ verbs: ['get'], apiGroups: ['*'], resources: ['*'] }]),
  ],
  bindings: [
    bindingOf('ns', 'pods', 'ClusterRole/pods', [person('ann')]),
    bindingOf('ns', 'escalates', 'ClusterRole/escalates', [person('eve')]),
    bindingOf('ns', 'binds', 'ClusterRole/binds', [person('bob')]),
    bindingOf('', 'everything', 'ClusterRole/everything', [person('root')]),
    bindingOf('', 'without-paths', 'ClusterRole/without-paths', [person('most')]),
  ],
});
const rbac = new RbacAuthorizer(index);
const check = createEscalationCheck({
  index,
  rbac,
  authorizer: authorizersInTurn([rbac.authorize]),
});

const write = (username: string, object: KubeObject, more: Partial<RbacWrite> = {}): RbacWrite => ({
  user: { username, groups: ['g', 'system:authenticated'] },
  group,
  version: 'v1',
  plural: `${object.kind.toLowerCase()}s`,
  namespace: object.metadata.namespace ?? '',
  name: '',
  object,
  ...more,
});

const refusal = (attempt: RbacWrite): string => {
  try {
    assert.equal(check(attempt), undefined);
    return '';
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error.message;
  }
};

const podsRole = roleOf('ns', 'r', [rule('get list', 'pods')]);
const secretsRole = roleOf('ns', 'r', [rule('get list', 'pods secrets')]);
const collecting = {
  ...roleOf('', 'c', []),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
};
const held =
  'user "ann" (groups=["g" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n';

const cases: readonly [string, RbacWrite, string][] = [
  ['who holds the rules may write a role', write('ann', podsRole), ''],
  [
    'who lacks a rule is told which',
    write('ann', secretsRole),
    `roles.${group} "r" is forbidden: ${held}{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
  ],
  ['who may escalate writes any role', write('eve', secretsRole), ''],
  [
    'rules of a namespace do not make a ClusterRole',
    write('ann', roleOf('', 'c', [rule('get', 'pods')])),
    `clusterroles.${group} "c" is forbidden: ${held}{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`,
  ],
  [
    'who holds the rules of a role may bind it',
    write('ann', bindingOf('ns', 'b', 'ClusterRole/pods', [person('x')])),
    '',
  ],
  [
    'who lacks them may not',
    write('ann', bindingOf('ns', 'b', 'ClusterRole/secrets', [person('x')])),
    `rolebindings.${group} "b" is forbidden: ${held}{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`,
  ],
  [
    'who may bind a role need not hold its rules',
    write('bob', bindingOf('ns', 'b', 'ClusterRole/secrets', [person('x')])),
    '',
  ],
  [
    'nobody binds a role that is not there',
    write('ann', bindingOf('ns', 'b', 'Role/none', [person('x')])),
    `role.${group} "none" not found`,
  ],
  ['who may do everything may let a role collect others', write('root', collecting), ''],
  [
    'who may not do everything may not let a role collect others',
    write('most', collecting),
    `clusterroles.${group} "c" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
  ],
  [
    'an aggregation is not taken away either',
    write('most', roleOf('', 'c', []), { stored: collecting }),
    `clusterroles.${group} "c" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
  ],
  [
    'administrators are not asked',
    write('x', secretsRole, { user: { username: 'x', groups: ['system:masters'] } }),
    '',
  ],
  [
    'owners and finalizers may change under somebody who lacks the rules',
    write(
      'nobody',
      { ...secretsRole, metadata: { ...secretsRole.metadata, finalizers: [] } },
      { stored: { ...secretsRole, metadata: { ...secretsRole.metadata, finalizers: ['a/b'] } } },
    ),
    '',
  ],
  [
    'labels may not',
    write(
      'ann',
      { ...secretsRole, metadata: { ...secretsRole.metadata, labels: { a: 'b' } } },
      { stored: secretsRole },
    ),
    `roles.${group} "r" is forbidden: ${held}{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
  ],
];

for (const [name, attempt, expected] of cases) {
  test(`escalation check knows that ${name}`, () => {
    assert.equal(refusal(attempt), expected);
  });
}
