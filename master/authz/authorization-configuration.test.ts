import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import {
  AuthorizationConfigurationError,
  parseAuthorizationConfiguration,
} from './authorization-configuration.js';

const webhook = {
  timeout: '3s',
  subjectAccessReviewVersion: 'v1',
  matchConditionSubjectAccessReviewVersion: 'v1',
  failurePolicy: 'Deny',
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/etc/webhook.conf' },
};
const asking = (more: object = {}) => ({
  type: 'Webhook',
  name: 'asks',
  webhook: { ...webhook, ...more },
});
const node = { type: 'Node', name: 'node' };

const fileOf = (authorizers: readonly object[], more: object = {}): string =>
  stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthorizationConfiguration',
    authorizers,
    ...more,
  });

test('authorization configuration gives authorisers in order, with defaults', () => {
  const [first, second, ...others] = parseAuthorizationConfiguration(
    fileOf([asking({ unauthorizedTTL: '1ns', cacheAuthorizedRequests: false }), node]),
  );
  assert.deepEqual(first, {
    type: 'Webhook',
    name: 'asks',
    webhook: {
      kubeconfigFile: '/etc/webhook.conf',
      version: 'v1',
      timeoutMs: 3000,
      failurePolicy: 'Deny',
      allowedCacheMs: 0,
      otherCacheMs: 1e-6,
      conditions: [],
    },
  });
  assert.deepEqual(second, node);
  assert.deepEqual(others, []);
});

test('authorization configuration takes a time of zero for the default', () => {
  const [first] = parseAuthorizationConfiguration(
    fileOf([asking({ authorizedTTL: '0s', unauthorizedTTL: '0s' })]),
  );
  assert.ok(first?.type === 'Webhook');
  assert.equal(first.webhook.allowedCacheMs, 300_000);
  assert.equal(first.webhook.otherCacheMs, 30_000);
});

const connection = webhook.connectionInfo;
const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['no authoriser', fileOf([]), /there must be one at least/],
  ['an unknown type', fileOf([{ type: 'Guess', name: 'x' }]), /it must be one of AlwaysAllow/],
  ['an unknown field', fileOf([node], { extra: 1 }), /extra/],
  ['a name that is none', fileOf([{ type: 'Node', name: 'No de' }]), /it must be a DNS name/],
  ['a name twice', fileOf([node, { type: 'RBAC', name: 'node' }]), /each name may be there once/],
  ['a type twice', fileOf([node, { type: 'Node', name: 'b' }]), /each type but Webhook/],
  ['no webhook', fileOf([{ type: 'Webhook', name: 'x' }]), /webhook is for the type Webhook/],
  ['a webhook for another', fileOf([{ ...node, webhook }]), /webhook is for the type Webhook/],
  ['too long a timeout', fileOf([asking({ timeout: '31s' })]), /at most 30s/],
  ['no failure policy', fileOf([asking({ failurePolicy: undefined })]), /Deny or NoOpinion/],
  ['another version', fileOf([asking({ subjectAccessReviewVersion: 'v2' })]), /v1 or v1beta1/],
  [
    'a relative path',
    fileOf([asking({ connectionInfo: { ...connection, kubeConfigFile: 'x' } })]),
    /absolute path/,
  ],
  [
    'a connection of pods',
    fileOf([asking({ connectionInfo: { type: 'InClusterConfig' } })]),
    /runs in no pod/,
  ],
  [
    'a condition that does not compile',
    fileOf([asking({ matchConditions: [{ expression: 'request.usr == "x"' }] })]),
    /authorizers\.0\.webhook\.matchConditions: .*undefined field 'usr'/,
  ],
  [
    'a condition that is no yes or no',
    fileOf([asking({ matchConditions: [{ expression: 'request.user' }] })]),
    /bool/,
  ],
  [
    'conditions without their version',
    fileOf([
      asking({
        matchConditionSubjectAccessReviewVersion: undefined,
        matchConditions: [{ expression: 'true' }],
      }),
    ]),
    /need matchConditionSubjectAccessReviewVersion/,
  ],
  [
    'a condition twice',
    fileOf([asking({ matchConditions: [{ expression: 'true' }, { expression: 'true' }] })]),
    /may be there once/,
  ],
];

for (const [what, file, message] of wrong) {
  test(`authorization configuration refuses ${what}`, () => {
    assert.throws(
      () => parseAuthorizationConfiguration(file),
      (error) => error instanceof AuthorizationConfigurationError && message.test(error.message),
    );
  });
}
