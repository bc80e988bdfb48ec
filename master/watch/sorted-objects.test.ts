import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { SortedObjects } from './sorted-objects.js';
import { objectFactory } from './stored-object.js';

const { fromValue } = objectFactory<KubeObject>({ prefix: '/r/', freeze: false });
const value = Buffer.from('{"metadata":{}}');
const stored = (key: string, revision: number) => fromValue(`/r/${key}`, value, revision);

const step = fc.record({
  key: fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 3 }),
  what: fc.constantFrom('set', 'delete', 'look'),
});

test('whatever is written in whatever order, a slice is what a sorted map would give', () => {
  const property = fc.property(fc.array(step, { maxLength: 60 }), fc.nat(3), (steps, crowd) => {
    const objects = new SortedObjects<KubeObject>();
    const model = new Map<string, number>();
    for (let index = 0; index < crowd * 200; index += 1) {
      objects.set(stored(`c${String(index)}`, 1));
      model.set(`/r/c${String(index)}`, 1);
    }
    for (const [revision, { key, what }] of steps.entries()) {
      if (what === 'set') {
        objects.set(stored(key, revision));
        model.set(`/r/${key}`, revision);
      } else if (what === 'delete') {
        objects.delete(`/r/${key}`);
        model.delete(`/r/${key}`);
      } else {
        const wanted = [...model]
          .filter(([held]) => held.startsWith('/r/') && held > `/r/${key}`)
          .sort(([a], [b]) => (a < b ? -1 : 1));
        const found = objects.slice('/r/', `/r/${key}`);
        assert.deepEqual(
          found.map((object) => [object.key, object.modRevision]),
          wanted,
        );
      }
      assert.equal(objects.size, model.size);
      assert.equal(objects.get(`/r/${key}`)?.modRevision, model.get(`/r/${key}`));
    }
  });
  fc.assert(property, { numRuns: propertyRuns(30) });
});
