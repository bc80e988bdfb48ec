import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../api/core/v1/config-map.js';
import { leases } from '../../api/coordination/v1/lease.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { RemoteGroupVersion } from './aggregation/remote-documents.js';
import { aggregatedDiscovery, legacyDiscovery } from './discovery.js';

const resources = [configMaps, leases] as unknown as readonly ResourceDefinition[];
const remote = (group: string, version: string, groupPriority: number): RemoteGroupVersion => ({
  group,
  version,
  groupPriority,
  versionPriority: 10,
  resources: [
    { name: 'apples', singularName: 'apple', namespaced: true, kind: 'Apple', verbs: ['get'] },
    { name: 'apples/status', namespaced: true, kind: 'Apple', verbs: ['patch'] },
  ],
  digest: '',
});
const remotes = [remote('low.example', 'v1', 10), remote('high.example', 'v1', 20)];

test('discovery lists what extension servers answer for after our own, by priority', () => {
  const documents = legacyDiscovery({ resources, remotes, serverAddress: '' });
  const { groups } = documents.get('/apis') as { groups: { name: string }[] };
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['coordination.k8s.io', 'high.example', 'low.example'],
  );
  assert.ok(documents.has('/apis/high.example'));
  // The extension server itself answers for its version.
  assert.ok(!documents.has('/apis/high.example/v1'));
});

test('aggregated discovery nests the subresources of an extension server', () => {
  const { items } = aggregatedDiscovery({ resources, remotes }, '/apis', 'v2') as {
    items: { metadata: { name: string }; versions: { resources: object[] }[] }[];
  };
  const kind = { group: 'high.example', version: 'v1', kind: 'Apple' };
  assert.deepEqual(items.find(({ metadata }) => metadata.name === 'high.example')?.versions, [
    {
      version: 'v1',
      resources: [
        {
          resource: 'apples',
          responseKind: kind,
          scope: 'Namespaced',
          singularResource: 'apple',
          verbs: ['get'],
          subresources: [{ subresource: 'status', responseKind: kind, verbs: ['patch'] }],
        },
      ],
      freshness: 'Current',
    },
  ]);
});
