import assert from 'node:assert/strict';
import test from 'node:test';
import { podWith, readerOf, requestOf, resourceNamed } from './fixtures.test.js';
import {
  isAdmissionConfiguration,
  ruleMatches,
  selectorsFrom,
  selectorsMatch,
} from './rule-matching.js';
import type { MatchRule } from './rule-matching.js';

const rule = (change: MatchRule = {}): MatchRule => ({
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
  scope: '*',
  ...change,
});

test('a rule means operations, groups, versions, resources, subresources and a scope', () => {
  const pod = requestOf({ object: podWith() });
  const exec = requestOf({ object: podWith(), subresource: 'exec', operation: 'CONNECT' });
  const node = requestOf({
    resource: resourceNamed('', 'nodes', 'Cluster'),
    namespace: '',
    object: { metadata: { name: 'x' } },
  });
  const cases: readonly (readonly [MatchRule, typeof pod, boolean])[] = [
    [{}, pod, true],
    [{ operations: ['*'] }, pod, true],
    [{ operations: ['UPDATE'] }, pod, false],
    [{ apiGroups: ['apps'] }, pod, false],
    [{ apiVersions: ['*'], apiGroups: ['*'], resources: ['*'] }, pod, true],
    [{ resources: ['*/*'] }, pod, true],
    [{ resources: ['pods/*'] }, pod, true],
    [{ resources: ['pods/log'] }, pod, false],
    [{ resources: ['pods'], operations: ['*'] }, exec, false],
    [{ resources: ['*/exec'], operations: ['CONNECT'] }, exec, true],
    [{ scope: 'Namespaced' }, pod, true],
    [{ scope: 'Cluster' }, pod, false],
    [{ scope: 'Cluster', resources: ['nodes'] }, node, true],
    [{ scope: 'Namespaced', resources: ['nodes'] }, node, false],
    [{ resourceNames: ['p'] }, pod, true],
    [{ resourceNames: ['q'] }, pod, false],
  ];
  for (const [change, attributes, expected] of cases) {
    const found = ruleMatches(rule(change), attributes.resource, attributes);
    assert.equal(found, expected, JSON.stringify(change));
  }
});

test('selectors look at the namespace, and at the old and the new object', () => {
  const reader = readerOf([
    { group: '', plural: 'namespaces', object: { metadata: { name: 'n', labels: { a: '1' } } } },
  ]);
  const labelled = podWith({}, { labels: { b: '2' } });
  const match = (namespace: object, object: object, attributes = requestOf({ object: labelled })) =>
    selectorsMatch(
      selectorsFrom({ matchLabels: { ...namespace } }, { matchLabels: { ...object } }),
      attributes,
      reader,
    );
  assert.equal(match({ a: '1' }, { b: '2' }), true);
  assert.equal(match({ a: '2' }, {}), false);
  assert.equal(match({}, { b: '3' }), false);
  const gone = requestOf({ operation: 'DELETE', stored: labelled });
  assert.equal(match({}, { b: '2' }, gone), true);
  const cluster = requestOf({
    resource: resourceNamed('', 'nodes', 'Cluster'),
    namespace: '',
    object: { metadata: { name: 'x' } },
  });
  assert.equal(match({ a: '9' }, {}, cluster), true);
  const itself = requestOf({
    resource: resourceNamed('', 'namespaces', 'Cluster'),
    namespace: '',
    object: { metadata: { name: 'new', labels: { a: '1' } } },
  });
  assert.equal(match({ a: '1' }, {}, itself), true);
});

test('what configures admission is not subject to it', () => {
  const group = 'admissionregistration.k8s.io';
  const target = { group, version: 'v1', plural: 'validatingwebhookconfigurations' };
  assert.equal(isAdmissionConfiguration(target), true);
  assert.equal(isAdmissionConfiguration({ ...target, group: '' }), false);
});
