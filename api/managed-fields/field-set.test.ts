import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  difference,
  emptySet,
  equalSets,
  forEachPath,
  intersection,
  isEmptySet,
  member,
  union,
} from './field-set.js';
import type { FieldSet } from './field-set.js';
import { fieldSetFrom } from './fields-v1.js';
import { shownPath } from './path-element.js';

const element = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x","port":1}', 'v:"s"', 'i:0');

const setOf = (paths: readonly (readonly string[])[]): FieldSet =>
  paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((below, step) => ({ [step]: below }), member),
      ),
    emptySet,
  );

const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 });

const pathsOf = (set: FieldSet): Set<string> => {
  const found = new Set<string>();
  forEachPath(set, (path) => found.add(path.join(' ')));
  return found;
};

const texts = (list: readonly (readonly string[])[]): Set<string> =>
  new Set(list.map((path) => path.join(' ')));

test('field sets behave as sets of paths', () => {
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)];
      const [inA, inB] = [texts(left), texts(right)];
      assert.deepEqual(pathsOf(a), inA);
      assert.deepEqual(pathsOf(union(a, b)), new Set([...inA, ...inB]));
      assert.deepEqual(pathsOf(difference(a, b)), new Set([...inA].filter((p) => !inB.has(p))));
      assert.deepEqual(pathsOf(intersection(a, b)), new Set([...inA].filter((p) => inB.has(p))));
      assert.equal(isEmptySet(difference(a, a)), true);
      assert.equal(equalSets(union(a, b), union(b, a)), true);
    }),
  );
});

test('field sets come back from their text as they were', () => {
  fc.assert(
    fc.property(paths, (list) => {
      const set = setOf(list);
      assert.deepEqual(fieldSetFrom(JSON.parse(JSON.stringify(set))), set);
    }),
  );
});

test('the fields of a set are listed in the order of Kubernetes', () => {
  const set = setOf([
    ['i:1'],
    ['v:"s"'],
    ['k:{"name":"x"}', 'f:z'],
    ['f:b'],
    ['f:a', 'f:c'],
    ['f:a'],
  ]);
  const listed: string[] = [];
  forEachPath(set, (path) => listed.push(shownPath(path)));
  assert.deepEqual(listed, ['.a', '.a.c', '.b', '[name="x"].z', '[="s"]', '[1]']);
});

const readings: readonly { name: string; text: string; result: string | undefined }[] = [
  {
    name: 'sorts the keys of list elements',
    text: '{"k:{\\"port\\":80,\\"name\\":\\"x\\"}":{}}',
    result: '{"k:{\\"name\\":\\"x\\",\\"port\\":80}":{}}',
  },
  { name: 'drops elements of an unknown kind', text: '{"z:a":{},"f:a":{}}', result: '{"f:a":{}}' },
  { name: 'drops a mark that says nothing', text: '{"f:a":{".":{}}}', result: '{"f:a":{}}' },
  { name: 'takes the root mark for nothing', text: '{".":{}}', result: '{}' },
  { name: 'refuses a broken element', text: '{"k:{":{}}', result: undefined },
  { name: 'refuses an element without a kind', text: '{"a":{}}', result: undefined },
  { name: 'refuses what is no object', text: '{"f:a":1}', result: undefined },
];

for (const { name, text, result } of readings) {
  test(`reading a field set ${name}`, () => {
    const set = fieldSetFrom(JSON.parse(text));
    assert.equal(set === undefined ? undefined : JSON.stringify(set), result);
  });
}

test('a path is shown as people know it', () => {
  const path = ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name', 'v:"a"', 'i:3'];
  assert.equal(shownPath(path), '.spec.ports[port=80,protocol="TCP"].name[="a"][3]');
});
