import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, Service, ServiceSpec } from '../../../api/core/v1/types.js';
import type { EndpointSlice } from '../../../api/discovery/v1/types.js';
import type { Action } from '../../../machinery/controller/controller.js';
import { reconcile } from './reconcile.js';

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const makeService = (
  spec: Partial<ServiceSpec> = {},
  labels?: Record<string, string>,
): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { ...meta('web'), ...(labels === undefined ? {} : { labels }) },
  spec: {
    selector: { app: 'web' },
    clusterIP: '10.96.0.9',
    ipFamilies: ['IPv4'],
    ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
    ...spec,
  },
  status: {},
});

interface Shape {
  readonly ready?: boolean;
  readonly ips?: readonly string[];
  readonly terminating?: boolean;
  readonly phase?: 'Running' | 'Succeeded';
  readonly node?: string;
  readonly spec?: Partial<Pod['spec']>;
}

const makePod = (name: string, shape: Shape = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name),
    labels: { app: 'web' },
    ...(shape.terminating === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: {
    containers: [{ name: 'app', ports: [{ name: 'main', containerPort: 9090 }] }],
    nodeName: shape.node ?? 'n1',
    ...shape.spec,
  },
  status: {
    phase: shape.phase ?? 'Running',
    podIPs: (shape.ips ?? ['10.244.0.7']).map((ip) => ({ ip })),
    conditions: [{ type: 'Ready', status: shape.ready === false ? 'False' : 'True' }],
  },
});

const makeNode = (zone?: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    ...meta('n1'),
    ...(zone === undefined ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }),
  },
  spec: {},
  status: {},
});

const nodes = new Map([['n1', makeNode()]]);

let created = 0;
/** The slices as they are after the actions, the way the server would show them. */
function applied(slices: readonly EndpointSlice[], actions: readonly Action[]): EndpointSlice[] {
  const byName = new Map(slices.map((slice) => [slice.metadata.name, slice]));
  for (const action of actions) {
    if (action.type === 'create') {
      const name = `web-${(created += 1)}`;
      const slice = action.object as unknown as EndpointSlice;
      byName.set(name, { ...slice, metadata: { ...meta(name), ...slice.metadata, name } });
    } else if (action.type === 'update') {
      byName.set(action.object.metadata.name, action.object as EndpointSlice);
    } else if (action.type === 'delete') byName.delete(action.name);
  }
  return [...byName.values()];
}

function settle(
  service: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[] = [],
): EndpointSlice[] {
  const after = applied(slices, reconcile({ service, pods, nodes, slices }).actions);
  const again = reconcile({ service, pods, nodes, slices: after });
  assert.deepEqual(again.actions, [], 'a second round changes nothing');
  return after;
}

const many = (count: number, from = 0): Pod[] =>
  Array.from({ length: count }, (_, index) =>
    makePod(`p${from + index}`, { ips: [`10.244.${index >> 8}.${index & 255}`] }),
  );

