import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../../meta/v1/types.js';
import type { FieldError } from '../../validation/field-error.js';
import { deviceClasses } from './device-class.js';
import { resourceClaimTemplates } from './resource-claim-template.js';
import { resourceClaims } from './resource-claim.js';
import { resourceSlices } from './resource-slice.js';
import type {
  Device,
  DeviceClaim,
  DeviceClass,
  DeviceRequest,
  ResourceClaim,
  ResourceClaimStatus,
  ResourceClaimTemplate,
  ResourceSlice,
  ResourceSliceSpec,
} from './types.js';

const apiVersion = 'resource.k8s.io/v1';
const metadata = (): ObjectMeta => ({
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:03:05Z',
});
const texts = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const fields = (errors: readonly FieldError[] | undefined): string[] =>
  (errors ?? []).map(({ field }) => field);

function claim(devices: DeviceClaim, status: ResourceClaimStatus = {}): ResourceClaim {
  const object: ResourceClaim = {
    apiVersion,
    kind: 'ResourceClaim',
    metadata: metadata(),
    spec: { devices },
    status,
  };
  resourceClaims.defaults?.(object);
  return object;
}

const request = (): DeviceRequest => ({ name: 'gpu', exactly: { deviceClassName: 'gpu' } });

test('resource claim asks for one device unless it says otherwise', () => {
  const wishes = [
    { name: 'a', deviceClassName: 'big', tolerations: [{ key: 'x' }] },
    { name: 'b', deviceClassName: 'small', allocationMode: 'All' },
  ] as NonNullable<DeviceRequest['firstAvailable']>;
  const object = claim({ requests: [request(), { name: 'any', firstAvailable: wishes }] });
  assert.deepEqual(object.spec.devices?.requests, [
    {
      name: 'gpu',
      exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
    },
    {
      name: 'any',
      firstAvailable: [
        {
          name: 'a',
          deviceClassName: 'big',
          allocationMode: 'ExactCount',
          count: 1,
          tolerations: [{ key: 'x', operator: 'Equal' }],
        },
        { name: 'b', deviceClassName: 'small', allocationMode: 'All' },
      ],
    },
  ]);
  assert.deepEqual(texts(resourceClaims.validateCreate?.(object)), []);
});

test('resource claim refuses what Kubernetes refuses', () => {
  const at = 'spec.devices';
  const reference =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const cases: [DeviceClaim, string[]][] = [
    [
      { requests: [{ name: 'a' }] },
      [
        `${at}.requests[0]: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`,
      ],
    ],
    [{ requests: [request(), request()] }, [`${at}.requests[1]: Duplicate value: "gpu"`]],
    [
      { requests: [{ name: 'a', exactly: { deviceClassName: '', allocationMode: 'Some' } }] },
      [
        `${at}.requests[0].exactly.deviceClassName: Required value`,
        `${at}.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`,
      ],
    ],
    [
      { requests: [request()], constraints: [{ requests: ['other'], matchAttribute: 'model' }] },
      [
        `${at}.constraints[0].requests[0]: Invalid value: "other": ${reference}`,
        `${at}.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash`,
      ],
    ],
    [
      { requests: [request()], config: [{ opaque: { driver: 'd', parameters: 'x' } }, {}] },
      [
        `${at}.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object`,
        `${at}.config[1].opaque: Required value`,
      ],
    ],
  ];
  for (const [devices, expected] of cases) {
    assert.deepEqual(texts(resourceClaims.validateCreate?.(claim(devices))), expected);
  }
  const changed = claim({ requests: [{ ...request(), name: 'other' }] });
  const stored = claim({ requests: [request()] });
  assert.deepEqual(fields(resourceClaims.validateUpdate?.(changed, stored)), ['spec']);
});

const allocated = (): ResourceClaimStatus => ({
  allocation: {
    devices: { results: [{ request: 'gpu', driver: 'd', pool: 'p', device: 'x' }] },
  },
});

test('resource claim status fits its claim and what it was before', () => {
  const devices = { requests: [request()] };
  const before = claim(devices);
  const check = (status: ResourceClaimStatus, stored = before): string[] =>
    fields(resourceClaims.validateStatusUpdate?.(claim(devices, status), stored));
  assert.deepEqual(check(allocated()), []);
  assert.deepEqual(check({ reservedFor: [{ resource: 'pods', name: 'a', uid: 'u' }] }), [
    'status.reservedFor',
  ]);
  const moved = allocated();
  if (moved.allocation?.devices?.results?.[0] !== undefined) {
    moved.allocation.devices.results[0].device = 'y';
  }
  assert.deepEqual(check(moved, claim(devices, allocated())), ['status.allocation']);
  const reported = {
    ...allocated(),
    devices: [
      { driver: 'd', pool: 'p', device: 'z', networkData: { ips: ['10.0.0.1', '10.0.0.1/24'] } },
    ],
  };
  assert.deepEqual(check(reported), ['status.devices[0]', 'status.devices[0].networkData.ips[0]']);
});

