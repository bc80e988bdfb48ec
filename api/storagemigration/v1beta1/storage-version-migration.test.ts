import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { storageVersionMigrations as migrations } from './storage-version-migration.js';
import type { StorageVersionMigration } from './types.js';

const made = (resource?: object): StorageVersionMigration =>
  created(migrations, { spec: resource === undefined ? {} : { resource } });
const deployments = { group: 'apps', resource: 'deployments' };

test('a migration names a resource and keeps it', () => {
  assert.deepEqual(refusals(migrations.validate(made(deployments))), []);
  assert.deepEqual(refusals(migrations.validate(made())), [
    'spec.resource.resource: Required value: resource is required',
  ]);
  const stored = storedAs(made(deployments));
  const other = made({ group: 'apps', resource: 'daemonsets' });
  assert.deepEqual(refusals(migrations.validateUpdate?.(other, stored)), [
    'resource: Invalid value: "daemonsets": field is immutable',
  ]);
  assert.deepEqual(row(migrations, stored), { Name: 'a', Resource: 'deployments.apps' });
});

const conditions = (...types: string[]) =>
  types.map((type) => ({
    type,
    status: 'True',
    reason: 'Why',
    message: '',
    lastTransitionTime: '2026-01-02T03:04:05Z',
  }));

test('a migration runs, then succeeds or fails, once', () => {
  const refused = (status: object, before: object = {}): string[] => {
    const [object, stored] = [made(deployments), made(deployments)];
    Object.assign(object.status, status);
    Object.assign(stored.status, before);
    return refusals(migrations.validateStatusUpdate?.(object, stored)).map((text) =>
      text.replace(/.*: /, ''),
    );
  };
  const running = { resourceVersion: '5', conditions: conditions('Running') };
  assert.deepEqual(refused(running), []);
  const done = { resourceVersion: '5', conditions: conditions('Succeeded') };
  assert.deepEqual(refused(done, running), []);
  assert.deepEqual(refused({ ...running, resourceVersion: '6' }, running), ['cannot be updated']);
  assert.deepEqual(refused({ resourceVersion: 'x' }), ['invalid syntax']);
  assert.deepEqual(refused({ conditions: conditions('Succeeded', 'Failed') }), [
    'Both success and failed conditions cannot be true at the same time',
  ]);
  assert.deepEqual(refused(running, done), [
    'Success condition cannot be set to false once it is true',
  ]);
});
