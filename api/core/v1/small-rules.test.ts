import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, storedAs } from '../../schema/drafts.test.js';
import type { KubeObject } from '../../meta/v1/types.js';
import type { ResourceDefinition } from '../../schema/resource.js';
import { endpoints } from './endpoints.js';
import { limitRanges } from './limit-range.js';
import { namespaces } from './namespace.js';
import { nodes } from './node.js';
import { persistentVolumeClaims } from './persistent-volume-claim.js';
import { persistentVolumes } from './persistent-volume.js';
import { podTemplates } from './pod-template.js';
import { resourceQuotas } from './resource-quota.js';
import { secrets } from './secret.js';
import type { Node, PersistentVolumeClaim } from './types.js';

const refused = <T extends KubeObject>(resource: ResourceDefinition<T>, fields: object) =>
  refusals(resource.validate(created(resource, fields)));

const encoded = (text: string): string => Buffer.from(text).toString('base64');

const secretCases: readonly (readonly [fields: object, expected: readonly string[]])[] = [
  [
    { type: 'kubernetes.io/basic-auth' },
    ['data[username]: Required value', 'data[password]: Required value'],
  ],
  [
    { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
    ['data[ssh-privatekey]: Required value'],
  ],
  [
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': encoded('[]') } },
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {…}',
    ],
  ],
  [
    { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': encoded('x') } },
    [
      'data[.dockercfg]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
    ],
  ],
  [
    { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': '' } },
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input',
    ],
  ],
];

test('Secrets are refused where and as Kubernetes does', () => {
  for (const [fields, expected] of secretCases) {
    assert.deepEqual(
      refused(secrets, fields).map((text) => text.replace('interface {}', 'interface {…}')),
      expected,
    );
  }
});

test('amounts of a LimitRange are shown as Kubernetes shows them', () => {
  const limits = [{ type: 'Container', min: { cpu: '2' }, default: { cpu: '1' } }];
  const found = refused(limitRanges, { spec: { limits } });
  assert.ok(
    found.includes(
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
    ),
    found.join('\n'),
  );
});

test('scopes of a quota are refused where and as Kubernetes does', () => {
  const exists = (scopeName: string) => ({ scopeName, operator: 'Exists' });
  const matchExpressions = [
    exists('Terminating'),
    exists('NotTerminating'),
    { scopeName: 'BestEffort', operator: 'In', values: ['x'] },
  ];
  assert.deepEqual(
    refused(resourceQuotas, { spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions } } }),
    [
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
      'spec.scopeSelector.matchExpressions: Invalid value: null: conflicting scopes',
    ],
  );
});

test('Endpoints that are stored may stay as they are', () => {
  const fields = { subsets: [{ addresses: [{ ip: '010.0.0.1' }], ports: [{ port: 1 }] }] };
  const stored = storedAs(created(endpoints, fields));
  assert.deepEqual(refusals(endpoints.validate(stored)), [
    'subsets[0].addresses[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
  ]);
  assert.deepEqual(endpoints.validate(stored, stored), []);
  const address = { ip: '127.0.0.1', nodeName: '' };
  const [name = '', loopback = ''] = refused(endpoints, { subsets: [{ addresses: [address] }] });
  assert.match(name, /^subsets\[0\]\.addresses\[0\]\.nodeName: Invalid value: ""/);
  assert.match(loopback, /^subsets\[0\]\.addresses\[0\]\.ip: .* loopback range/);
});

