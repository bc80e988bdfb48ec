import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../../api/meta/status-error.js';
import type { AuthorizationRequest } from '../authz/authorizer.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { noAccessMetrics } from './access-metrics.js';
import { createRequestGate } from './request-gate.js';
import { resourceRequestOf } from './request-info.js';

const user = { username: 'jane', groups: [] };

/** What the authoriser is asked for a request, as `verb plural/subresource namespace name` or `verb path`. */
function askedFor(method: string, url: string, reason = ''): readonly string[] {
  const asked: string[] = [];
  const authorizer = ({ verb, resource, path = '' }: AuthorizationRequest) => {
    asked.push(
      resource === undefined
        ? `${verb} ${path}`
        : `${verb} ${resource.plural}/${resource.subresource} ${resource.namespace} ${resource.name}`,
    );
    return { allowed: reason === '', reason };
  };
  const handle = () => Promise.reject(new Error('nothing is asked for'));
  const gate = createRequestGate({
    authorization: authorizer,
    handler: { handle },
    metrics: noAccessMetrics,
    clock: new FakeClock(),
  });
  const [path = '', text = ''] = url.split('?');
  const query = new URLSearchParams(text);
  const target = resourceRequestOf(method, path, query);
  assert.equal(gate.authorize(user, method, { path, query, target }), undefined);
  return asked;
}

const cases: readonly [string, string, readonly string[]][] = [
  ['GET', '/api/v1/namespaces/n/pods/p', ['get pods/ n p']],
  ['GET', '/api/v1/namespaces/n/pods', ['list pods/ n ']],
  ['GET', '/api/v1/pods?watch=1', ['watch pods/  ']],
  ['GET', '/api/v1/namespaces/n', ['get namespaces/ n n']],
  ['DELETE', '/api/v1/namespaces/n/pods', ['deletecollection pods/ n ']],
  ['GET', '/api/v1/namespaces/n/secrets?fieldSelector=metadata.name%3Ds', ['list secrets/ n s']],
  [
    'GET',
    '/api/v1/namespaces/n/secrets?watch=1&fieldSelector=type%3Dx%2Cmetadata.name%3Ds',
    ['watch secrets/ n s'],
  ],
  ['GET', '/api/v1/namespaces/n/secrets?fieldSelector=metadata.name!%3Ds', ['list secrets/ n ']],
  ['GET', '/api/v1/namespaces/n/secrets?fieldSelector=metadata.name%3Da/b', ['list secrets/ n ']],
  ['GET', '/api/v1/namespaces/n/secrets?fieldSelector=metadata.name', ['list secrets/ n ']],
  ['GET', '/api/v1/namespaces/n/pods/p/log', ['get pods/log n p']],
  ['GET', '/api/v1/namespaces/n/pods/p/exec', ['get pods/exec n p', 'create pods/exec n p']],
  ['POST', '/api/v1/namespaces/n/pods/p/exec', ['create pods/exec n p']],
  [
    'GET',
    '/api/v1/namespaces/n/pods/p/portforward',
    ['get pods/portforward n p', 'create pods/portforward n p'],
  ],
  ['GET', '/healthz', ['get /healthz']],
  ['HEAD', '/healthz', ['get /healthz']],
  ['POST', '/metrics', ['post /metrics']],
];

for (const [method, url, expected] of cases) {
  test(`request gate asks for ${method} ${url}`, () => {
    assert.deepEqual(askedFor(method, url), expected);
  });
}

test('request gate says what is refused and why', () => {
  const refusals: readonly [string, string][] = [
    [
      '/apis/apps/v1/namespaces/n/deployments/d/scale',
      'deployments.apps "d" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" in the namespace "n": no',
    ],
    [
      '/api/v1/nodes',
      'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope: no',
    ],
    ['/metrics', 'forbidden: User "jane" cannot get path "/metrics": no'],
  ];
  for (const [url, message] of refusals) {
    assert.throws(
      () => askedFor('GET', url, 'no'),
      (error: unknown) => isStatusError(error) && error.code === 403 && error.message === message,
    );
  }
});
