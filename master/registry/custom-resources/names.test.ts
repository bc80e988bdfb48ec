import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.js';
import { namedStatus } from './names.js';

const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
const now = '2024-01-01T00:00:00Z';

const definition = (change: object, metadata: object = {}): CustomResourceDefinition =>
  ({
    metadata: { name: 'widgets.e.com', ...metadata },
    spec: { group: 'e.com', scope: 'Cluster', names, versions: [], ...change },
    status: {},
  }) as unknown as CustomResourceDefinition;

const conditionsOf = (
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[] = [],
) =>
  (namedStatus({ crd, others, builtIn: [], now }).conditions ?? []).map(
    ({ type, status, reason, message }) => [type, status, reason, message],
  );

test('several names that are taken are all told', () => {
  const other = definition({});
  other.status.acceptedNames = { ...names, shortNames: ['w', 'wd'] };
  const crd = definition({
    names: {
      plural: 'x',
      singular: 'y',
      kind: 'X',
      listKind: 'XList',
      shortNames: ['w', 'wd', 'x'],
    },
  });
  assert.deepEqual(conditionsOf(crd, [other])[0], [
    'NamesAccepted',
    'False',
    'ShortNamesConflict',
    '["w" is already in use, "wd" is already in use]',
  ]);
});

test('names a definition has already are no clash', () => {
  const other = definition({});
  other.status.acceptedNames = names;
  const crd = definition({});
  crd.status.acceptedNames = names;
  assert.deepEqual(conditionsOf(crd, [other])[0]?.[2], 'NoConflicts');
});

test('a definition whose webhook cannot be trusted is not established', () => {
  const withBundle = (caBundle: string) =>
    definition({
      conversion: {
        strategy: 'Webhook',
        webhook: {
          clientConfig: { url: 'https://e.com', caBundle },
          conversionReviewVersions: ['v1'],
        },
      },
    });
  assert.deepEqual(conditionsOf(withBundle('cGxhY2Vob2xkZXI='))[1], [
    'Established',
    'False',
    'InvalidCABundle',
    'spec.conversion.webhookClientConfig.caBundle: Invalid value: "cGxhY2Vob2xkZXI=": unable to load root certificates: data does not contain any valid RSA or ECDSA certificates',
  ]);
  assert.equal(conditionsOf(withBundle(''))[1]?.[1], 'True');
});

test('definitions in groups of the Kubernetes project say whether it agreed', () => {
  const approvedBy = (approval: string | undefined) =>
    conditionsOf(
      definition(
        { group: 'e.k8s.io' },
        approval === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': approval } },
      ),
    )[2]?.slice(1);
  const wanted = 'protected groups must have approval annotation "api-approved.kubernetes.io"';
  const help = 'see https://github.com/kubernetes/enhancements/pull/1111';
  assert.deepEqual(approvedBy('https://e.com/1'), [
    'True',
    'ApprovedAnnotation',
    'approved in https://e.com/1',
  ]);
  assert.deepEqual(approvedBy('unapproved, a test'), [
    'False',
    'UnapprovedAnnotation',
    'not approved: "unapproved, a test"',
  ]);
  assert.deepEqual(approvedBy(undefined), ['False', 'MissingAnnotation', `${wanted}, ${help}`]);
  assert.deepEqual(approvedBy('maybe'), [
    'False',
    'InvalidAnnotation',
    `${wanted} with either a URL or a reason starting with "unapproved", ${help}`,
  ]);
  assert.equal(conditionsOf(definition({})).length, 2);
});
