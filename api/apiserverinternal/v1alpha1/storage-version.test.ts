import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, refusals, row } from '../../schema/drafts.test.js';
import { storageVersions } from './storage-version.js';
import type { StorageVersion } from './types.js';

const made = (status: object = {}, name = 'apps.deployments'): StorageVersion => {
  const object = created(storageVersions, {}, { name });
  Object.assign(object.status, status);
  return object;
};
const server = (apiServerID: string, encodingVersion: string) => ({
  apiServerID,
  encodingVersion,
  decodableVersions: ['v1', 'v2'],
});
const refused = (status: object): string[] => {
  const object = made(status);
  return refusals(storageVersions.validateStatusUpdate?.(object, object));
};

test('a storage version is named after its resource', () => {
  for (const [name, ...errors] of [
    ['apps.deployments'],
    ['x.k8s.io.things'],
    ['pods', 'name must be in the form of <group>.<resource>'],
  ] as const) {
    assert.deepEqual(
      refusals(storageVersions.validateCreate?.(made({}, name))),
      errors.map((why) => `metadata.name: Invalid value: "${name}": ${why}`),
    );
  }
});

test('the common version is what all servers write', () => {
  const same = [server('a', 'v1'), server('b', 'v1')];
  assert.deepEqual(refused({ storageVersions: same, commonEncodingVersion: 'v1' }), []);
  assert.deepEqual(refused({ storageVersions: [server('a', 'v1'), server('b', 'v2')] }), []);
  const field = 'status.commonEncodingVersion: Invalid value: ';
  assert.deepEqual(refused({ storageVersions: same }), [
    `${field}null: the common encoding version is v1`,
  ]);
  assert.deepEqual(refused({ storageVersions: same, commonEncodingVersion: 'v2' }), [
    `${field}"v2": the actual common encoding version is v1`,
  ]);
  assert.match(refused({ commonEncodingVersion: 'v2' })[0] ?? '', /should be nil if servers/);
  assert.match(
    refused({ storageVersions: [server('a', 'v3')], commonEncodingVersion: 'v3' })[0] ?? '',
    /decodableVersions must include encodingVersion v3/,
  );
});

test('conditions of a storage version say why', () => {
  const condition = { type: 'AllEncodingVersionsEqual', status: 'True', reason: '', message: 'm' };
  assert.deepEqual(refused({ conditions: [condition] }), [
    'status[0].reason: Required value: reason cannot be empty',
  ]);
});

test('a storage version shows what each server writes', () => {
  assert.equal(row(storageVersions, made()).StorageVersions, '<unset>');
  const shown = row(
    storageVersions,
    made({ storageVersions: [server('a', 'v1'), server('b', 'v2')] }),
  );
  assert.deepEqual(shown, {
    Name: 'apps.deployments',
    CommonEncodingVersion: '<unset>',
    StorageVersions: 'a=v1,b=v2',
    Age: '10m',
  });
});
