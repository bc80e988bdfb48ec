import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../api/meta/v1/types.js';
import { ObjectCache } from './object-cache.js';

const values = ['a', 'b', 'c'] as const;
const byLabels = ({ metadata }: KubeObject): readonly string[] =>
  Object.keys(metadata.labels ?? {});

const objectWith = (name: string, labels: readonly string[]): KubeObject =>
  ({
    metadata: { name, namespace: 'n', labels: Object.fromEntries(labels.map((key) => [key, ''])) },
  }) as unknown as KubeObject;

test('an object cache finds by an index what looking at every object finds', () => {
  const step = fc.record({
    name: fc.constantFrom('x', 'y', 'z'),
    labels: fc.option(fc.subarray([...values])),
    isIndexedHere: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const cache = new ObjectCache<KubeObject>();
      const known = new Map<string, KubeObject>();
      for (const { name, labels, isIndexedHere } of steps) {
        if (isIndexedHere) cache.addIndex('label', byLabels);
        if (labels === null) {
          cache.delete(name);
          known.delete(name);
        } else {
          const object = objectWith(name, labels);
          cache.set(name, object);
          known.set(name, object);
        }
      }
      cache.addIndex('label', byLabels);
      for (const value of values) {
        const expected = [...known.values()].filter((object) => byLabels(object).includes(value));
        assert.deepEqual(new Set(cache.byIndex('label', value)), new Set(expected));
        assert.equal(cache.byIndex('label', value).length, expected.length);
      }
      assert.deepEqual(new Set(cache.list('n')), new Set(known.values()));
    }),
  );
});
