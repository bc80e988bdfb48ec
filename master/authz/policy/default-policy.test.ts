import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRoleBindings, roleBindings } from '../../../api/rbac/v1/binding.js';
import { clusterRoles, roles } from '../../../api/rbac/v1/role.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { defaultPolicy } from './default-policy.js';

const nameOf = ({ metadata }: { metadata: Partial<KubeObject['metadata']> }): string =>
  `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;

test('default policy has each name once', () => {
  for (const objects of Object.values(defaultPolicy)) {
    const names = (objects as readonly { metadata: Partial<KubeObject['metadata']> }[]).map(nameOf);
    assert.equal(new Set(names).size, names.length);
  }
});

test('default policy binds roles that it has', () => {
  const known = new Set([...defaultPolicy.clusterRoles, ...defaultPolicy.roles].map(nameOf));
  for (const { metadata, roleRef } of [
    ...defaultPolicy.clusterRoleBindings,
    ...defaultPolicy.roleBindings,
  ]) {
    const home = roleRef.kind === 'ClusterRole' ? '' : (metadata.namespace ?? '');
    assert.ok(known.has(`${home}/${roleRef.name}`), nameOf({ metadata }));
  }
});

test('default policy is valid', () => {
  const errors = [
    ...defaultPolicy.clusterRoles.flatMap((role) => clusterRoles.validate(role as never)),
    ...defaultPolicy.roles.flatMap((role) => roles.validate(role as never)),
    ...defaultPolicy.clusterRoleBindings.flatMap((binding) =>
      clusterRoleBindings.validate(binding as never),
    ),
    ...defaultPolicy.roleBindings.flatMap((binding) => roleBindings.validate(binding as never)),
  ];
  assert.deepEqual(errors, []);
});

test('default policy gives those who are not known health and version alone', () => {
  const unknown = defaultPolicy.clusterRoleBindings.filter(({ subjects = [] }) =>
    subjects.some(({ name }) => name === 'system:unauthenticated'),
  );
  assert.deepEqual(
    unknown.map(({ roleRef }) => roleRef.name),
    ['system:public-info-viewer'],
  );
});

test('default policy keeps what only our controllers need out of the roles that are Kubernetes’', () => {
  const verbsFor = (role: string, resource: string): readonly string[] =>
    defaultPolicy.clusterRoles
      .filter(({ metadata }) => metadata.name === role)
      .flatMap(({ rules }) => rules ?? [])
      .filter(({ resources }) => resources?.includes(resource))
      .flatMap(({ verbs }) => verbs);
  const status = 'poddisruptionbudgets/status';
  assert.deepEqual(verbsFor('system:controller:disruption-controller', status), ['update']);
  assert.deepEqual(verbsFor('pintle:controller:disruption-controller', status), ['patch']);
  assert.deepEqual(verbsFor('system:controller:namespace-controller', 'events'), []);
  assert.deepEqual(verbsFor('pintle:controller:namespace-controller', 'events'), [
    'create',
    'patch',
    'update',
  ]);
});
