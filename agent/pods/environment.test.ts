import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, Service } from '../../api/core/v1/types.js';
import {
  ContainerConfigError,
  containersNeedingAddress,
  type EnvironmentContext,
  environmentOf,
} from './environment.js';
import { expandReferences } from './expansion.js';

const metadata = (name: string, namespace = 'shop') => ({
  name,
  namespace,
  uid: `${name}-uid`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...metadata('web'), labels: { app: 'web' } },
  spec: { containers: [], nodeName: 'node-1' },
  status: {},
};

const service = (
  name: string,
  namespace: string,
  clusterIP: string,
  ports: Service['spec']['ports'],
) =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(name, namespace),
    spec: { clusterIP, ports },
    status: {},
  }) as Service;

const services = [
  service('kubernetes', 'default', '10.96.0.1', [{ name: 'https', port: 443 }]),
  service('data-base', 'shop', '10.96.0.7', [{ name: 'sql-main', port: 5432, protocol: 'TCP' }]),
  service('headless', 'shop', 'None', [{ port: 80 }]),
  service('elsewhere', 'other', '10.96.0.8', [{ port: 80 }]),
];

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const contextOf = (changes: Partial<Pod['spec']> = {}): EnvironmentContext => ({
  pod: { ...pod, spec: { ...pod.spec, ...changes } },
  podIPs: ['10.244.0.2'],
  node: {
    name: 'node-1',
    ips: ['192.168.0.1'],
    allocatable: { cpuMilli: 2000, memoryBytes: 1024 ** 3 },
  },
  references: {
    configMap: (_namespace, name) =>
      Promise.resolve(
        name === 'settings'
          ? {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: metadata(name),
              data: { mode: 'fast' },
            }
          : undefined,
      ),
    secret: (_namespace, name) =>
      Promise.resolve(
        name === 'keys'
          ? {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: metadata(name),
              data: { token: base64('s3cret'), mode: base64('slow') },
            }
          : undefined,
      ),
    services: (namespace) => services.filter((each) => each.metadata.namespace === namespace),
  },
});

const environment = async (changes: Partial<Container>, spec: Partial<Pod['spec']> = {}) => {
  const container = { name: 'main', ...changes };
  const context = contextOf({ enableServiceLinks: false, ...spec, containers: [container] });
  return Object.fromEntries(await environmentOf(context, container));
};

test('expansion replaces what is known and leaves the rest', () => {
  const variables = new Map([
    ['NAME', 'web'],
    ['EMPTY', ''],
    ['RAW', '$(NAME)'],
  ]);
  const cases = [
    ['$(NAME)', 'web'],
    ['a-$(NAME)-$(NAME)', 'a-web-web'],
    ['$(EMPTY)|', '|'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$$(NAME)', '$(NAME)'],
    ['$$$(NAME)', '$web'],
    ['$NAME $', '$NAME $'],
    ['$(NAME', '$(NAME'],
    ['$(RAW)', '$(NAME)'],
    ['$()', '$()'],
  ] as const;
  for (const [text, expected] of cases) {
    assert.equal(expandReferences(text, variables), expected, text);
  }
});

test('environment takes plain values, fields, resources, config maps and secrets', async () => {
  const variables = await environment({
    resources: { limits: { memory: '64Mi' } },
    env: [
      { name: 'PLAIN', value: 'one' },
      { name: 'EMPTY' },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'mode' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
    ],
  });
  assert.equal(variables.KUBERNETES_SERVICE_HOST, '10.96.0.1');
  const own = Object.entries(variables).filter(([name]) => !name.startsWith('KUBERNETES_'));
  assert.deepEqual(Object.fromEntries(own), {
    PLAIN: 'one',
    EMPTY: '',
    IP: '10.244.0.2',
    APP: 'web',
    MEMORY: String(64 * 1024 ** 2),
    CPU: '2',
    MODE: 'fast',
    TOKEN: 's3cret',
  });
});

test('environment lets later sources win and expands from what came before', async () => {
  const variables = await environment({
    envFrom: [
      { configMapRef: { name: 'settings' } },
      { secretRef: { name: 'keys' } },
      { prefix: 'P_', configMapRef: { name: 'settings' } },
      { configMapRef: { name: 'gone', optional: true } },
    ],
    env: [
      { name: 'EARLY', value: '$(LATE)' },
      { name: 'LATE', value: '$(mode)/$(P_mode)' },
      { name: 'API', value: 'https://$(KUBERNETES_SERVICE_HOST)' },
      { name: 'token', value: 'own' },
    ],
  });
  assert.equal(variables.mode, 'slow');
  assert.equal(variables.P_mode, 'fast');
  assert.equal(variables.EARLY, '$(LATE)');
  assert.equal(variables.LATE, 'slow/fast');
  assert.equal(variables.API, 'https://10.96.0.1');
  assert.equal(variables.token, 'own');
});

test('environment fails on what is missing, unless it is optional', async () => {
  const cases: readonly (readonly [Partial<Container>, string])[] = [
    [{ envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmap "gone" not found'],
    [{ envFrom: [{ secretRef: { name: 'gone' } }] }, 'secret "gone" not found'],
    [
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k' } } }] },
      'secret "gone" not found',
    ],
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
      "couldn't find key k in ConfigMap shop/settings",
    ],
  ];
  for (const [changes, message] of cases) {
    await assert.rejects(environment(changes), (error) => {
      assert.ok(error instanceof ContainerConfigError);
      assert.equal(error.message, message);
      return true;
    });
  }
  const optional = await environment({
    env: [
      { name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k', optional: true } } },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k', optional: true } } },
    ],
  });
  assert.equal('A' in optional || 'B' in optional, false);
});

test('environment has the services of the namespace in the style of Docker links', async () => {
  const variables = await environment({}, { enableServiceLinks: true });
  const own = Object.entries(variables).filter(([name]) => name.startsWith('DATA_BASE_'));
  assert.deepEqual(Object.fromEntries(own), {
    DATA_BASE_SERVICE_HOST: '10.96.0.7',
    DATA_BASE_SERVICE_PORT: '5432',
    DATA_BASE_SERVICE_PORT_SQL_MAIN: '5432',
    DATA_BASE_PORT: 'tcp://10.96.0.7:5432',
    DATA_BASE_PORT_5432_TCP: 'tcp://10.96.0.7:5432',
    DATA_BASE_PORT_5432_TCP_PROTO: 'tcp',
    DATA_BASE_PORT_5432_TCP_PORT: '5432',
    DATA_BASE_PORT_5432_TCP_ADDR: '10.96.0.7',
  });
  assert.equal(variables.KUBERNETES_SERVICE_PORT_HTTPS, '443');
  const others = Object.keys(variables).filter((name) => /^(HEADLESS|ELSEWHERE)_/.test(name));
  assert.deepEqual(others, []);
});

test('environment finds the containers that need the pod’s address first', () => {
  const needing = containersNeedingAddress([
    { name: 'a', env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    { name: 'b', env: [{ name: 'H', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }] },
    { name: 'c' },
  ]);
  assert.deepEqual([...needing], ['a']);
});
