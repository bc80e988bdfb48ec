import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leases } from '../../coordination/v1/lease.js';
import { endpointSlices } from '../../discovery/v1/endpoint-slice.js';
import { coreEventFrom, eventFromCore } from '../../events/v1/conversion.js';
import type { ObjectMeta } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { configMaps } from './config-map.js';
import { endpoints } from './endpoints.js';
import { events } from './event.js';
import { namespaces } from './namespace.js';
import { nodes } from './node.js';
import { secrets } from './secret.js';
import type { ConfigMap, Event, Namespace, Node, Secret } from './types.js';

const now = Date.parse('2026-01-02T03:04:05Z');
const metadata = (): ObjectMeta => ({
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:03:05Z',
});
const summary = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, reason }) => `${field} ${reason}`);

const configMap = (parts: Partial<ConfigMap>): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata(),
  ...parts,
});

const secret = (parts: Partial<Secret>): Secret => {
  const draft: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: metadata(), ...parts };
  secrets.defaults?.(draft);
  return draft;
};

test('config map refuses bad keys, doubled keys and too much data', () => {
  assert.deepEqual(summary(configMaps.validate(configMap({ data: { 'a/b': 'x' } }))), [
    'data[a/b] FieldValueInvalid',
  ]);
  const doubled = configMap({ data: { a: 'x' }, binaryData: { a: 'AA==' } });
  assert.deepEqual(summary(configMaps.validate(doubled)), ['data[a] FieldValueInvalid']);
  const large = configMap({ data: { a: 'x'.repeat(1024 * 1024 + 1) } });
  assert.deepEqual(summary(configMaps.validate(large)), ['[] FieldValueTooLong']);
});

test('immutable config map and secret keep their entries and stay immutable', () => {
  const stored = configMap({ immutable: true, data: { a: 'b' } });
  const changed = configMap({ data: { a: 'c' }, binaryData: { z: 'AA==' } });
  assert.deepEqual(summary(configMaps.validateUpdate?.(changed, stored)), [
    'immutable FieldValueForbidden',
    'data FieldValueForbidden',
    'binaryData FieldValueForbidden',
  ]);
  const before = secret({ immutable: true, data: { a: 'Yg==' } });
  const after = secret({ immutable: true, stringData: { a: 'c' } });
  assert.deepEqual(summary(secrets.validateUpdate?.(after, before)), ['data FieldValueForbidden']);
});

test('secret moves its plain text into data and is opaque unless it says otherwise', () => {
  const draft = secret({ data: { b: 'AA==' }, stringData: { a: 'b' } });
  assert.deepEqual(draft.data, { b: 'AA==', a: 'Yg==' });
  assert.equal('stringData' in draft, false);
  assert.equal(draft.type, 'Opaque');
});

const secretTypes: readonly [NonNullable<Secret['type']>, string[]][] = [
  ['kubernetes.io/tls', ['data[tls.crt] FieldValueRequired', 'data[tls.key] FieldValueRequired']],
  ['kubernetes.io/dockercfg', ['data[.dockercfg] FieldValueRequired']],
  ['kubernetes.io/dockerconfigjson', ['data[.dockerconfigjson] FieldValueRequired']],
  ['kubernetes.io/ssh-auth', ['data[ssh-privatekey] FieldValueRequired']],
  [
    'kubernetes.io/basic-auth',
    ['data[username] FieldValueRequired', 'data[password] FieldValueRequired'],
  ],
  [
    'kubernetes.io/service-account-token',
    ['metadata.annotations[kubernetes.io/service-account.name] FieldValueRequired'],
  ],
];

for (const [type, errors] of secretTypes) {
  test(`secret of type ${type} needs its entries`, () => {
    assert.deepEqual(summary(secrets.validate(secret({ type }))), errors);
  });
}

