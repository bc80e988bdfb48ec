import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAddress } from '../networking/v1/types.js';
import { ipAddresses } from '../networking/v1/ip-address.js';
import { created } from './drafts.test.js';
import { alsoIn, inVersion } from './other-version.js';
import { preRelease } from './pre-release.js';
import { definition, list, map, ref, string } from './schema.js';

const leaf = definition('io.k8s.api.x.v1.Leaf', 'A leaf.', { a: string(1, 'Text.') });
const foreign = definition('io.k8s.api.core.v1.Foreign', 'Of another package.', {});
const tree = definition('io.k8s.api.x.v1.Tree', 'A tree.', {
  self: ref(1, () => tree, 'Again.'),
  leaves: list(2, leaf, 'Many.'),
  named: map(3, leaf, 'By name.'),
  other: ref(4, foreign, 'Elsewhere.'),
});

test('a type in another version has all types of its package renamed, once', () => {
  const beta = inVersion(tree, 'v1beta1');
  const { self, leaves, named, other } = beta.fields;
  assert.equal(beta.name, 'io.k8s.api.x.v1beta1.Tree');
  assert.ok(self?.schema.type === 'ref' && self.schema.target() === beta);
  assert.ok(leaves?.schema.type === 'list' && leaves.schema.items.type === 'ref');
  assert.equal(leaves.schema.items.target().name, 'io.k8s.api.x.v1beta1.Leaf');
  assert.ok(named?.schema.type === 'map' && named.schema.values.type === 'ref');
  assert.equal(named.schema.values.target(), leaves.schema.items.target());
  assert.ok(other?.schema.type === 'ref' && other.schema.target() === foreign);
  assert.equal(inVersion(tree, 'v1beta1'), beta);
  assert.notEqual(inVersion(tree, 'v1alpha1'), beta);
});

test('a resource in another version is stored as the one it is made from', () => {
  const beta = alsoIn(ipAddresses, { version: 'v1beta1', deprecated: 34 });
  assert.equal(beta.apiVersion, 'networking.k8s.io/v1beta1');
  assert.deepEqual(beta.storedAs, {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'ipaddresses',
  });
  const stored = created<IPAddress>(ipAddresses, { spec: {} });
  const shown = beta.convert?.fromStored(stored);
  assert.equal(shown?.apiVersion, 'networking.k8s.io/v1beta1');
  assert.deepEqual(beta.convert?.toStored(shown), stored);
});

test('a deprecated version says so, and when it goes', () => {
  const kind = { group: 'x.k8s.io', version: 'v1beta1', kind: 'Tree' };
  assert.deepEqual(preRelease({ ...kind, deprecated: 37 }), {});
  assert.deepEqual(preRelease({ ...kind, deprecated: 36 }), {
    deprecation: 'x.k8s.io/v1beta1 Tree is deprecated in v1.36+, unavailable in v1.39+',
  });
});
