import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { suggestedFlowSchemas } from '../../../api/flowcontrol/v1/bootstrap-objects.js';
import { flowSchemas } from '../../../api/flowcontrol/v1/flow-schema.js';
import { mandatoryObjects, storedForm } from '../../open-fairness.js';
import { resourceRequestOf } from '../request-info.js';
import { Classifier, flowOf } from './classification.js';
import { handOf } from './shuffle-sharding.js';

const { exempt, catchAll } = mandatoryObjects().schemas;
const suggested = suggestedFlowSchemas.map((made) => storedForm(flowSchemas, made));
const classifier = new Classifier([...suggested, catchAll, exempt], catchAll);

const accounts = ['system:serviceaccounts', 'system:authenticated'];
const cases = [
  ['admin', ['system:masters'], 'GET', '/api/v1/pods', 'exempt', 'none'],
  ['system:anonymous', ['system:unauthenticated'], 'GET', '/readyz', 'probes', 'none'],
  ['system:node:a', ['system:nodes'], 'PUT', '/api/v1/nodes/a/status', 'system-node-high', 'user'],
  ['system:node:a', ['system:nodes'], 'GET', '/api/v1/pods', 'system-nodes', 'user'],
  [
    'system:kube-scheduler',
    [],
    'PUT',
    '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/s',
    'system-leader-election',
    'user',
  ],
  [
    'system:kube-scheduler',
    [],
    'GET',
    '/api/v1/namespaces/team/pods',
    'kube-scheduler',
    'namespace',
  ],
  [
    'system:serviceaccount:kube-system:x',
    accounts,
    'GET',
    '/api/v1/namespaces/a/pods',
    'kube-system-service-accounts',
    'namespace',
  ],
  [
    'system:serviceaccount:team:x',
    accounts,
    'GET',
    '/api/v1/namespaces/a/pods',
    'service-accounts',
    'user',
  ],
  ['joe', ['system:authenticated'], 'GET', '/version', 'global-default', 'user'],
  ['joe', [], 'GET', '/version', 'catch-all', 'user'],
] as const;

for (const [username, groups, method, path, wanted, by] of cases) {
  test(`${method} ${path} by ${username} belongs to ${wanted}`, () => {
    const target = resourceRequestOf(method, path, new URLSearchParams());
    const verb = target?.verb ?? method.toLowerCase();
    const request = { user: { username, groups }, verb, path, target };
    const schema = classifier.schemaOf(request);
    assert.equal(schema.metadata.name, wanted);
    const flow = { none: '', user: username, namespace: target?.namespace ?? '' }[by];
    assert.equal(flowOf(schema, request), flow);
  });
}

test('every flow is dealt a hand of different queues, always the same', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 128 }),
      fc.integer({ min: 1, max: 8 }),
      (flow, queues, size) => {
        const hand = handOf(flow, queues, size);
        assert.equal(new Set(hand).size, Math.min(queues, size));
        assert.ok(hand.every((card) => card >= 0 && card < queues));
        assert.deepEqual(handOf(flow, queues, size), hand);
      },
    ),
  );
});
