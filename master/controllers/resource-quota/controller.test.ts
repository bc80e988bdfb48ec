import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitionsRef } from '../../../api/apiextensions/v1/served-resource.js';
import { builtInResources, watchableResources } from '../../../api/resources.js';
import type { ResourceRef } from '../../../api/schema/resource.js';
import { fakeCluster } from '../../../machinery/controller/fixtures.test.js';
import { eventually } from '../../../testing/eventually.js';
import { resourceQuotaController } from './controller.js';
import { resourceQuotasRef } from './reconcile.js';

const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  scope: 'Namespaced',
};
const names = { kind: 'Widget', plural: 'widgets' };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names,
    scope: 'Namespaced' as const,
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: {
    acceptedNames: names,
    conditions: [
      {
        type: 'Established' as const,
        status: 'True' as const,
        reason: '',
        message: '',
        lastTransitionTime: '',
      },
    ],
  },
};

test('quota controller counts custom resources, and counts anew when one goes', async (t) => {
  const { client, run } = fakeCluster(t);
  const namespace = 'default';
  client.seed(customResourceDefinitionsRef, definition);
  client.seed(resourceQuotasRef, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { namespace, name: 'few' },
    spec: { hard: { 'count/widgets.example.com': '2' } },
  });
  for (const name of ['w1', 'w2']) {
    client.seed(widgets, {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { namespace, name },
    });
  }
  run(resourceQuotaController(watchableResources(builtInResources)));
  const usedIs = async (count: string): Promise<void> => {
    await eventually(async () => {
      const { status } = await client.get(resourceQuotasRef, { namespace, name: 'few' });
      assert.deepEqual(status?.used, { 'count/widgets.example.com': count });
    });
  };
  await usedIs('2');
  await client.delete(widgets, { namespace, name: 'w1' });
  await usedIs('1');
});
