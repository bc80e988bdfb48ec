/** What Kubernetes’ conformance tests ask of admission policies beside the lifecycle of their objects. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../../testing/eventually.js';
import { sharedCluster } from '../../lab/cluster.js';
import { type Answer, WireClient } from './wire-client.js';

const api = new WireClient(sharedCluster().kubeconfig);
const namespace = 'conformance-policies';
const registrations = '/apis/admissionregistration.k8s.io/v1';
const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
const matchConstraints = {
  namespaceSelector,
  resourceRules: [
    {
      apiGroups: ['apps'],
      apiVersions: ['v1'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['deployments'],
    },
  ],
};

/** Creates a Deployment, or a ReplicaSet, of this size; nothing stays. */
function create(replicas: number, resource = 'deployments'): Promise<Answer> {
  const labels = { app: 'web' };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'web', image: 'web:v1' }] },
  };
  return api.post(`/apis/apps/v1/namespaces/${namespace}/${resource}?dryRun=All`, {
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
}

/** A policy and the binding that puts it in force, while `use` lasts. */
async function withPolicy(
  type: 'validating' | 'mutating',
  { spec, binding = {} }: { readonly spec: object; readonly binding?: object },
  use: (path: string) => Promise<void>,
): Promise<void> {
  const metadata = { name: 'conformance.policy.example' };
  const policies = `${registrations}/${type}admissionpolicies`;
  const bindings = `${registrations}/${type}admissionpolicybindings`;
  const bound = { policyName: metadata.name, matchResources: { namespaceSelector }, ...binding };
  (await api.post(policies, { metadata, spec: { matchConstraints, ...spec } })).expect(201);
  (await api.post(bindings, { metadata, spec: bound })).expect(201);
  try {
    await use(`${policies}/${metadata.name}`);
  } finally {
    (await api.delete(`${bindings}/${metadata.name}`)).expect(200);
    (await api.delete(`${policies}/${metadata.name}`)).expect(200);
  }
}

before(async () => {
  (await api.post('/api/v1/namespaces', { metadata: { name: namespace } })).expect(201);
});
after(async () => {
  await api.delete(`/api/v1/namespaces/${namespace}`);
  api.close();
});

test('a validating policy refuses a Deployment by its expression, and nothing else', () =>
  withPolicy(
    'validating',
    {
      spec: {
        validations: [
          {
            expression: 'object.spec.replicas > 1',
            messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
          },
        ],
      },
      binding: { validationActions: ['Deny'] },
    },
    async () => {
      await eventually(async () => {
        const refused = (await create(1)).refuses(
          422,
          /failed expression: object\.spec\.replicas > 1/,
        );
        assert.equal(refused.at('reason'), 'Invalid');
      });
      (await create(2)).expect(201);
      (await create(1, 'replicasets')).expect(201);
    },
  ));

test('the status of a validating policy warns of expressions whose types are wrong', async () => {
  const warningsOf = async (path: string): Promise<readonly object[]> =>
    eventually(async () => {
      const checked = (await api.get(path)).at('status.typeChecking');
      assert.ok(checked, 'the types have not been checked');
      const { expressionWarnings = [] } = checked as { expressionWarnings?: readonly object[] };
      return expressionWarnings;
    });
  const binding = { validationActions: ['Deny'] };
  const right = [{ expression: 'object.spec.replicas > 1' }];
  await withPolicy('validating', { spec: { validations: right }, binding }, async (path) => {
    assert.deepEqual(await warningsOf(path), []);
  });
  const wrong = [
    {
      expression: "object.spec.replicas > '1'",
      messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
    },
  ];
  await withPolicy('validating', { spec: { validations: wrong }, binding }, async (path) => {
    const said = (await warningsOf(path)).map((warning) => JSON.stringify(warning));
    assert.equal(said.length, 2);
    assert.match(said[0] ?? '', /"spec\.validations\[0\]\.expression"/);
    assert.match(said[0] ?? '', /no matching overload for '_>_' applied to '\(int, string\)'/);
    assert.match(said[1] ?? '', /"spec\.validations\[0\]\.messageExpression"/);
    assert.match(said[1] ?? '', /no matching overload for '_\+_' applied to '\(string, int\)'/);
  });
});

test('a mutating policy adds annotations to a Deployment', () =>
  withPolicy(
    'mutating',
    {
      spec: {
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression:
                'Object{metadata: Object.metadata{annotations: {"changed-by": "policy"}}}',
            },
          },
        ],
      },
    },
    () =>
      eventually(async () => {
        const created = (await create(2)).expect(201);
        assert.equal(created.at('metadata.annotations.changed-by'), 'policy');
      }),
  ));
