import { endpointSlices as endpointSlicesRef } from '../../../api/discovery/v1/endpoint-slice.js';
import { nodes as nodesRef } from '../../../api/core/v1/node.js';
import { pods as podsRef } from '../../../api/core/v1/pod/pod.js';
import { services as servicesRef } from '../../../api/core/v1/service.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { endpointsController } from '../endpoints/controller.js';
import { endpoints as endpointsRef } from '../../../api/core/v1/endpoints.js';
import { endpointSliceController } from './controller.js';

test('endpoint controllers follow services, pods and their own objects', async (t) => {
  const { client, run } = fakeCluster(t);
  run(endpointSliceController);
  run(endpointsController);

  const namespace = 'default';
  const addresses = (): (readonly string[])[] => [
    client
      .all(endpointSlicesRef)
      .flatMap((slice) => (slice.endpoints ?? []).flatMap((one) => one.addresses)),
    client
      .all(endpointsRef)
      .flatMap((one) =>
        (one.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip)),
      ),
  ];
  const both = async (...expected: string[]): Promise<void> => {
    await eventually(() => {
      assert.deepEqual(addresses(), [expected, expected]);
    });
  };
  client.seed(nodesRef, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} });
  client.seed(podsRef, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p1', namespace, labels: { app: 'web', tier: 'front' } },
    spec: { nodeName: 'n1', containers: [] },
    status: {
      phase: 'Running',
      podIP: '10.244.0.7',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  await client.create(servicesRef, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await both('10.244.0.7');

  await client.patch(
    podsRef,
    { namespace, name: 'p1' },
    { type: 'merge', body: { metadata: { labels: { app: 'other' } } } },
  );
  await both();

  await client.patch(
    servicesRef,
    { namespace, name: 'web' },
    { type: 'merge', body: { spec: { selector: { app: 'other' } } } },
  );
  await both('10.244.0.7');

  const [slice] = client.all(endpointSlicesRef);
  assert.ok(slice);
  await client.delete(endpointSlicesRef, slice.metadata);
  await client.delete(endpointsRef, { namespace, name: 'web' });
  await both('10.244.0.7');

  await client.delete(servicesRef, { namespace, name: 'web' });
  await eventually(() => {
    assert.deepEqual(client.all(endpointsRef), []);
  });
});
