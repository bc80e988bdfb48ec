import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '../../api/admissionregistration/v1/validating-admission-policy.js';
import { tokenReviews } from '../../api/authentication/v1/token-review.js';
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
} from '../../api/authorization/v1/access-review.js';
import { bindings } from '../../api/core/v1/binding.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import { serviceAccounts } from '../../api/core/v1/service-account.js';
import { Api, mediaTypes } from './api-fixture.test.js';

const api = new Api();

/** Says what it was asked about, and refuses it where it is marked. */
const policy = {
  matchConstraints: {
    resourceRules: [
      { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] },
    ],
  },
  matchConditions: [
    {
      name: 'marked',
      expression:
        "request.userInfo.username == 'admin' && (object == null || 'mark' in object.metadata.?labels.orValue({}) || object.?spec.?resourceAttributes.?verb.orValue('') == 'mark')",
    },
  ],
  validations: [
    {
      expression: 'false',
      messageExpression:
        "request.operation + ' ' + request.resource.resource + '/' + request.subResource + ' ' + request.kind.kind + ' <' + request.namespace + '/' + request.name + '> ' + request.options.kind",
    },
  ],
};

before(async () => {
  await api.start();
  await api.post(serviceAccounts, { metadata: { name: 'a' } });
  await api.post(configMaps, { metadata: { name: 'a' } });
  await api.post(validatingAdmissionPolicies, { metadata: { name: 'p' }, spec: policy });
  const spec = { policyName: 'p', validationActions: ['Deny'] };
  await api.post(validatingAdmissionPolicyBindings, { metadata: { name: 'p' }, spec });
});

const labels = { mark: 'yes' };
const marked = { metadata: { name: 'a', labels } };

const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'CREATE serviceaccounts/token TokenRequest <n/a> CreateOptions',
    () => api.postPart(serviceAccounts, { subresource: 'token', body: { ...marked, spec: {} } }),
  ],
  [
    'CREATE bindings/ Binding <n/a> CreateOptions',
    () => api.post(bindings, { ...marked, target: { name: 'x' } }),
  ],
  [
    'UPDATE configmaps/ ConfigMap <n/a> UpdateOptions',
    () => api.patch(configMaps, { type: mediaTypes.merge, body: { metadata: { labels } } }),
  ],
  ['CREATE configmaps/ ConfigMap <n/a> CreateOptions', () => api.post(configMaps, marked)],
  ['DELETE configmaps/ ConfigMap <n/> DeleteOptions', () => api.deleteAll(configMaps)],
];

for (const [said, ask] of cases) {
  test(`admission is asked about ${said}`, async () => {
    await assert.rejects(ask(), (error: Error) => error.message.endsWith(`request: ${said}`));
  });
}

test('a node gets no token that is not bound to a pod of its own', async () => {
  const user = { username: 'system:node:x', groups: ['system:nodes', 'system:authenticated'] };
  const call = { subresource: 'token', body: { spec: {} }, user };
  await assert.rejects(api.postPart(serviceAccounts, call), /node requested token not bound/);
});

test('no policy keeps anybody from asking who somebody is and what they may do', async () => {
  await api.post(tokenReviews, { ...marked, spec: { token: 't' } });
  const resourceAttributes = { verb: 'mark', resource: 'pods', namespace: 'n' };
  await api.post(selfSubjectAccessReviews, { metadata: {}, spec: { resourceAttributes } });
  const spec = { user: 'u', resourceAttributes };
  await api.post(localSubjectAccessReviews, { metadata: {}, spec });
});
