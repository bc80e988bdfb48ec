import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole, PolicyRule } from '../../../api/rbac/v1/types.js';
import { reconcile } from './reconcile.js';

const rule = (resource: string): PolicyRule => ({
  apiGroups: [''],
  resources: [resource],
  verbs: ['get'],
});

const role = (name: string, labels: Record<string, string>, rules: PolicyRule[]): ClusterRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels, uid: name, resourceVersion: '7', creationTimestamp: '' },
  rules,
});

const collecting = (rules: PolicyRule[]): ClusterRole => ({
  ...role('view', { add: 'yes' }, rules),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { add: 'yes' } }] },
});

const bodyOf = (snapshot: Parameters<typeof reconcile>[0]): unknown => {
  const [action] = reconcile(snapshot).actions;
  return action?.type === 'patch' ? action.body : undefined;
};

const a = role('a', { add: 'yes' }, [rule('pods'), rule('services')]);
const b = role('b', { add: 'yes' }, [rule('services'), rule('nodes')]);
const other = role('other', { add: 'no' }, [rule('secrets')]);

test('aggregation collects the rules of the selected roles by name, each once, and none of its own', () => {
  const view = collecting([rule('configmaps')]);
  assert.deepEqual(bodyOf({ role: view, others: [view, b, other, a] }), {
    metadata: { resourceVersion: '7' },
    rules: [rule('pods'), rule('services'), rule('nodes')],
  });
});

test('aggregation does nothing where the rules are right', () => {
  const view = collecting([rule('pods'), rule('services')]);
  assert.deepEqual(reconcile({ role: view, others: [view, a, other] }).actions, []);
});

test('aggregation leaves no rule behind when the last role goes', () => {
  const view = collecting([rule('pods')]);
  assert.deepEqual(bodyOf({ role: view, others: [view, other] }), {
    metadata: { resourceVersion: '7' },
    rules: [],
  });
});
