import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuthorizationRequest, interimAuthorizer } from './authorizer.js';

const user = (username: string, ...groups: string[]) => ({ username, groups });
const admin = user('kubernetes-admin', 'system:masters', 'system:authenticated');
const node = user('system:node:n1', 'system:nodes', 'system:authenticated');
const scheduler = user('system:kube-scheduler', 'system:authenticated');
const account = user('system:serviceaccount:default:x', 'system:authenticated');
const joining = user('system:bootstrap:abcdef', 'system:bootstrappers', 'system:authenticated');
const nobody = user('system:anonymous', 'system:unauthenticated');

const resource = (plural: string, group = '') => ({
  resource: { group, version: 'v1', plural, subresource: '', namespace: 'default', name: '' },
});

const cases: readonly [string, AuthorizationRequest, boolean][] = [
  ['administrators delete pods', { user: admin, verb: 'delete', ...resource('pods') }, true],
  ['nodes update pods', { user: node, verb: 'update', ...resource('pods') }, true],
  ['the scheduler binds pods', { user: scheduler, verb: 'create', ...resource('pods') }, true],
  [
    'service accounts do not read secrets',
    { user: account, verb: 'get', ...resource('secrets') },
    false,
  ],
  [
    'service accounts ask about themselves',
    {
      user: account,
      verb: 'create',
      ...resource('selfsubjectaccessreviews', 'authorization.k8s.io'),
    },
    true,
  ],
  ['service accounts read discovery', { user: account, verb: 'get', path: '/apis' }, true],
  ['service accounts do not read metrics', { user: account, verb: 'get', path: '/metrics' }, false],
  [
    'joining agents ask for a certificate',
    { user: joining, verb: 'create', ...resource('certificatesigningrequests') },
    true,
  ],
  ['joining agents do nothing else', { user: joining, verb: 'list', ...resource('pods') }, false],
  ['anybody asks for health', { user: nobody, verb: 'get', path: '/readyz' }, true],
  ['anybody asks for one health check', { user: nobody, verb: 'get', path: '/livez/ping' }, true],
  ['anybody asks for the version', { user: nobody, verb: 'get', path: '/version' }, true],
  ['anonymous does not read discovery', { user: nobody, verb: 'get', path: '/api' }, false],
  [
    'anonymous reads nothing below a health path',
    { user: nobody, verb: 'get', path: '/healthz/../metrics' },
    false,
  ],
  ['anonymous lists nothing', { user: nobody, verb: 'list', ...resource('pods') }, false],
];

for (const [name, request, allowed] of cases) {
  test(`authorizer decides that ${name}`, () => {
    assert.equal(interimAuthorizer(request).allowed, allowed);
  });
}
