import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leases } from './lease.js';
import type { Lease } from './types.js';

const elected = { strategy: 'OldestEmulationVersion', preferredHolder: 'b' };
const leaseWith = (spec: object) =>
  ({ metadata: { name: 'a' }, spec: { holderIdentity: 'a', ...spec } }) as unknown as Lease;

test('leases keep the fields of coordinated elections only where they are stored', () => {
  const created = leaseWith(elected);
  leases.strategy.prepareForCreate?.(created, 0);
  assert.deepEqual(created.spec, { holderIdentity: 'a' });
  const added = leaseWith(elected);
  leases.strategy.prepareForUpdate?.(added, leaseWith({}), 0);
  assert.deepEqual(added.spec, { holderIdentity: 'a' });
  const kept = leaseWith(elected);
  leases.strategy.prepareForUpdate?.(kept, leaseWith(elected), 0);
  assert.deepEqual(kept.spec, { holderIdentity: 'a', ...elected });
});