test('namespaces may have the finalizers of garbage collection', () => {
  const finalizers = ['orphan', 'other'];
  assert.deepEqual(refused(namespaces, { spec: { finalizers } }), [
    'spec.finalizers: Invalid value: "other": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});

const node = (fields: object): Node => created(nodes, { spec: {}, ...fields });

test('nodes are refused where and as Kubernetes does', () => {
  const draft = node({
    spec: { podCIDRs: ['10.0.0.0/24', '10.0.1.1/24', 'fd00::/64'] },
    status: {
      capacity: { pods: '1.5', memory: '-1' },
      declaredFeatures: ['B', 'A', 'A', 'c'],
    },
  });
  assert.deepEqual(
    refusals(nodes.validate(draft)).filter((text) => !text.includes('allocatable')),
    [
      'status.capacity.pods: Invalid value: "1500m": must be an integer',
      'status.capacity.memory: Invalid value: "-1": must be greater than or equal to 0',
      'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
      'status.declaredFeatures[2]: Duplicate value: "A"',
      'status.declaredFeatures[3]: Invalid value: "c": invalid feature name "c": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes',
      'spec.podCIDRs[1]: Invalid value: "10.0.1.1/24": must not have bits set beyond the prefix length',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.1/24","fd00::/64"]: may specify no more than one CIDR for each IP family',
    ],
  );
  const stored = node({ spec: { externalID: 'a' } });
  assert.deepEqual(refusals(nodes.validateUpdate?.(node({}), stored)), [
    'spec.externalID: Forbidden: may not be updated',
  ]);
  const old = node({ spec: { externalID: 'a', configSource: {} } });
  assert.deepEqual(nodes.strategy.warnings?.(old, undefined), [
    'spec.configSource: the feature is removed',
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
  ]);
});

const claim = (spec: object, fields: object = {}): PersistentVolumeClaim =>
  created(persistentVolumeClaims, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    ...fields,
  });

test('a claim gets the class that its annotation names, and no other', () => {
  const stored = storedAs(claim({}));
  stored.metadata.annotations = { 'volume.beta.kubernetes.io/storage-class': 'fast' };
  const update = (draft: PersistentVolumeClaim): string[] =>
    refusals(persistentVolumeClaims.validateUpdate?.(draft, stored)).map((text) =>
      text.replace(/\n[^]*/, ''),
    );
  const moved = changed(stored, { storageClassName: 'fast' });
  delete moved.metadata.annotations;
  assert.deepEqual(update(moved), []);
  assert.equal(update(changed(stored, { storageClassName: 'slow' })).length, 1);
  const renamed = structuredClone(stored);
  renamed.metadata.annotations = { 'volume.beta.kubernetes.io/storage-class': 'slow' };
  assert.deepEqual(update(renamed), [
    'metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "slow": field is immutable',
  ]);
});

test('a class of attributes that a volume has is only changed for another', () => {
  const stored = storedAs(claim({ volumeAttributesClassName: 'gold' }));
  stored.status = { phase: 'Bound', currentVolumeAttributesClassName: 'gold' };
  const update = (name: string | undefined): string[] =>
    refusals(
      persistentVolumeClaims.validateUpdate?.(
        changed(stored, { volumeAttributesClassName: name }),
        stored,
      ),
    );
  assert.deepEqual(update('silver'), []);
  assert.deepEqual(update(undefined), [
    'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
  ]);
  assert.deepEqual(update(''), [
    'spec.volumeAttributesClassName: Forbidden: update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil',
  ]);
});

test('the status of a claim is refused where and as Kubernetes does', () => {
  const draft = claim({});
  draft.status = {
    allocatedResources: { cpu: '1', storage: '-1' },
    allocatedResourceStatuses: { storage: 'Soon' },
  };
  assert.deepEqual(refusals(persistentVolumeClaims.validateStatusUpdate?.(draft, draft)), [
    'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity',
  ]);
});

test('the affinity of a volume only ever gets the new names of labels', () => {
  const affinity = (key: string) => ({
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' as const }] }] },
  });
  const stored = storedAs(
    created(persistentVolumes, {
      spec: { nodeAffinity: affinity('failure-domain.beta.kubernetes.io/zone') },
    }),
  );
  const update = (key: string): string[] =>
    refusals(
      persistentVolumes.validateUpdate?.(changed(stored, { nodeAffinity: affinity(key) }), stored),
    );
  assert.deepEqual(update('topology.kubernetes.io/zone'), []);
  assert.deepEqual(update('zone'), [
    'nodeAffinity: Invalid value: {…}: field is immutable, except for updating from beta label to GA',
  ]);
});

test('templates lose what is switched off in Kubernetes', () => {
  const spec = { containers: [], schedulingGroup: { podGroupName: 'g' } };
  assert.equal(
    created(podTemplates, { template: { spec } }).template?.spec?.schedulingGroup,
    undefined,
  );
});
