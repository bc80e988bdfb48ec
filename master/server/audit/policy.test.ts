import assert from 'node:assert/strict';
import test from 'node:test';
import { resourceRequestOf } from '../request-info.js';
import { AuditPolicyError, auditDecider, parseAuditPolicy } from './policy.js';

const policy = parseAuditPolicy(`
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [system:kube-scheduler]
- level: None
  userGroups: [system:nodes]
  verbs: [get]
  resources: [{group: "", resources: [nodes, nodes/status]}]
- level: None
  nonResourceURLs: [/healthz*, /version]
- level: Metadata
  resources: [{group: "", resources: [secrets, "*/token"]}]
  omitStages: [ResponseStarted]
- level: Request
  namespaces: [team]
  resources: [{group: apps}, {group: "", resources: [pods/*], resourceNames: [web]}]
- level: RequestResponse
  resources: [{group: "", resources: [configmaps]}]
  omitManagedFields: true
- level: Metadata
  users: [jane]
`);
const decide = auditDecider(policy);

const cases = [
  ['GET', '/api/v1/pods', 'system:kube-scheduler', [], 'None'],
  ['GET', '/api/v1/nodes/a/status', 'system:node:a', ['system:nodes'], 'None'],
  ['PUT', '/api/v1/nodes/a/status', 'system:node:a', ['system:nodes'], 'None'],
  ['GET', '/healthz/etcd', 'jane', [], 'None'],
  ['GET', '/readyz', 'jane', [], 'Metadata'],
  ['GET', '/api/v1/namespaces/x/secrets/s', 'joe', [], 'Metadata'],
  ['POST', '/api/v1/namespaces/x/serviceaccounts/s/token', 'joe', [], 'Metadata'],
  ['POST', '/apis/apps/v1/namespaces/team/deployments', 'joe', [], 'Request'],
  ['POST', '/apis/apps/v1/namespaces/other/deployments', 'joe', [], 'None'],
  ['GET', '/api/v1/namespaces/team/pods/web/log', 'joe', [], 'Request'],
  ['GET', '/api/v1/namespaces/team/pods/web', 'joe', [], 'Request'],
  ['GET', '/api/v1/namespaces/team/pods/db/log', 'joe', [], 'None'],
  ['GET', '/api/v1/configmaps', 'joe', [], 'RequestResponse'],
] as const;

for (const [method, path, username, groups, level] of cases) {
  test(`audit policy records ${method} ${path} by ${username} at level ${level}`, () => {
    const target = resourceRequestOf(method, path, new URLSearchParams());
    const verb = target?.verb ?? method.toLowerCase();
    assert.equal(decide({ user: { username, groups }, verb, path, target }).level, level);
  });
}

test('audit policy leaves out the stages of the policy and of the rule', () => {
  const path = '/api/v1/secrets';
  const target = resourceRequestOf('GET', path, new URLSearchParams());
  const decision = decide({ user: undefined, verb: 'list', path, target });
  assert.deepEqual([...decision.omitStages], ['RequestReceived', 'ResponseStarted']);
  assert.equal(decision.omitManagedFields, false);
});

const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const wrong = [
  ['rules: [', /flow/i],
  [`${head}rules: []`, /rules: a policy needs a rule/],
  [`${head}rules: [{level: All}]`, /rules\.0\.level: /],
  [`${head}rules: [{level: None, verb: [get]}]`, /rules\.0: .*verb/],
  [`${head}rules: [{level: None, namespaces: [a], nonResourceURLs: [/x]}]`, /cannot apply to both/],
  [`${head}rules: [{level: None, nonResourceURLs: [healthz]}]`, /must begin with a '\/'/],
  [`${head}rules: [{level: None, nonResourceURLs: ["/a*b"]}]`, /must be the final character/],
  [`${head}rules: [{level: None, nonResourceURLs: ["/**"]}]`, /must be the final character/],
  [`${head}rules: [{level: None, resources: [{group: rbac/v1}]}]`, /group: .*without its version/],
  [`${head}rules: [{level: None, resources: [{resourceNames: [a]}]}]`, /at least one resource/],
  ['kind: Policy\nrules: [{level: None}]', /apiVersion/],
] as const;

for (const [text, why] of wrong) {
  test(`audit policy is refused with ${String(why)}`, () => {
    assert.throws(
      () => parseAuditPolicy(text),
      (error) => error instanceof AuditPolicyError && why.test(error.message),
    );
  });
}
