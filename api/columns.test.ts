/** What `kubectl get` shows of every kind, as Kubernetes 1.36 does: the columns, and cells that are easily got wrong. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { mutatingAdmissionPolicyBindings } from './admissionregistration/v1/mutating-admission-policy.js';
import { storageVersions } from './apiserverinternal/v1alpha1/storage-version.js';
import { scales } from './autoscaling/v1/scale.js';
import { events } from './core/v1/event.js';
import { pods } from './core/v1/pod/pod.js';
import { resourceQuotas } from './core/v1/resource-quota.js';
import { endpointSlices } from './discovery/v1/endpoint-slice.js';
import { flowSchemas } from './flowcontrol/v1/flow-schema.js';
import { priorityLevelConfigurations } from './flowcontrol/v1/priority-level-configuration.js';
import { ingresses } from './networking/v1/ingress.js';
import { preReleaseResources } from './pre-release-resources.js';
import { deviceTaintRules } from './resource/v1beta2/device-taint-rule.js';
import { builtInResources, erased } from './resources.js';
import type { KubeObject } from './meta/v1/types.js';
import type { ResourceDefinition } from './schema/resource.js';
import { storageVersionMigrations } from './storagemigration/v1beta1/storage-version-migration.js';
import { volumeAttributesClasses } from './storage/v1/volume-attributes-class.js';
import { assertGolden } from '../testing/golden.js';

test('every kind has the columns that kubectl users know', () => {
  const kinds = [...builtInResources, ...preReleaseResources, erased(scales)];
  const lines = kinds
    .filter(({ verbs }) => verbs.includes('get'))
    .flatMap(({ apiVersion, kind, columns = [] }) => [
      `${apiVersion} ${kind}`,
      ...columns.map(
        ({ name, type, format, priority }) =>
          `  ${name}: ${type}${format === undefined ? '' : ` (${format})`}${priority === 0 ? '' : ' wide'}`,
      ),
    ]);
  assertGolden(import.meta.url, 'columns.golden.txt', `${lines.join('\n')}\n`);
});

const now = Date.parse('2026-01-01T00:01:00Z');
const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };

function cellsOf(resource: ResourceDefinition, object: object): Record<string, unknown> {
  const whole = { metadata, ...object } as KubeObject;
  return Object.fromEntries(
    (resource.columns ?? []).map(({ name, cell }) => [name, cell(whole, now)]),
  );
}

const rules = (...hosts: readonly string[]) => ({
  spec: { rules: hosts.map((host) => (host === '' ? {} : { host })) },
  status: {},
});
const binding = (paramRef: object) => ({ spec: { policyName: 'p', paramRef } });
const servers = (...names: readonly string[]) => ({
  status: {
    storageVersions: names.map((name) => ({ apiServerID: name, encodingVersion: 'v1' })),
  },
});

const cells: readonly [
  about: string,
  resource: ResourceDefinition,
  object: object,
  expected: Readonly<Record<string, unknown>>,
][] = [
  ['hosts', erased(ingresses), rules('a', 'b', 'c'), { Hosts: 'a,b,c' }],
  ['a rule for any host', erased(ingresses), rules(''), { Hosts: '*' }],
  ['more rules', erased(ingresses), rules('a', '', 'b', 'c', ''), { Hosts: 'a,b,c + 2 more...' }],
  ['a gap among hosts', erased(ingresses), rules('a', '', 'b', 'c'), { Hosts: 'a,b,c' }],
  [
    'parameters by name',
    erased(mutatingAdmissionPolicyBindings),
    binding({ name: 'x' }),
    { PolicyName: 'p', ParamRef: '*/x' },
  ],
  [
    'parameters of a namespace',
    erased(mutatingAdmissionPolicyBindings),
    binding({ name: 'x', namespace: 'n' }),
    { ParamRef: 'n/x' },
  ],
  [
    'parameters by label',
    erased(mutatingAdmissionPolicyBindings),
    binding({
      selector: {
        matchLabels: { b: '2', a: '1' },
        matchExpressions: [{ key: 'c', operator: 'In', values: ['3', '4'] }],
      },
    }),
    {
      ParamRef:
        '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[3 4],},},}',
    },
  ],
  ['servers', erased(storageVersions), servers('a', 'b'), { StorageVersions: 'a=v1,b=v1' }],
  [
    'many servers',
    erased(storageVersions),
    servers('a', 'b', 'c', 'd'),
    { StorageVersions: 'a=v1,b=v1,c=v1 + 1 more...' },
  ],
  [
    'a taint',
    erased(deviceTaintRules),
    {
      spec: { taint: { key: 'k', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:30Z' } },
    },
    { Name: 'a', Key: 'k', Value: '', Effect: 'NoSchedule', TimeAdded: '30s', Age: '60s' },
  ],
  [
    'a resource of the core group',
    erased(storageVersionMigrations),
    { spec: { resource: { group: '', resource: 'pods' } } },
    { Resource: 'pods.' },
  ],
  [
    'a precedence',
    erased(flowSchemas),
    { spec: { matchingPrecedence: 7, priorityLevelConfiguration: { name: 'l' } }, status: {} },
    { MatchingPrecedence: 7, DistinguisherMethod: '<none>', MissingPL: '?' },
  ],
  [
    'a level with queues',
    erased(priorityLevelConfigurations),
    {
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 30,
          limitResponse: { queuing: { queues: 64, handSize: 6, queueLengthLimit: 50 } },
        },
      },
    },
    { NominalConcurrencyShares: 30, Queues: 64, HandSize: 6, QueueLengthLimit: 50 },
  ],
  [
    'a port without a number',
    erased(endpointSlices),
    { addressType: 'IPv4', endpoints: [], ports: [{ name: '' }] },
    { Ports: '<unset>', Endpoints: '<unset>' },
  ],
  [
    'resources that only begin like limits',
    erased(resourceQuotas),
    { status: { hard: { 'limits.cpu': '1', 'limits-of.example.com/x': '2' } } },
    { Request: 'limits-of.example.com/x: 0/2', Limit: 'limits.cpu: 0/1' },
  ],
  [
    'a default class',
    erased(volumeAttributesClasses),
    {
      metadata: {
        ...metadata,
        annotations: { 'volumeattributesclass.alpha.kubernetes.io/is-default-class': 'true' },
      },
    },
    { Name: 'a' },
  ],
  [
    'an event with two times',
    erased(events),
    { firstTimestamp: '2026-01-01T00:00:20Z', eventTime: '2026-01-01T00:00:50Z', count: 0 },
    { 'Last Seen': '40s', 'First Seen': '40s', Count: 1 },
  ],
  [
    'an event of a series',
    erased(events),
    {
      lastTimestamp: '2026-01-01T00:00:20Z',
      series: { count: 4, lastObservedTime: '2026-01-01T00:00:55.000000Z' },
    },
    { 'Last Seen': '5s', Count: 4 },
  ],
  [
    'a scale',
    erased(scales),
    { spec: { replicas: 3 }, status: { replicas: 2 } },
    { Name: 'a', Desired: 3, Available: 2, Age: '60s' },
  ],
];

