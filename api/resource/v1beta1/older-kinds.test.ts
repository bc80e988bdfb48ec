import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../meta/v1/types.js';
import { created, refusals, storedAs } from '../../schema/drafts.test.js';
import { resourceClaims } from '../v1/resource-claim.js';
import { resourceSlices } from '../v1/resource-slice.js';
import { olderClaims, olderClaimTemplates, olderSlices } from './older-kinds.js';

const plain = (object: unknown): Record<string, unknown> => object as Record<string, unknown>;
const specOf = (object: unknown) => plain(object).spec;

const fieldsOf = (resource: typeof olderSlices, ...path: string[]): string[] => {
  let { schema } = resource;
  for (const name of path) {
    const field = schema.fields[name]?.schema;
    const inner = field?.type === 'list' ? field.items : field;
    assert.ok(inner?.type === 'ref', name);
    schema = inner.target();
  }
  assert.match(schema.name, /^io\.k8s\.api\.resource\.v1beta1\./);
  return Object.entries(schema.fields).map(([name, { proto }]) => `${name}=${String(proto)}`);
};

test('older kinds have the fields and protobuf numbers of their time', () => {
  assert.deepEqual(fieldsOf(olderSlices, 'spec', 'devices').sort(), ['basic=2', 'name=1']);
  const known = fieldsOf(olderSlices, 'spec', 'devices', 'basic');
  assert.ok(known.includes('attributes=1') && known.includes('nodeAllocatableResourceMappings=12'));
  const path = ['spec', 'devices', 'requests'];
  assert.deepEqual(fieldsOf(olderClaims, ...path).sort(), [
    'adminAccess=6',
    'allocationMode=4',
    'capacity=9',
    'count=5',
    'deviceClassName=2',
    'firstAvailable=7',
    'name=1',
    'selectors=3',
    'tolerations=8',
  ]);
  const wishes = fieldsOf(olderClaimTemplates, 'spec', ...path, 'firstAvailable');
  assert.ok(wishes.includes('tolerations=7') && wishes.includes('capacity=8'));
});

test('an older slice is stored with what is known of a device beside its name', () => {
  const device = { name: 'gpu-0', basic: { attributes: { model: { string: 'x' } } } };
  const spec = {
    driver: 'd.example.com',
    nodeName: 'n',
    pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    devices: [device, { name: 'gpu-1', basic: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }],
  };
  const older = created(olderSlices, { spec });
  assert.deepEqual(refusals(olderSlices.validateCreate?.(older)), []);
  const taint = { key: 'k', effect: 'NoSchedule', timeAdded: '2026-01-02T03:04:05Z' };
  assert.deepEqual(plain(specOf(older)).devices, [
    device,
    { name: 'gpu-1', basic: { taints: [taint] } },
  ]);
  const stored = olderSlices.convert?.toStored(older);
  assert.equal(stored?.apiVersion, 'resource.k8s.io/v1');
  assert.deepEqual(plain(specOf(stored)).devices, [
    { name: 'gpu-0', attributes: { model: { string: 'x' } } },
    { name: 'gpu-1', taints: [taint] },
  ]);
  assert.deepEqual(refusals(resourceSlices.validateCreate?.(stored as never)), []);
  assert.deepEqual(olderSlices.convert?.fromStored(stored), older);
  assert.equal(olderSlices.selectableFields['spec.nodeName']?.(older), 'n');
});

const requestsOf = (object: unknown): unknown => plain(plain(specOf(object)).devices).requests;
const claim = (...requests: object[]): KubeObject =>
  created(olderClaims, { spec: { devices: { requests } } });

test('an older request is an exact one, and has the defaults of one', () => {
  const older = claim({ name: 'gpu', deviceClassName: 'gpus' });
  const exact = { deviceClassName: 'gpus', allocationMode: 'ExactCount', count: 1 };
  assert.deepEqual(requestsOf(older), [{ name: 'gpu', ...exact }]);
  const stored = olderClaims.convert?.toStored(older);
  assert.ok(stored !== undefined);
  assert.deepEqual(requestsOf(stored), [{ name: 'gpu', exactly: exact }]);
  assert.deepEqual(olderClaims.convert?.fromStored(stored), older);
  assert.deepEqual(refusals(olderClaims.validateCreate?.(older)), []);
  const other = storedAs(claim({ name: 'gpu', deviceClassName: 'others' }));
  assert.match(
    refusals(olderClaims.validateUpdate?.(other, older))[0] ?? '',
    /^spec: .*field is immutable/,
  );
});

test('an older request with alternatives keeps them', () => {
  const wish = { name: 'big', deviceClassName: 'gpus' };
  const older = claim({ name: 'gpu', firstAvailable: [wish] });
  const defaulted = { ...wish, allocationMode: 'ExactCount', count: 1 };
  assert.deepEqual(requestsOf(older), [{ name: 'gpu', firstAvailable: [defaulted] }]);
  const stored = olderClaims.convert?.toStored(older);
  assert.deepEqual(requestsOf(stored), requestsOf(older));
  assert.deepEqual(refusals(resourceClaims.validateCreate?.(stored as never)), []);
});

test('refusals of older requests name the fields of today', () => {
  for (const [request, refusal] of [
    [{ name: 'gpu' }, 'spec.devices.requests[0].exactly.deviceClassName: Required value'],
    [
      { name: 'gpu', deviceClassName: 'a', firstAvailable: [{ name: 'b', deviceClassName: 'a' }] },
      'spec.devices.requests[0]: Invalid value: "null": exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
    ],
  ] as const) {
    assert.deepEqual(refusals(olderClaims.validateCreate?.(claim(request))), [refusal]);
  }
});
