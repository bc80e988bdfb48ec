import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { builtInResources } from '../../../api/resources.js';
import { isStatusError } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { openRegistries } from '../../open-registries.js';
import { admitAll } from '../../registry/hooks.js';
import type { WriteContext } from '../../registry/hooks.js';
import { openMemoryStore } from '../../store/memory.js';
import { AgentProxy } from '../agent-proxy.js';
import { ClusterConnector } from './cluster-connector.js';

const context: WriteContext = {
  dryRun: false,
  admission: admitAll,
  requester: { username: 'test', groups: [] },
  warnings: [],
};

async function connectorWith(...objects: readonly unknown[]): Promise<ClusterConnector> {
  const registries = await openRegistries({
    store: openMemoryStore(),
    resources: builtInResources,
    serviceCidr: '10.96.0.0/12',
    clock: new FakeClock(),
    random: systemRandom,
  });
  for (const object of objects as readonly KubeObject[]) {
    const [group = '', plural = ''] =
      object.kind === 'Service' ? ['', 'services'] : ['discovery.k8s.io', 'endpointslices'];
    await registries.of(group, plural).create(object, 'n', context);
  }
  const agents = new AgentProxy({ caPem: '', certificatePem: '', keyPem: '' });
  return new ClusterConnector({ registries, agents, random: systemRandom });
}

const refused = (error: unknown): boolean => isStatusError(error) && error.code === 400;

test('connections to hosts never lead back to the machine or its link', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connector = await connectorWith();
  const hosts = [
    '127.0.0.1',
    '127.8.8.8',
    '::1',
    '0.0.0.0',
    '::ffff:127.0.0.1',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    'localhost',
  ];
  for (const host of hosts) {
    await assert.rejects(connector.toHost(host, port), refused, host);
  }
  server.close();
});

test('connections through a Service lead to pods only where a user asks', async () => {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.7'] }],
    ports: [{ name: '', port: 443, protocol: 'TCP' }],
  };
  const connector = await connectorWith(slice);
  const service = { namespace: 'n', name: 's' };
  assert.equal(connector.endpointsOf(service, '').length, 1);
  assert.deepEqual(connector.podsBehind(service, ''), []);
  await assert.rejects(connector.toPodOf(service, ''), /no endpoints available for service "s"/);
});
