import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KubeObject } from '../../api/meta/v1/types.js';
import { Expectations, type ObservedResource } from './expectations.js';

const makeObject = (revision: number, uid = 'u1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', uid, resourceVersion: String(revision), creationTimestamp: '' },
});

interface FakeCache extends ObservedResource {
  revision: number;
  object: KubeObject | undefined;
}

function cache(revision: number, object: KubeObject | undefined): FakeCache {
  const state: FakeCache = { revision, object, lister: { get: () => state.object } };
  return state;
}

test('expectations hold a key until the cache has reached its write', () => {
  const state = cache(4, undefined);
  const expectations = new Expectations();
  expectations.written('k', state, makeObject(7), 0);
  assert.equal(expectations.satisfied('k'), false);
  assert.deepEqual(expectations.waitingKeys(), ['k']);
  assert.equal(expectations.isEmpty(), false);
  state.revision = 7;
  assert.equal(expectations.satisfied('k'), true);
  assert.deepEqual(expectations.waitingKeys(), []);
  assert.equal(expectations.isEmpty(), true);
});

test('expectations do not wait for what the cache shows already', () => {
  const state = cache(9, makeObject(7));
  const expectations = new Expectations();
  expectations.written('k', state, makeObject(7), 0);
  assert.equal(expectations.waitingSinceMs('k'), undefined);
});

test('expectations of a deletion end when the object is gone, going or another', () => {
  const going = makeObject(8);
  going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  for (const after of [undefined, going, makeObject(8, 'u2')]) {
    const state = cache(4, makeObject(3));
    const expectations = new Expectations();
    expectations.deleted('k', state, { name: 'a', uid: 'u1' }, 5);
    assert.equal(expectations.satisfied('k'), false);
    assert.equal(expectations.waitingSinceMs('k'), 5);
    state.object = after;
    assert.equal(expectations.satisfied('k'), true);
  }
});
