import assert from 'node:assert/strict';
import test from 'node:test';
import { resourceRequestOf } from './request-info.js';

const of = (method: string, url: string): string => {
  const [path = '', query = ''] = url.split('?');
  const found = resourceRequestOf(method, path, new URLSearchParams(query));
  if (found === undefined) return 'path';
  const { verb, group, version, namespace, plural, name, subresource } = found;
  return [verb, group, version, namespace, plural, name, subresource].join(' ');
};

test('paths mean what Kubernetes says they mean', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['GET', '/api/v1/pods', 'list  v1  pods  '],
    ['GET', '/api/v1/namespaces/n/pods?watch=1', 'watch  v1 n pods  '],
    ['GET', '/api/v1/namespaces/n/pods/p/log', 'get  v1 n pods p log'],
    ['POST', '/apis/apps/v1/namespaces/n/deployments', 'create apps v1 n deployments  '],
    ['PUT', '/api/v1/namespaces/n/finalize', 'update  v1 n namespaces n finalize'],
    ['DELETE', '/api/v1/namespaces/n', 'delete  v1 n namespaces n '],
    ['DELETE', '/api/v1/namespaces/n/secrets', 'deletecollection  v1 n secrets  '],
    ['GET', '/api/v1/watch/namespaces/n/pods/p', 'watch  v1 n pods p '],
    ['GET', '/api/v1/namespaces/n/pods/a%20b', 'get  v1 n pods a b '],
    // A slash parts segments however it is written, so that no name holds one.
    ['GET', '/api/v1/namespaces/n%2f..%2fm/secrets', 'get  v1 n .. m secrets'],
    ['GET', '/api/v1/secrets/n%2Fs', 'get  v1  secrets n s'],
    ['GET', '/api/v1', 'path'],
    ['GET', '/apis/apps/v1', 'path'],
    ['GET', '/healthz', 'path'],
    ['GET', '/api/v1/namespaces/%zz', 'path'],
  ];
  for (const [method, url, expected] of cases) assert.equal(of(method, url), expected, url);
});
