import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { guarding, releasing, type Guard } from './finalizer.js';

const guard: Guard = {
  resource: { group: '', version: 'v1', kind: 'Thing', plural: 'things', scope: 'Cluster' },
  finalizer: 'test/guard',
};

const thing = (finalizers: string[] | undefined, isDeleted: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {
    name: 'a',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(isDeleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
});

for (const [finalizers, isDeleted, guarded, released] of [
  [undefined, false, ['test/guard'], undefined],
  [['other'], false, ['other', 'test/guard'], undefined],
  [['test/guard'], false, undefined, undefined],
  [['test/guard', 'other'], true, undefined, ['other']],
  [['test/guard'], true, undefined, []],
  [['other'], true, undefined, undefined],
] as const) {
  const state = `${isDeleted ? 'deleted' : 'living'} with ${finalizers?.join() ?? 'no finalizer'}`;
  test(`guard of an object ${state} changes what it has to`, () => {
    const object = thing(finalizers && [...finalizers], isDeleted);
    for (const [actions, expected] of [
      [guarding(guard, object), guarded],
      [releasing(guard, object), released],
    ] as const) {
      const [action] = actions;
      const written = action?.type === 'update' ? action.object.metadata : undefined;
      assert.deepEqual(written?.finalizers, expected);
      if (written !== undefined) assert.equal(written.resourceVersion, '7');
    }
  });
}
