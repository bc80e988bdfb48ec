import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefixOf, proxyTargetOf, restOf, rewrittenLocation } from './proxy.js';

test('proxy names say scheme, name and port', () => {
  const cases: [string, [string, string, string] | undefined][] = [
    ['web', ['http', 'web', '']],
    ['web:80', ['http', 'web', '80']],
    ['web:metrics', ['http', 'web', 'metrics']],
    ['https:web:', ['https', 'web', '']],
    ['https:web:8443', ['https', 'web', '8443']],
    [':web:80', ['http', 'web', '80']],
    ['ftp:web:80', undefined],
    ['https::80', undefined],
    ['a:b:c:d', undefined],
  ];
  for (const [name, expected] of cases) {
    if (expected === undefined) {
      assert.throws(() => proxyTargetOf(name, 'service'), /invalid service request/);
    } else assert.deepEqual(Object.values(proxyTargetOf(name, 'service')), expected, name);
  }
});

test('proxy sends on what follows in the path, as it was escaped', () => {
  const root = '/api/v1/namespaces/n/services/https:web:443/proxy';
  const cases = [
    [root, '/'],
    [`${root}/`, '/'],
    [`${root}/a%2Fb/c?d=%20`, '/a%2Fb/c?d=%20'],
    [`${root}/x/services/y/proxy/z`, '/x/services/y/proxy/z'],
  ] as const;
  for (const [path, expected] of cases) {
    assert.equal(restOf(path), expected);
    assert.equal(prefixOf(path), root);
  }
});

test('proxy keeps redirects within the server behind it', () => {
  const cases = [
    ['/login?x=1', '/p/login?x=1'],
    ['http://10.0.0.1:80/a#b', '/p/a#b'],
    ['https://elsewhere.example/a', 'https://elsewhere.example/a'],
    ['sub/page', 'sub/page'],
  ] as const;
  for (const [location, expected] of cases) {
    assert.equal(rewrittenLocation(location, '10.0.0.1:80', '/p'), expected);
  }
});
