import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, Pod, Service, ServiceSpec } from '../../../api/core/v1/types.js';
import { reconcile } from './reconcile.js';

const meta = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const makeService = (spec: Partial<ServiceSpec> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta('web'),
  spec: {
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, targetPort: 'main', protocol: 'TCP' }],
    ...spec,
  },
  status: {},
});

const makePod = (
  name: string,
  ip: string,
  { ready = true, port = 8080, terminating = false } = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...meta(name),
    ...(terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'app', ports: [{ name: 'main', containerPort: port }] }],
  },
  status: {
    phase: 'Running',
    podIP: ip,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  },
});

function created(service: Service, pods: readonly Pod[]): Endpoints {
  const { actions } = reconcile({ service, pods, endpoints: undefined });
  const [action] = actions;
  assert.equal(action?.type, 'create');
  const object = action.object as unknown as Endpoints;
  return { ...object, metadata: { ...meta('web'), ...object.metadata } };
}

const target = (name: string) => ({ kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` });

test('endpoints hold ready and unready addresses apart, in order', () => {
  const pods = [
    makePod('b', '10.244.0.9'),
    makePod('a', '10.244.0.7'),
    makePod('c', '10.244.0.8', { ready: false }),
    makePod('d', '10.244.0.5', { terminating: true }),
  ];
  const endpoints = created(makeService(), pods);
  assert.deepEqual(endpoints.subsets, [
    {
      addresses: [
        { ip: '10.244.0.7', nodeName: 'n1', targetRef: target('a') },
        { ip: '10.244.0.9', nodeName: 'n1', targetRef: target('b') },
      ],
      notReadyAddresses: [{ ip: '10.244.0.8', nodeName: 'n1', targetRef: target('c') }],
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    },
  ]);
  assert.deepEqual(reconcile({ service: makeService(), pods, endpoints }).actions, []);
});

test('endpoints of pods with different port numbers are different subsets', () => {
  const pods = [makePod('a', '10.244.0.7'), makePod('b', '10.244.0.8', { port: 9090 })];
  const { subsets } = created(makeService(), pods);
  assert.deepEqual(
    subsets?.map(({ ports, addresses }) => [ports?.[0]?.port, addresses?.[0]?.ip]),
    [
      [8080, '10.244.0.7'],
      [9090, '10.244.0.8'],
    ],
  );
});

test('endpoints count unready pods as ready where the service publishes them', () => {
  const service = makeService({ publishNotReadyAddresses: true });
  const { subsets } = created(service, [makePod('a', '10.244.0.7', { ready: false })]);
  assert.equal(subsets?.[0]?.addresses?.length, 1);
});

test('endpoints of a headless service without ports hold addresses alone', () => {
  const { subsets, metadata } = created(makeService({ clusterIP: 'None', ports: [] }), [
    makePod('a', '10.244.0.7'),
  ]);
  assert.equal(subsets?.[0]?.ports, undefined);
  assert.equal(metadata.labels?.['service.kubernetes.io/headless'], '');
});

test('endpoints beyond a thousand addresses are cut and say so', () => {
  const pods = Array.from({ length: 1001 }, (_, index) =>
    makePod(`p${index}`, `10.${index >> 8}.0.${index & 255}`, { ready: index !== 3 }),
  );
  const { subsets, metadata } = created(makeService(), pods);
  assert.equal(subsets?.[0]?.addresses?.length, 1000);
  assert.equal(subsets[0].notReadyAddresses, undefined);
  assert.equal(metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
});

test('endpoints are written again when an address changes, and go with their service', () => {
  const service = makeService();
  const endpoints = created(service, [makePod('a', '10.244.0.7')]);
  const changed = reconcile({ service, pods: [makePod('a', '10.244.0.8')], endpoints });
  assert.deepEqual(
    changed.actions.map(({ type }) => type),
    ['update'],
  );
  const gone = reconcile({ service: undefined, pods: [], endpoints });
  assert.deepEqual(
    gone.actions.map(({ type }) => type),
    ['delete'],
  );
});
