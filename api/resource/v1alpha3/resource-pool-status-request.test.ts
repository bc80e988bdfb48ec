import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, refusals, storedAs } from '../../schema/drafts.test.js';
import { resourcePoolStatusRequests as requests } from './resource-pool-status-request.js';

const spec = { driver: 'd.example.com' };
const made = (fields: object) => created(requests, { spec: { ...spec, ...fields } });

test('a question about pools is for a hundred of one driver unless it says otherwise', () => {
  assert.equal(made({}).spec.limit, 100);
  for (const [fields, ...refused] of [
    [{}],
    [{ poolName: 'a/b', limit: 1000 }],
    [{ driver: '' }, 'spec.driver: Required value: driver name is required'],
    [{ poolName: '' }, 'spec.poolName: Invalid value: "": must not be empty when specified'],
    [{ limit: 0 }, 'spec.limit: Invalid value: 0: must be at least 1'],
    [{ limit: 1001 }, 'spec.limit: Invalid value: 1001: must not exceed 1000'],
  ] as const) {
    assert.deepEqual(refusals(requests.validate(made(fields))), refused);
  }
});

test('a question about pools and its answer stay as they are', () => {
  const stored = storedAs(made({}));
  assert.equal('status' in stored, false);
  assert.match(
    refusals(requests.validateUpdate?.(changed(stored, { limit: 5 }), stored))[0] ?? '',
    /^spec: .*field is immutable/,
  );
  const pools = [{ driver: 'd.example.com', poolName: 'a', generation: 1, totalDevices: -1 }];
  const answered = { ...structuredClone(stored), status: { poolCount: 1, pools } };
  assert.deepEqual(refusals(requests.validateStatusUpdate?.(answered, stored)), [
    'status.pools[0].totalDevices: Invalid value: -1: must be non-negative',
  ]);
  const again = { ...structuredClone(stored), status: { poolCount: 2 } };
  assert.match(
    refusals(requests.validateStatusUpdate?.(again, answered))[0] ?? '',
    /^status: .*field is immutable/,
  );
});
