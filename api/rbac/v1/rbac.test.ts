import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/v1/types.js';
import type { ResourceDefinition } from '../../schema/resource.js';
import { clusterRoleBindings, roleBindings } from './binding.js';
import { clusterRoles, roles } from './role.js';
import type { RoleBinding } from './types.js';

const metadata = { name: 'a', namespace: 'ns', creationTimestamp: '2026-01-02T03:04:05Z' };
const group = 'rbac.authorization.k8s.io';

/** What a kind finds wrong with a draft, defaults first, as `field: message`. */
function problems<T extends KubeObject>(resource: ResourceDefinition<T>, draft: object): string[] {
  const object = { metadata, ...draft } as unknown as T;
  resource.defaults?.(object);
  return resource.validate(object).map(({ field, message }) => `${field}: ${message}`);
}

const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

test('roles refuse rules that grant nothing or mix resources and paths', () => {
  const of = (more: object): string[] => problems(roles, { rules: [more] });
  assert.deepEqual(of(rule), []);
  assert.deepEqual(problems(roles, {}), []);
  assert.deepEqual(of({}), [
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
  assert.deepEqual(of({ ...rule, nonResourceURLs: ['/x'] }), [
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
  ]);
});

test('cluster roles may be for paths and collect others by selectors', () => {
  const of = (more: object): string[] => problems(clusterRoles, more);
  assert.deepEqual(of({ rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] }), []);
  assert.deepEqual(of({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: {} }] } }), []);
  assert.deepEqual(of({ aggregationRule: {} }), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ]);
  const matchExpressions = [{ key: 'a', operator: 'X' }];
  assert.deepEqual(of({ aggregationRule: { clusterRoleSelectors: [{ matchExpressions }] } }), [
    'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "X": not a valid selector operator',
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: "null": invalid label selector.',
  ]);
});

test('bindings default the group of roles, users and groups, and of nothing else', () => {
  const draft = {
    metadata,
    roleRef: { kind: 'Role', name: 'r' },
    subjects: [
      { kind: 'User', name: 'u' },
      { kind: 'Group', name: 'g' },
      { kind: 'ServiceAccount', name: 's' },
    ],
  } as unknown as RoleBinding;
  roleBindings.defaults?.(draft);
  assert.equal(draft.roleRef.apiGroup, group);
  assert.deepEqual(
    draft.subjects?.map(({ apiGroup }) => apiGroup),
    [group, group, undefined],
  );
});

const roleRef = { kind: 'ClusterRole', name: 'r' };
const subject = (more: object): object => ({ roleRef, subjects: [more] });

const refused: readonly [object, string[]][] = [
  [
    {},
    [
      'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
      'roleRef.name: Required value',
    ],
  ],
  [
    { roleRef: { ...roleRef, name: 'a/b' } },
    [`roleRef.name: Invalid value: "a/b": may not contain '/'`],
  ],
  [
    { roleRef: { ...roleRef, apiGroup: 'x' } },
    [`roleRef.apiGroup: Unsupported value: "x": supported values: "${group}"`],
  ],
  [
    subject({ kind: 'Robot', name: 'r' }),
    [
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ],
  ],
  [subject({ kind: 'User' }), ['subjects[0].name: Required value']],
  [
    subject({ kind: 'ServiceAccount', name: 's', apiGroup: group }),
    [`subjects[0].apiGroup: Unsupported value: "${group}": supported values: ""`],
  ],
];

for (const [draft, expected] of refused) {
  test(`role bindings refuse ${JSON.stringify(draft)}`, () => {
    assert.deepEqual(problems(roleBindings, draft), expected);
  });
}

test('cluster role bindings take cluster roles, and accounts of a namespace they name', () => {
  const account = { kind: 'ServiceAccount', name: 's' };
  assert.deepEqual(problems(clusterRoleBindings, subject({ ...account, namespace: 'n' })), []);
  assert.deepEqual(problems(clusterRoleBindings, subject(account)), [
    'subjects[0].namespace: Required value',
  ]);
  assert.deepEqual(problems(clusterRoleBindings, { roleRef: { kind: 'Role', name: 'r' } }), [
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ]);
});

test('bindings keep their role', () => {
  const of = (name: string): RoleBinding =>
    ({ metadata, roleRef: { ...roleRef, apiGroup: group, name } }) as RoleBinding;
  assert.deepEqual(roleBindings.validateUpdate?.(of('r'), of('r')), []);
  assert.deepEqual(
    roleBindings.validateUpdate(of('x'), of('r')).map(({ field, message }) => [field, message]),
    [
      [
        'roleRef',
        `Invalid value: {"kind":"ClusterRole","name":"x","apiGroup":"${group}"}: cannot change roleRef`,
      ],
    ],
  );
});

test('tables show when roles were made, and whom bindings bind', () => {
  const cells = <T extends KubeObject>(resource: ResourceDefinition<T>, more: object) =>
    resource.columns?.map(({ name, priority, cell }) => [
      name,
      priority,
      cell({ metadata, ...more } as unknown as T, Date.parse('2026-01-02T03:05:05Z')),
    ]);
  assert.deepEqual(cells(roles, {}), [
    ['Name', 0, 'a'],
    ['Created At', 0, '2026-01-02T03:04:05Z'],
  ]);
  const subjects = [
    { kind: 'User', name: 'u' },
    { kind: 'User', name: 'v' },
    { kind: 'Group', name: 'g' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
    { kind: 'ServiceAccount', name: 't' },
  ];
  assert.deepEqual(cells(roleBindings, { roleRef, subjects }), [
    ['Name', 0, 'a'],
    ['Role', 0, 'ClusterRole/r'],
    ['Age', 0, '60s'],
    ['Users', 1, 'u, v'],
    ['Groups', 1, 'g'],
    ['ServiceAccounts', 1, 'n/s, t'],
  ]);
});
