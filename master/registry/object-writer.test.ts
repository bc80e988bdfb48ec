import assert from 'node:assert/strict';
import test from 'node:test';
import { configMaps } from '../../api/core/v1/config-map.js';
import { hasReason } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { openMemoryStore } from '../store/memory.js';
import { watchLimits } from '../watch/limits.js';
import { createResourceStore } from '../watch/resource-cache.js';
import { storePrefix } from './object-key.js';
import { ObjectWriter } from './object-writer.js';

const resource = configMaps as unknown as ResourceDefinition;

const key = { namespace: 'n', name: 'a' };
const written = { dryRun: false };

/** A ConfigMap of about so many bytes beside its owners. */
const configMap = (sizeBytes: number, ownerBytes: number): KubeObject => {
  const metadata = {
    ...key,
    uid: 'u',
    resourceVersion: '',
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [{ manager: 'm'.repeat(ownerBytes) }],
  };
  const data = { text: 'x'.repeat(sizeBytes) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as KubeObject;
};

async function openWriter(): Promise<ObjectWriter> {
  const store = await createResourceStore({
    store: openMemoryStore(),
    clock: new FakeClock(),
    prefix: storePrefix(resource),
    kind: 'ConfigMap',
    apiVersion: 'v1',
  });
  return new ObjectWriter({ resource, store, hooks: {} });
}

const isTooLarge = (error: unknown): boolean => hasReason(error, 'RequestEntityTooLarge');

test('an object that is too large with its owners is stored without them', async () => {
  const writer = await openWriter();
  const { maxObjectBytes } = watchLimits;
  const created = await writer.create(key, configMap(1000, maxObjectBytes), written);
  assert.equal(created?.object.metadata.managedFields, undefined);
  const stored = writer.find(key);
  assert.ok(stored);
  const changed = await writer.change(stored, configMap(2000, maxObjectBytes), written);
  assert.equal(changed?.object.metadata.managedFields, undefined);
});

test('an object grows no larger than a request may be, unless it is marked for deletion', async () => {
  const writer = await openWriter();
  const { maxObjectBytes } = watchLimits;
  const applied = { ...written, applies: true } as const;
  await assert.rejects(writer.create(key, configMap(1000, maxObjectBytes), applied), isTooLarge);
  await writer.create(key, configMap(1000, 10), written);
  const stored = writer.find(key);
  assert.ok(stored);
  const huge = configMap(maxObjectBytes, 10);
  await assert.rejects(writer.change(stored, structuredClone(huge), written), isTooLarge);
  assert.ok(await writer.mark(stored, huge, false));
});
