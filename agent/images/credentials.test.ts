import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Secret } from '../../api/core/v1/types.js';
import { propertyRuns } from '../../testing/property-runs.js';
import { credentialsFor } from './credentials.js';
import { parseImageReference, withTag } from './image-reference.js';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');

const secretOf = (auths: unknown): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  data: { '.dockerconfigjson': encoded({ auths }) },
});

const user = { username: 'u', password: 'p' };
const image = 'a.registry.example:5000/team/web:1';

const keys: readonly (readonly [string, boolean])[] = [
  ['a.registry.example:5000', true],
  ['https://a.registry.example:5000/v2/', true],
  ['a.registry.example:5000/team', true],
  ['a.registry.example:5000/team/web///', true],
  ['a.registry.example:5000/te', false],
  ['*.registry.example:5000', true],
  ['*.*.example:5000', true],
  ['a.reg*try.ex*:5*', true],
  ['*.example:5000', false],
  ['a.registry.example', false],
  ['a.registryXexample:5000', false],
  ['', false],
  ['*', false],
];

for (const [key, fits] of keys) {
  test(`credentials for ${JSON.stringify(key)} ${fits ? 'fit' : 'do not fit'} an image`, () => {
    assert.equal(credentialsFor(image, [secretOf({ [key]: user })]).length, fits ? 1 : 0);
  });
}

test('credentials that are none are left out', () => {
  const key = 'a.registry.example:5000';
  for (const entry of [null, 7, 'u:p', [], { username: 7 }, { auth: {} }, { auth: 1e9 }]) {
    assert.deepEqual(credentialsFor(image, [secretOf({ [key]: entry })]), []);
  }
  for (const auths of [null, 7, 'a', [null]]) {
    assert.deepEqual(credentialsFor(image, [secretOf(auths)]), []);
  }
});

test('credentials of any shape take no longer than they must', { timeout: 10_000 }, () => {
  const host = `${'a'.repeat(60)}.example`;
  const hostile = {
    [`${'*a'.repeat(300)}b.example`]: user,
    [`${'*'.repeat(50_000)}b.example`]: user,
    [`${'/'.repeat(200_000)}x`]: user,
    [`x${'/'.repeat(200_000)}x`]: user,
    ['.'.repeat(100_000)]: user,
  };
  assert.deepEqual(credentialsFor(`${host}/web`, [secretOf(hostile)]), []);
});

test('image references of any text are read', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      '1',
      '.',
      '/',
      ':',
      '@',
      '-',
      '_',
      '*',
      '%',
      '[',
      '\u0000',
      'é',
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(text, (reference) => {
      const { registry, repository } = parseImageReference(reference);
      assert.equal(typeof `${registry}${repository}${withTag(reference)}`, 'string');
      credentialsFor(reference, [secretOf({ [reference]: user, '*': user })]);
    }),
    { numRuns: propertyRuns(200) },
  );
});