test('secret never repeats its contents in an error', () => {
  const bad = secret({ type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': 'hunter2' } });
  const errors = secrets.validate(bad);
  assert.equal(errors.length, 1);
  assert.equal(JSON.stringify(errors).includes('hunter2'), false);
});

test('namespace starts active, with its finalizer and its name as a label', () => {
  const draft = { apiVersion: 'v1', kind: 'Namespace', metadata: metadata() } as Namespace;
  namespaces.defaults?.(draft);
  assert.deepEqual(draft.status, { phase: 'Active' }, 'of a status written later, too');
  namespaces.strategy.prepareForCreate?.(draft, now);
  assert.deepEqual(draft.metadata.labels, { 'kubernetes.io/metadata.name': 'a' });
  assert.deepEqual(draft.spec, { finalizers: ['kubernetes'] });
  assert.deepEqual(draft.status, { phase: 'Active' });
});

const node = (spec: Node['spec'], status: Node['status'] = {}): Node => {
  const draft: Node = { apiVersion: 'v1', kind: 'Node', metadata: metadata(), spec, status };
  nodes.defaults?.(draft);
  return draft;
};

test('node gives away all of its capacity unless it says otherwise', () => {
  const { status, spec } = node({ podCIDR: '10.244.1.0/24' }, { capacity: { cpu: '2000m' } });
  assert.deepEqual(status.allocatable, { cpu: '2' });
  assert.deepEqual(spec.podCIDRs, ['10.244.1.0/24']);
});

test('node refuses bad taints and address ranges', () => {
  const bad = node({
    podCIDR: '10.0.0.0',
    taints: [
      { key: 'a', effect: 'NoSchedule' },
      { key: 'a', value: 'b', effect: 'NoSchedule' },
      { key: '', effect: 'NoExecute' },
    ],
  });
  assert.deepEqual(summary(nodes.validate(bad)), [
    'metadata.taints[1] FieldValueDuplicate',
    'metadata.taints[2].key FieldValueInvalid',
    'metadata.taints[2].key FieldValueInvalid',
    'spec.podCIDRs[0] FieldValueInvalid',
  ]);
});

test('node keeps the address range and provider it was given', () => {
  const stored = node({ podCIDR: '10.9.0.0/24', providerID: 'x://1' });
  const cordoned = node({ ...stored.spec, unschedulable: true });
  assert.deepEqual(summary(nodes.validateUpdate?.(cordoned, stored)), []);
  const moved = node({ podCIDR: '10.8.0.0/24', providerID: 'x://2' });
  assert.deepEqual(summary(nodes.validateUpdate?.(moved, stored)), [
    'spec.podCIDRs FieldValueForbidden',
    'spec.providerID FieldValueForbidden',
  ]);
});

test('node is listed with state, roles and machine', () => {
  const object = node(
    { unschedulable: true },
    {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
    },
  );
  object.metadata.labels = { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' };
  assert.deepEqual(
    nodes.columns?.map((column) => column.cell(object, now)),
    [
      'a',
      'Ready,SchedulingDisabled',
      'edge,worker',
      '60s',
      '',
      '192.0.2.7',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ],
  );
});

test('endpoints and slices refuse addresses nobody can reach', () => {
  const subsets = [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }];
  const draft = { apiVersion: 'v1', kind: 'Endpoints', metadata: metadata(), subsets };
  endpoints.defaults?.(draft);
  assert.deepEqual(summary(endpoints.validate(draft)), [
    'subsets[0].addresses[0].ip FieldValueInvalid',
  ]);
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadata(),
    addressType: 'IPv4',
    endpoints: [{ addresses: ['::1'] }, { addresses: [] }],
    ports: [{ port: 80 }, { port: 81 }],
  };
  endpointSlices.defaults?.(slice);
  assert.deepEqual(summary(endpointSlices.validate(slice)), [
    'endpoints[0].addresses[0] FieldValueInvalid',
    'endpoints[0].addresses[0] FieldValueInvalid',
    'endpoints[1].addresses FieldValueRequired',
    'ports[1].name FieldValueDuplicate',
  ]);
  const other = { ...slice, addressType: 'IPv6' };
  assert.deepEqual(summary(endpointSlices.validateUpdate?.(other, slice)), [
    'addressType FieldValueInvalid',
  ]);
});

test('lease refuses durations that are not positive', () => {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: metadata(),
    spec: { leaseDurationSeconds: 0, leaseTransitions: -1 },
  };
  assert.deepEqual(summary(leases.validate(lease)), [
    'spec.leaseDurationSeconds FieldValueInvalid',
    'spec.leaseTransitions FieldValueInvalid',
  ]);
});

const event = (parts: Partial<Event> = {}): Event => {
  const draft: Event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: metadata(),
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    reason: 'Started',
    message: 'started it',
    type: 'Normal',
    source: { component: 'agent', host: 'n1' },
    firstTimestamp: '2026-01-02T03:02:05Z',
    lastTimestamp: '2026-01-02T03:03:55Z',
    count: 3,
    ...parts,
  };
  events.defaults?.(draft);
  return draft;
};

test('event is listed with ages, object and source', () => {
  assert.deepEqual(
    events.columns?.map((column) => column.cell(event(), now)),
    ['10s', 'Normal', 'Started', 'pod/web', '', 'agent, n1', 'started it', '2m', 3, 'a'],
  );
});

test('event has to be in the namespace of its object', () => {
  const strayed = event({ involvedObject: { kind: 'Pod', name: 'x', namespace: 'other' } });
  assert.deepEqual(summary(events.validate(strayed)), [
    'involvedObject.namespace FieldValueInvalid',
  ]);
  assert.deepEqual(events.validate(event({ involvedObject: { kind: 'Node', name: 'n1' } })), []);
});

test('event survives the way through events.k8s.io and back', () => {
  const original = event({ eventTime: '2026-01-02T03:03:55.000001Z', action: 'Start' });
  assert.deepEqual(coreEventFrom(eventFromCore(original)), original);
});
