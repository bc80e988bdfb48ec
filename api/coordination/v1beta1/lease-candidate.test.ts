import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { objectNameErrors } from '../../validation/names.js';
import { leaseCandidates } from './lease-candidate.js';

const strategy = 'OldestEmulationVersion';
const spec = { leaseName: 'l', binaryVersion: '1.36.0', emulationVersion: '1.35.0', strategy };
const refused = (fields: object): string[] =>
  refusals(leaseCandidates.validate(created(leaseCandidates, { spec: { ...spec, ...fields } })));

test('a lease candidate says what lease it is for and in which versions', () => {
  assert.deepEqual(refused({}), []);
  assert.deepEqual(refused({ strategy: 'example.com/own', emulationVersion: '' }), []);
  for (const [fields, ...errors] of [
    [{ leaseName: '' }, 'spec.leaseName: Required value'],
    [{ binaryVersion: '' }, 'spec.binaryVersion: Required value'],
    [
      { binaryVersion: 'v1.36' },
      'spec.binaryVersion: Invalid value: "v1.36": must be a valid semantic version',
    ],
    [
      { binaryVersion: '1.34.0' },
      'spec.binaryVersion: Invalid value: "1.34.0": must be greater than or equal to `emulationVersion`',
    ],
    [{ strategy: '' }, 'spec.strategy: Required value'],
    [
      { strategy: 'Dice' },
      'spec.strategy.strategy: Unsupported value: "Dice": supported values: "OldestEmulationVersion"',
    ],
    [
      { emulationVersion: '' },
      "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
    ],
  ] as const) {
    assert.deepEqual(refused(fields), errors);
  }
});

test('a lease candidate keeps its lease, and may be called what a key may be', () => {
  const stored = storedAs(created(leaseCandidates, { spec }));
  assert.deepEqual(
    refusals(leaseCandidates.validateUpdate?.(changed(stored, { leaseName: 'm' }), stored)),
    ['spec.leaseName: Invalid value: "m": field is immutable'],
  );
  assert.deepEqual(objectNameErrors('Some_server.1-', leaseCandidates.nameFormat), []);
  assert.equal(objectNameErrors('a/b', leaseCandidates.nameFormat).length, 1);
  assert.deepEqual(row(leaseCandidates, stored), {
    Name: 'a',
    LeaseName: 'l',
    BinaryVersion: '1.36.0',
    EmulationVersion: '1.35.0',
    Age: '10m',
  });
});
