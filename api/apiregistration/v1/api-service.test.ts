import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiServices } from './api-service.js';
import type { APIService, APIServiceSpec } from './types.js';

function apiService(name: string, spec: Partial<APIServiceSpec>): APIService {
  const object = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name },
    spec: { version: 'v1', group: 'a.b', groupPriorityMinimum: 100, versionPriority: 10, ...spec },
    status: {},
  } as unknown as APIService;
  apiServices.defaults?.(object);
  return object;
}

const service = { namespace: 'n', name: 's' };

test('apiservice refuses what Kubernetes refuses', () => {
  const cases: [APIService, string[]][] = [
    [apiService('v1.a.b', { service }), []],
    [apiService('v1.', { group: '' }), []],
    [
      apiService('x', {}),
      ['metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.a.b"'],
    ],
    [
      apiService('v2.', { group: '', version: 'v2' }),
      ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
    ],
    [
      apiService('v1.a.b', { caBundle: 'QUJD', insecureSkipTLSVerify: true }),
      [
        'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
        'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
      ],
    ],
    [
      apiService('v1.a.b', {
        service: { port: 70_000 },
        caBundle: 'QUJD',
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 0,
        versionPriority: 1001,
      }),
      [
        'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
        'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
        'spec.service.namespace: Required value',
        'spec.service.name: Required value',
        'spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
        'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
      ],
    ],
  ];
  for (const [object, expected] of cases) {
    const found = apiServices.validate(object).map(({ field, message }) => `${field}: ${message}`);
    assert.deepEqual(found, expected);
  }
});

test('apiservice is available from the start where this server answers itself', () => {
  const cells = (object: APIService): readonly unknown[] => {
    apiServices.strategy.prepareForCreate?.(object, 0);
    return (apiServices.columns ?? []).slice(1, 3).map(({ cell }) => cell(object, 0));
  };
  assert.deepEqual(cells(apiService('v1.a.b', {})), ['Local', 'True']);
  assert.deepEqual(cells(apiService('v1.a.b', { service })), ['n/s', 'Unknown']);
  const remote = apiService('v1.a.b', { service });
  remote.status = {
    conditions: [{ type: 'Available', status: 'False', reason: 'MissingEndpoints' }],
  };
  assert.equal(apiServices.columns?.[2]?.cell(remote, 0), 'False (MissingEndpoints)');
});
