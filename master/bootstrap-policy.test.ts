import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterRoleBindings } from '../api/rbac/v1/binding.js';
import { clusterRoles } from '../api/rbac/v1/role.js';
import type { PolicyRule } from '../api/rbac/v1/types.js';
import { FakeClient } from '../machinery/client/fake-client.js';
import { FakeClock } from '../machinery/clock/clock.js';
import type { Policy } from './authz/policy/default-policy.js';
import { clusterBinding, clusterRole, group, on, user } from './authz/policy/policy-words.js';
import { bootstrapPolicy } from './bootstrap-policy.js';

const policy: Policy = {
  clusterRoles: [clusterRole('r', [on('', 'pods', 'get list'), on('', 'nodes', 'get')])],
  clusterRoleBindings: [clusterBinding('r', [group('g'), user('u')])],
  roles: [],
  roleBindings: [],
};

const key = { name: 'r' };
const clientOf = (): FakeClient => new FakeClient(new FakeClock());

const changeRules = async (client: FakeClient, rules: readonly PolicyRule[]): Promise<void> => {
  await client.patch(clusterRoles, key, { type: 'merge', body: { rules } });
};

test('bootstrap makes what is missing and then changes nothing', async () => {
  const client = clientOf();
  await bootstrapPolicy(client, policy);
  const role = await client.get(clusterRoles, key);
  assert.equal(role.metadata.labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults');
  await bootstrapPolicy(client, policy);
  assert.deepEqual(await client.get(clusterRoles, key), role);
});

test('bootstrap adds the rules a role lost and keeps those people added', async () => {
  const client = clientOf();
  await bootstrapPolicy(client, policy);
  const added = on('', 'secrets', 'get');
  await changeRules(client, [on('', 'pods', 'get'), added]);
  await bootstrapPolicy(client, policy);
  const { rules } = await client.get(clusterRoles, key);
  assert.deepEqual(rules, [
    on('', 'pods', 'get'),
    added,
    on('', 'pods', 'list'),
    on('', 'nodes', 'get'),
  ]);
});

test('bootstrap leaves alone what says it shall not be updated', async () => {
  const client = clientOf();
  await bootstrapPolicy(client, policy);
  await client.patch(clusterRoles, key, {
    type: 'merge',
    body: {
      rules: [],
      metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
    },
  });
  await bootstrapPolicy(client, policy);
  assert.deepEqual((await client.get(clusterRoles, key)).rules, []);
});

test('bootstrap adds subjects a binding lost and keeps those people added', async () => {
  const client = clientOf();
  await bootstrapPolicy(client, policy);
  const subjects = [user('x'), user('u')];
  await client.patch(clusterRoleBindings, key, { type: 'merge', body: { subjects } });
  await bootstrapPolicy(client, policy);
  const binding = await client.get(clusterRoleBindings, key);
  assert.deepEqual(binding.subjects, [...subjects, group('g')]);
});

test('bootstrap makes a binding anew that was bound to another role', async () => {
  const client = clientOf();
  await client.create(clusterRoleBindings, clusterBinding('other', [user('u')], 'r'));
  await bootstrapPolicy(client, policy);
  const binding = await client.get(clusterRoleBindings, key);
  assert.equal(binding.roleRef.name, 'r');
  assert.equal(binding.subjects?.length, 2);
});

test('bootstrap brings back labels a role lost and keeps others', async () => {
  const client = clientOf();
  await bootstrapPolicy(client, policy);
  const labels = { 'kubernetes.io/bootstrapping': null, mine: 'yes' };
  await client.patch(clusterRoles, key, { type: 'merge', body: { metadata: { labels } } });
  await bootstrapPolicy(client, policy);
  const { metadata } = await client.get(clusterRoles, key);
  assert.deepEqual(metadata.labels, {
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    mine: 'yes',
  });
});