test('resource claim shows its state', () => {
  const state = (status: ResourceClaimStatus): unknown =>
    resourceClaims.columns?.[1]?.cell(claim({}, status), 0);
  assert.equal(state({}), 'pending');
  const reservedFor = [{ resource: 'pods', name: 'a', uid: 'u' }];
  assert.equal(state({ ...allocated(), reservedFor }), 'allocated,reserved');
});

test('resource claim template defaults and checks its claim', () => {
  const object: ResourceClaimTemplate = {
    apiVersion,
    kind: 'ResourceClaimTemplate',
    metadata: metadata(),
    spec: {
      metadata: { labels: { 'a b': 'c' } },
      spec: { devices: { requests: [{ name: 'A', exactly: { deviceClassName: 'x' } }] } },
    },
  };
  resourceClaimTemplates.defaults?.(object);
  assert.equal(object.spec.spec.devices?.requests?.[0]?.exactly?.count, 1);
  assert.deepEqual(fields(resourceClaimTemplates.validateCreate?.(object)), [
    'spec.metadata.labels',
    'spec.spec.devices.requests[0].name',
  ]);
});

test('device class checks selectors, settings and its resource name', () => {
  const object = (spec: DeviceClass['spec']): DeviceClass => ({
    apiVersion,
    kind: 'DeviceClass',
    metadata: metadata(),
    spec,
  });
  const check = (spec: DeviceClass['spec']): string[] =>
    fields(deviceClasses.validate(object(spec)));
  assert.deepEqual(check({ extendedResourceName: 'example.com/gpu' }), []);
  assert.deepEqual(
    check({
      selectors: [{}, { cel: { expression: '' } }],
      config: [{}],
      extendedResourceName: 'cpu',
    }),
    [
      'spec.selectors[0].cel',
      'spec.selectors[1].cel.expression',
      'spec.config[0].opaque',
      'spec.extendedResourceName',
    ],
  );
});

function slice(spec: Partial<ResourceSliceSpec>): ResourceSlice {
  const object = {
    apiVersion,
    kind: 'ResourceSlice',
    metadata: metadata(),
    spec: {
      driver: 'd.example.com',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      nodeName: 'n',
      ...spec,
    },
  };
  resourceSlices.defaults?.(object);
  return object;
}
const refused = (device: Partial<Device>): string[] =>
  texts(resourceSlices.validateCreate?.(slice({ devices: [{ name: 'd', ...device }] })));

test('resource slice says in one way who can reach its devices', () => {
  const check = (spec: Partial<ResourceSliceSpec>): string[] =>
    texts(resourceSlices.validateCreate?.(slice(spec)));
  const one =
    'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({ nodeName: undefined }), [`spec: Required value: ${one}`]);
  assert.deepEqual(check({ allNodes: true }), [
    `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${one}, but multiple fields are set`,
  ]);
  assert.deepEqual(check({ pool: { name: '', generation: -1, resourceSliceCount: 0 } }), [
    'spec.pool.name: Required value',
    'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
    'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
  ]);
  const many = Array.from({ length: 65 }, (_, at) => ({ name: `d${String(at)}` }));
  assert.deepEqual(check({ devices: many }), []);
  const [first, ...others] = many;
  const tainted = [{ ...first, taints: [{ key: 'a', effect: 'None' }] }, ...others] as Device[];
  assert.deepEqual(check({ devices: tainted }), [
    'spec.devices: Too many: 65: must have at most 64 items',
  ]);
  assert.deepEqual(
    fields(resourceSlices.validateUpdate?.(slice({ driver: 'e.example.com' }), slice({}))),
    ['spec.driver'],
  );
});

test('resource slice checks attributes, capacities, taints and counters of devices', () => {
  const at = 'spec.devices[0]';
  assert.deepEqual(refused({ attributes: { 'a-b': { int: 1 }, v: { version: '1.2' } } }), [
    `${at}.attributes: Invalid value: "a-b": a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')`,
    `${at}.attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`,
  ]);
  assert.deepEqual(refused({ attributes: { a: {}, b: { int: 1, bool: true } } }), [
    `${at}.attributes[a]: Invalid value: "": exactly one value must be specified`,
    `${at}.attributes[b]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified`,
  ]);
  assert.deepEqual(refused({ nodeName: 'n' }).length, 1);
  assert.deepEqual(refused({ consumesCounters: [{ counterSet: 's', counters: {} }] }), [
    `${at}.consumesCounters[0].counters: Required value`,
  ]);
  assert.deepEqual(refused({ bindingConditions: ['a'] }), [
    `${at}.bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions`,
  ]);
});

