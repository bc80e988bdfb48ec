import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { deviceAdminAccess } from './device-admin-access.js';

const { claims, templates } = deviceAdminAccess((namespace) =>
  namespace === 'ops' ? { 'resource.kubernetes.io/admin-access': 'true' } : { a: 'b' },
);

const object = (namespace: string, fields: object): KubeObject =>
  ({ metadata: { name: 'x', namespace }, ...fields }) as unknown as KubeObject;

const plain = { name: 'a', exactly: { deviceClassName: 'c' } };
const admin = { name: 'b', exactly: { deviceClassName: 'c', adminAccess: true } };
const wishes = (...requests: object[]) => ({ devices: { requests } });
const granted = (adminAccess: boolean) => ({
  status: { allocation: { devices: { results: [{ adminAccess }] } } },
});
const detail =
  'Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace';
const inRequest = [`spec.devices.requests[1].adminAccess: ${detail}`];

const texts = (found: ReturnType<NonNullable<typeof claims.check>> | undefined) =>
  (found ?? []).map(({ field, message }) => `${field}: ${message}`);

test('claims for administration are for namespaces marked for them', () => {
  const claim = (namespace: string, ...requests: object[]) =>
    texts(claims.check?.(object(namespace, { spec: wishes(...requests) })));
  assert.deepEqual(claim('apps', plain), []);
  assert.deepEqual(claim('apps', plain, admin), inRequest);
  assert.deepEqual(claim('ops', plain, admin), []);
  // As it is in v1beta1.
  assert.deepEqual(claim('apps', plain, { name: 'b', adminAccess: true }), inRequest);
});

test('templates of claims for administration are for the same namespaces', () => {
  const template = (namespace: string) =>
    texts(templates.check?.(object(namespace, { spec: { spec: wishes(plain, admin) } })));
  assert.deepEqual(template('apps'), inRequest);
  assert.deepEqual(template('ops'), []);
});

test('devices are granted for administration in the same namespaces', () => {
  const grant = (namespace: string, before: object) =>
    texts(claims.check?.(object(namespace, granted(true)), object(namespace, before)));
  assert.deepEqual(grant('apps', {}), [
    `status.allocation.devices.results[0].adminAccess: ${detail}`,
  ]);
  assert.deepEqual(grant('ops', {}), []);
  // What was granted before the label went stays.
  assert.deepEqual(grant('apps', granted(true)), []);
});