for (const [about, resource, object, expected] of cells) {
  test(`the cells of a ${resource.kind} show ${about}`, () => {
    const all = cellsOf(resource, object);
    const shown = Object.fromEntries(Object.keys(expected).map((name) => [name, all[name]]));
    assert.deepEqual(shown, expected);
  });
}

test('a pod that has ended is marked as done with', () => {
  const completionOf = (phase: string) =>
    erased(pods).completion?.({ metadata, spec: {}, status: { phase } } as unknown as KubeObject);
  assert.equal(completionOf('Running'), undefined);
  assert.deepEqual(completionOf('Failed'), { reason: 'Failed', message: 'The pod failed.' });
  assert.equal(completionOf('Succeeded')?.message, 'The pod has completed successfully.');
});

test('FlowSchemas are listed in the order they are tried', () => {
  const schema = (name: string, matchingPrecedence: number) =>
    ({ metadata: { name }, spec: { matchingPrecedence } }) as unknown as KubeObject;
  const all = [schema('b', 9), schema('a', 9), schema('z', 1)];
  const sorted = all.toSorted((a, b) => erased(flowSchemas).compareRows?.(a, b) ?? 0);
  assert.deepEqual(
    sorted.map(({ metadata: { name } }) => name),
    ['z', 'a', 'b'],
  );
});
