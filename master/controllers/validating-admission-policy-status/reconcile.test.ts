import assert from 'node:assert/strict';
import test from 'node:test';
import type { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types.js';
import { builtInResources } from '../../../api/resources.js';
import { reconcile } from './reconcile.js';

const policy = (spec: object, status: object = {}): ValidatingAdmissionPolicy =>
  ({
    metadata: { name: 'p', generation: 2 },
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            operations: ['*'],
            resources: ['deployments'],
          },
        ],
      },
      ...spec,
    },
    status,
  }) as unknown as ValidatingAdmissionPolicy;

const statusAfter = (object: ValidatingAdmissionPolicy) => {
  const [action] = reconcile(object, builtInResources).actions;
  assert.equal(action?.type, 'updateStatus');
  return (action.object as ValidatingAdmissionPolicy).status;
};

test('a field that the kind does not have is told of in the status', () => {
  const { observedGeneration, typeChecking } = statusAfter(
    policy({
      variables: [{ name: 'count', expression: 'object.spec.replicas' }],
      validations: [
        { expression: 'object.spec.replicaz < 5' },
        { expression: 'variables.count < 5 && object.metadata.labels.size() > 0' },
        { expression: 'variables.count.startsWith("x")' },
      ],
    }),
  );
  assert.equal(observedGeneration, 2);
  assert.deepEqual(
    typeChecking?.expressionWarnings?.map(({ fieldRef }) => fieldRef),
    ['spec.validations[0].expression', 'spec.validations[2].expression'],
  );
  assert.match(
    typeChecking.expressionWarnings[0]?.warning ?? '',
    /^apps\/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'/,
  );
});

test('a policy whose generation has been checked is left alone; nothing wrong is said too', () => {
  const right = { validations: [{ expression: 'object.spec.replicas < 5' }] };
  assert.deepEqual(statusAfter(policy(right)), { observedGeneration: 2, typeChecking: {} });
  assert.deepEqual(
    reconcile(policy(right, { observedGeneration: 2 }), builtInResources).actions,
    [],
  );
});
