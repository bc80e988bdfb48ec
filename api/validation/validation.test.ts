import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectMeta } from '../meta/v1/types.js';
import {
  cidrContains,
  ipToBigInt,
  parseCidr,
  specialAddressErrors,
  strictCidrErrors,
  strictIPErrors,
} from './addresses.js';
import { validateLabelSelector } from './label-selector.js';
import {
  configMapKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  envVarNameErrors,
  labelValueErrors,
  objectNameErrors,
  percentErrors,
  portNameErrors,
  qualifiedNameErrors,
} from './names.js';
import { metadataCauses, validateObjectMeta, validateObjectMetaUpdate } from './object-meta.js';

type Check = (value: string) => string[];

const syntax: readonly [string, Check, readonly string[], readonly string[]][] = [
  ['label', dns1123LabelErrors, ['a', 'a-1', '0'], ['', 'A', '-a', 'a-', 'a.b', 'a'.repeat(64)]],
  ['subdomain', dns1123SubdomainErrors, ['a.b-c.d', 'x'], ['', 'a..b', 'A_b', 'a'.repeat(254)]],
  ['service name', dns1035LabelErrors, ['a1'], ['1a', 'a.b', '']],
  ['qualified name', qualifiedNameErrors, ['a', 'x.io/B_c'], ['', '/a', 'a/', 'a/b/c', 'a b']],
  ['label value', labelValueErrors, ['', 'A_b.c'], ['a b', '-a', 'a'.repeat(64)]],
  ['port name', portNameErrors, ['http', 'a-1'], ['', '80', 'a--b', '-a', 'a'.repeat(16), 'A']],
  ['config key', configMapKeyErrors, ['a.b', '_', '.a'], ['', 'a/b', '.', '..', '..a']],
  ['variable name', envVarNameErrors, ['A', '1 x', 'a.b-c'], ['', 'a=b', 'ü', 'a\n']],
  ['percentage', percentErrors, ['1%', '100%'], ['1', '%', '-1%', '1.5%']],
];

for (const [name, check, good, bad] of syntax) {
  test(`${name} syntax accepts and refuses`, () => {
    for (const value of good) assert.deepEqual(check(value), [], JSON.stringify(value));
    for (const value of bad) assert.notDeepEqual(check(value), [], JSON.stringify(value));
  });
}

test('name errors are in the words of Kubernetes', () => {
  assert.deepEqual(dns1123LabelErrors('A_b'), [
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  assert.deepEqual(dns1123LabelErrors('a.b'), ['must not contain dots']);
  assert.deepEqual(labelValueErrors('a'.repeat(64)), ['must be no more than 63 bytes']);
});

test('generated names are checked by their prefix', () => {
  assert.deepEqual(objectNameErrors('web-', 'subdomain', true), []);
  assert.notDeepEqual(objectNameErrors('web-', 'subdomain'), []);
});

test('addresses are read, ranged and told apart', () => {
  assert.equal(ipToBigInt('10.0.0.1'), 167772161n);
  assert.equal(ipToBigInt('::ffff:1.2.3.4'), 0xffff01020304n);
  assert.equal(parseCidr('10.0.0.0/33'), undefined);
  assert.equal(parseCidr('10.0.0.0'), undefined);
  assert.equal(cidrContains('10.96.0.0/12', '10.111.255.255'), true);
  assert.equal(cidrContains('10.96.0.0/12', '10.112.0.0'), false);
  assert.equal(cidrContains('fd00::/8', '10.0.0.1'), false);
  for (const address of ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.1', '::1', 'fe80::1']) {
    assert.notDeepEqual(specialAddressErrors(address), [], address);
  }
  assert.deepEqual(specialAddressErrors('10.1.2.3'), []);
});

test('label selectors say which part is wrong', () => {
  const errors = validateLabelSelector(
    {
      matchLabels: { 'a b': 'c' },
      matchExpressions: [
        { key: 'k', operator: 'In' },
        { key: 'k', operator: 'Exists', values: ['x'] },
      ],
    },
    'spec.selector',
  );
  assert.deepEqual(
    errors.map(({ field, reason }) => `${field} ${reason}`),
    [
      'spec.selector.matchLabels FieldValueInvalid',
      'spec.selector.matchExpressions[0].values FieldValueRequired',
      'spec.selector.matchExpressions[1].values FieldValueForbidden',
    ],
  );
});

const metadata = (parts: Partial<ObjectMeta> = {}): ObjectMeta => ({
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2026-01-02T03:04:05Z',
  ...parts,
});
const rules = { scope: 'Namespaced', nameFormat: 'subdomain' } as const;

const badMetadata: readonly [string, Partial<ObjectMeta>, string[]][] = [
  ['no name', { name: '' }, ['metadata.name FieldValueRequired']],
  ['a bad name', { name: 'A_b' }, ['metadata.name FieldValueInvalid']],
  ['no namespace', { namespace: '' }, ['metadata.namespace FieldValueRequired']],
  ['a bad label', { labels: { a: 'b c' } }, ['metadata.labels FieldValueInvalid']],
  ['a bad finalizer', { finalizers: ['plain'] }, ['metadata.finalizers[0] FieldValueInvalid']],
  ['a negative generation', { generation: -1 }, ['metadata.generation FieldValueInvalid']],
  [
    'large annotations',
    { annotations: { a: 'a'.repeat(256 * 1024) } },
    ['metadata.annotations FieldValueTooLong'],
  ],
  [
    'two controllers',
    {
      ownerReferences: ['p', 'q'].map((name) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        name,
        uid: name,
        controller: true,
      })),
    },
    ['metadata.ownerReferences FieldValueInvalid'],
  ],
];