test('resource slice checks how a capacity may be asked for', () => {
  const at = 'spec.devices[0].capacity[memory].requestPolicy';
  const policy = (
    requestPolicy: NonNullable<NonNullable<Device['capacity']>[string]['requestPolicy']>,
    allowMultipleAllocations = true,
  ): string[] =>
    refused({ allowMultipleAllocations, capacity: { memory: { value: '10Gi', requestPolicy } } });
  assert.deepEqual(policy({ default: '1Gi' }, false), [
    `${at}: Forbidden: allowMultipleAllocations must be true`,
  ]);
  assert.deepEqual(policy({ default: '1Gi', validRange: { min: '1Gi', step: '1Gi' } }), []);
  assert.deepEqual(policy({ default: '3Gi', validRange: { min: '1Gi', step: '4Gi' } }), [
    `${at}.validRange.step: Invalid value: "3Gi": value is not a multiple of a given step (4Gi) from (1Gi)`,
  ]);
  assert.deepEqual(policy({ default: '3Gi', validValues: ['2Gi', '1Gi', '20Gi'] }), [
    `${at}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`,
    `${at}.validValues[2]: Invalid value: "20Gi": option is larger than capacity value: 10Gi`,
    `${at}.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy`,
  ]);
});

test('resource slice stamps its taints', () => {
  const object = slice({ devices: [{ name: 'd', taints: [{ key: 'a', effect: 'None' }] }] });
  resourceSlices.strategy.prepareForCreate?.(object, Date.parse('2026-01-02T03:04:05.678Z'));
  assert.equal(object.spec.devices?.[0]?.taints?.[0]?.timeAdded, '2026-01-02T03:04:05Z');
});

test('device class refuses expressions that cannot be compiled', () => {
  const check = (expression: string): string[] =>
    texts(
      deviceClasses.validate({
        apiVersion,
        kind: 'DeviceClass',
        metadata: metadata(),
        spec: { selectors: [{ cel: { expression } }] },
      }),
    );
  const good = [
    'device.driver == "d.example.com"',
    'device.attributes["d.example.com"].model == "a100"',
    'device.capacity["d.example.com"].memory.compareTo(quantity("10Gi")) >= 0',
  ];
  for (const expression of good) assert.deepEqual(check(expression), []);
  const at = 'spec.selectors[0].cel.expression: Invalid value';
  assert.deepEqual(check('device.driver'), [
    `${at}: "device.driver": must evaluate to bool or the unknown type, not string`,
  ]);
  assert.deepEqual(check('device.attributes["d.example.com"].isBig'), []);
  assert.match(
    check('device.nosuch == 1')[0] ?? '',
    /compilation failed: ERROR: .*undefined field/,
  );
  assert.match(check('(')[0] ?? '', /compilation failed: ERROR: /);
});

test('device class refuses expressions that may cost too much', () => {
  const digits = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]';
  const nested = (depth: number): string =>
    depth === 0
      ? "int('1'.find('[0-9]*')) < 100"
      : `${digits}.all(x${String(depth)}, ${nested(depth - 1)})`;
  const check = (expression: string): string[] =>
    texts(
      deviceClasses.validate({
        apiVersion,
        kind: 'DeviceClass',
        metadata: metadata(),
        spec: { selectors: [{ cel: { expression } }] },
      }),
    );
  assert.deepEqual(check(nested(3)), []);
  assert.deepEqual(check(nested(7)), [
    'spec.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit',
  ]);
});

test('resource slice drops what Kubernetes has switched off unless it was there', () => {
  const devices = (): Device[] => [
    {
      name: 'd',
      attributes: { model: { string: 'x' }, ports: { ints: [1, 2] } },
      nodeAllocatableResourceMappings: { cpu: {} },
    },
  ];
  const fresh = slice({ devices: devices() });
  resourceSlices.strategy.prepareForCreate?.(fresh, 0);
  assert.deepEqual(fresh.spec.devices, [
    { name: 'd', attributes: { model: { string: 'x' }, ports: {} } },
  ]);
  assert.ok(
    fields(resourceSlices.validateCreate?.(fresh)).includes('spec.devices[0].attributes[ports]'),
  );
  const update = slice({ devices: devices() });
  resourceSlices.strategy.prepareForUpdate?.(update, slice({ devices: devices() }), 0);
  assert.deepEqual(update.spec.devices, devices());
});
