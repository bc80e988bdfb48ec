import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configMaps } from '../../api/core/v1/config-map.js';
import { hasReason, serviceUnavailable } from '../../api/meta/status-error.js';
import { FakeClock } from '../clock/clock.js';
import { FakeClient } from './fake-client.js';

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
  data,
});

test('fake client refuses a stale resourceVersion and a second object of a name', async () => {
  const client = new FakeClient(new FakeClock());
  const created = await client.create(configMaps, configMap('a'));
  await client.update(configMaps, { ...created, data: { key: 'one' } });
  await assert.rejects(client.update(configMaps, { ...created, data: { key: 'two' } }), (error) =>
    hasReason(error, 'Conflict'),
  );
  await assert.rejects(client.create(configMaps, configMap('a')), (error) =>
    hasReason(error, 'AlreadyExists'),
  );
});

test('fake client keeps an object with finalizers until the last is removed', async () => {
  const client = new FakeClient(new FakeClock());
  const key = { namespace: 'default', name: 'a' };
  const object = configMap('a');
  await client.create(configMaps, {
    ...object,
    metadata: { ...object.metadata, finalizers: ['example.com/hold'] },
  });
  await client.delete(configMaps, key);
  const held = await client.get(configMaps, key);
  assert.notEqual(held.metadata.deletionTimestamp, undefined);
  await client.patch(configMaps, key, { type: 'merge', body: { metadata: { finalizers: null } } });
  await assert.rejects(client.get(configMaps, key), (error) => hasReason(error, 'NotFound'));
});

test('fake client watch replays history, then follows, and gives 410 once compacted', async () => {
  const client = new FakeClient(new FakeClock());
  const first = await client.create(configMaps, configMap('a'));
  await client.create(configMaps, configMap('b'));
  const seen: string[] = [];
  for await (const event of client.watch(configMaps, { resourceVersion: '0' })) {
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (seen.length === 2) await client.delete(configMaps, { namespace: 'default', name: 'a' });
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ['ADDED a', 'ADDED b', 'DELETED a']);
  client.compact(configMaps);
  const { resourceVersion } = first.metadata;
  const late = client.watch(configMaps, { resourceVersion });
  await assert.rejects(late.next(), (error) => hasReason(error, 'Expired'));
});

test('fake client fails the next write when told to', async () => {
  const client = new FakeClient(new FakeClock());
  client.failNext('create', configMaps, serviceUnavailable('down'));
  await assert.rejects(client.create(configMaps, configMap('a')), /down/);
  await client.create(configMaps, configMap('a'));
  assert.equal(client.requests.length, 2);
});