test('endpoint slices show a ready pod with ports, node and target', () => {
  const [slice, ...others] = settle(makeService({}, { tier: 'front' }), [makePod('p1')]);
  assert.deepEqual(others, []);
  assert.equal(slice?.addressType, 'IPv4');
  assert.deepEqual(slice.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
  assert.deepEqual(slice.endpoints, [
    {
      addresses: ['10.244.0.7'],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'n1',
      targetRef: { kind: 'Pod', namespace: 'default', name: 'p1', uid: 'uid-p1' },
    },
  ]);
  assert.deepEqual(slice.metadata.labels, {
    tier: 'front',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  assert.equal(slice.metadata.ownerReferences?.[0]?.uid, 'uid-web');
});

const conditionCases = [
  { name: 'not ready', shape: { ready: false }, expected: [false, false, false] },
  { name: 'terminating', shape: { terminating: true }, expected: [false, true, true] },
  {
    name: 'not ready but published',
    shape: { ready: false },
    publish: true,
    expected: [true, false, false],
  },
  {
    name: 'terminating but published',
    shape: { terminating: true },
    publish: true,
    expected: [true, true, true],
  },
];
for (const { name, shape, publish, expected } of conditionCases) {
  test(`endpoint slices tell ready, serving and terminating of a pod that is ${name}`, () => {
    const service = makeService(publish === true ? { publishNotReadyAddresses: true } : {});
    const [slice] = settle(service, [makePod('p1', shape)]);
    const conditions = slice?.endpoints?.[0]?.conditions;
    assert.deepEqual([conditions?.ready, conditions?.serving, conditions?.terminating], expected);
  });
}

test('endpoint slices leave out ended pods, pods without address and pods of unknown nodes', () => {
  const pods = [
    makePod('ended', { phase: 'Succeeded' }),
    makePod('addressless', { ips: [] }),
    makePod('stray', { node: 'gone' }),
  ];
  const [slice] = settle(makeService(), pods);
  assert.deepEqual(slice?.endpoints, []);
});

test('endpoint slices resolve named ports pod by pod', () => {
  const service = makeService({ ports: [{ port: 80, targetPort: 'main', protocol: 'TCP' }] });
  const other = makePod('p2', {
    spec: { containers: [{ name: 'app', ports: [{ name: 'main', containerPort: 7070 }] }] },
  });
  const slices = settle(service, [makePod('p1'), other]);
  assert.deepEqual(slices.map(({ ports }) => ports?.[0]?.port).sort(), [7070, 9090]);
});

test('endpoint slices are separate for each address family', () => {
  const service = makeService({ ipFamilies: ['IPv4', 'IPv6'] });
  const slices = settle(service, [makePod('p1', { ips: ['10.244.0.7', 'fd00::7'] })]);
  assert.deepEqual(
    slices.map((slice) => [slice.addressType, slice.endpoints?.[0]?.addresses]),
    [
      ['IPv4', ['10.244.0.7']],
      ['IPv6', ['fd00::7']],
    ],
  );
});

test('endpoint slices give headless pods their host names and say that they are headless', () => {
  const service = makeService({ clusterIP: 'None' });
  const [slice] = settle(service, [
    makePod('p1', { spec: { hostname: 'db-0', subdomain: 'web' } }),
  ]);
  assert.equal(slice?.endpoints?.[0]?.hostname, 'db-0');
  assert.equal(slice.metadata.labels?.['service.kubernetes.io/headless'], '');
});

test('endpoint slices hold at most a hundred endpoints each', () => {
  const slices = settle(makeService(), many(250));
  assert.deepEqual(slices.map(({ endpoints }) => endpoints?.length).sort(), [100, 100, 50]);
});

test('endpoint slices that nothing changed in are not written', () => {
  const service = makeService();
  const pods = many(250);
  const slices = settle(service, pods);
  const changed = pods.map((pod, index) =>
    index === 0 ? makePod('p0', { ips: ['10.244.0.0'], ready: false }) : pod,
  );
  const { actions } = reconcile({ service, pods: changed, nodes, slices });
  assert.deepEqual(
    actions.map(({ type }) => type),
    ['update'],
  );
});

test('endpoint slices take new endpoints into the fullest slice with room', () => {
  const service = makeService();
  const slices = settle(service, many(150));
  const { actions } = reconcile({ service, pods: [...many(150), ...many(1, 900)], nodes, slices });
  assert.equal(actions.length, 1);
  assert.equal(actions[0]?.type, 'update');
});

test('endpoint slices come down to one empty slice when the last pod goes, in one write', () => {
  const service = makeService();
  const slices = settle(service, [makePod('p1')]);
  const { actions } = reconcile({ service, pods: [], nodes, slices });
  assert.deepEqual(
    actions.map(({ type }) => type),
    ['update'],
  );
  const [slice] = applied(slices, actions);
  assert.deepEqual([slice?.endpoints, slice?.ports], [[], []]);
});

test('endpoint slices of a service that is going away are left to the garbage collector', () => {
  const service = makeService();
  const going = {
    ...service,
    metadata: { ...service.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  };
  assert.deepEqual(reconcile({ service: going, pods: [], nodes, slices: [] }).actions, []);
});

test('endpoint slices hint at zones only when every ready endpoint has one', () => {
  const service = makeService({ trafficDistribution: 'PreferClose' });
  const slices: EndpointSlice[] = [];
  const zoned = new Map([['n1', makeNode('a')]]);
  const hinted = applied(
    slices,
    reconcile({ service, pods: [makePod('p1')], nodes: zoned, slices }).actions,
  );
  assert.deepEqual(hinted[0]?.endpoints?.[0]?.hints, { forZones: [{ name: 'a' }] });
  const [plain] = settle(service, [makePod('p1')]);
  assert.equal(plain?.endpoints?.[0]?.hints, undefined);
});
