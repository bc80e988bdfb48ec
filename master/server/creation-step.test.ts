import assert from 'node:assert/strict';
import test from 'node:test';
import { leases } from '../../api/coordination/v1/lease.js';
import { configMaps } from '../../api/core/v1/config-map.js';
import { hasReason, isStatusError } from '../../api/meta/status-error.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { Api, mediaTypes } from './api-fixture.test.js';

/** May do nothing, and so create nothing. */
const jane = { username: 'jane', groups: ['system:authenticated'] };

const apply = {
  type: mediaTypes.apply,
  query: 'fieldManager=m',
  body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } },
};
const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'a' },
} as unknown as KubeObject;

const mayNotCreate =
  (plural: string, group: string) =>
  (error: unknown): boolean => {
    assert.ok(isStatusError(error) && hasReason(error, 'Forbidden'));
    const kind = group === '' ? plural : `${plural}.${group}`;
    assert.equal(
      error.message,
      `${kind} "a" is forbidden: User "jane" cannot create resource "${plural}" in API group "${group}" in the namespace "n"`,
    );
    return true;
  };

test('who may not create makes nothing by an apply or a PUT either', async () => {
  const api = await new Api().start();
  await assert.rejects(
    api.patch(configMaps, { ...apply, user: jane }),
    mayNotCreate('configmaps', ''),
  );
  await assert.rejects(
    api.put(leases, lease, { user: jane }),
    mayNotCreate('leases', 'coordination.k8s.io'),
  );
});

test('changing what is there takes no right to create', async () => {
  const api = await new Api().start();
  await api.patch(configMaps, apply);
  const made = await api.put(leases, lease);
  await api.patch(configMaps, { ...apply, user: jane });
  await api.put(leases, made, { user: jane });
});