for (const [name, parts, errors] of badMetadata) {
  test(`metadata with ${name} is refused`, () => {
    const found = validateObjectMeta(metadata(parts), rules);
    assert.deepEqual(
      found.map(({ field, reason }) => `${field} ${reason}`),
      errors,
    );
  });
}

test('metadata keeps its identity on update', () => {
  const changed = metadata({ name: 'b', uid: 'v', deletionTimestamp: '2026-01-02T03:04:05Z' });
  assert.deepEqual(
    validateObjectMetaUpdate(changed, metadata()).map(({ field }) => field),
    ['metadata.name', 'metadata.uid', 'metadata.deletionTimestamp'],
  );
});

test('an error of metadata is a cause as often as Kubernetes comes upon it', () => {
  const changed = metadata({ uid: 'v', labels: { a: 'x y' } });
  const found = validateObjectMetaUpdate(changed, metadata());
  const fields = (part: 'main' | 'status') =>
    metadataCauses(found, part).map(({ field }) => field.replace('metadata.', ''));
  const uids = ['uid', 'uid'];
  const labels = ['labels', 'labels', 'labels'];
  assert.deepEqual(fields('main'), [...uids, ...labels, 'labels']);
  assert.deepEqual(fields('status'), [...uids, ...labels]);
});

test('metadata of an object that is being deleted takes no new finalizers', () => {
  const stored = metadata({ deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['x/a'] });
  const [error] = validateObjectMetaUpdate({ ...stored, finalizers: ['x/a', 'x/b'] }, stored);
  assert.equal(
    error?.message,
    'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/b"}',
  );
});

test('strict addresses and ranges have one spelling', () => {
  const addresses: [string, string[]][] = [
    ['10.0.0.1', []],
    ['fd00::1', []],
    ['::', []],
    ['fd00:0::1', ['must be in canonical form ("fd00::1")']],
    ['1:0:0:2:0:0:0:3', ['must be in canonical form ("1:0:0:2::3")']],
    ['::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
    ['x', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ];
  for (const [value, expected] of addresses) assert.deepEqual(strictIPErrors(value), expected);
  assert.deepEqual(strictCidrErrors('fd00::/64'), []);
  assert.deepEqual(strictCidrErrors('10.0.0.1/8'), [
    'must not have bits set beyond the prefix length',
  ]);
});
