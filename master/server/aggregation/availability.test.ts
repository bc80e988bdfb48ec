import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService } from '../../../api/apiregistration/v1/types.js';
import type { Service } from '../../../api/core/v1/types.js';
import { conditionsWith, obstacleOf, portNameOf, verdictOfDiscovery } from './availability.js';
import { remoteUserHeaders } from './extension-server.js';
import { isAutomatic, localApiService } from './local-services.js';

const extension = (status: object = {}): APIService =>
  ({
    metadata: { name: 'v1.fruit.example' },
    spec: { service: { namespace: 'n', name: 'fruit', port: 443 } },
    status,
  }) as unknown as APIService;
const service = (spec: object): Service =>
  ({ metadata: { name: 'fruit' }, spec }) as unknown as Service;
const listening = service({ ports: [{ port: 443, name: 'https' }] });

test('an extension server is not asked where something stands in the way', () => {
  const cases: [Service | undefined, number, string | undefined][] = [
    [undefined, 0, 'ServiceNotFound: service/fruit in "n" is not present'],
    [
      service({ ports: [{ port: 80 }] }),
      0,
      'ServicePortError: service/fruit in "n" is not listening on port 443',
    ],
    [
      listening,
      0,
      'MissingEndpoints: endpoints for service/fruit in "n" have no addresses with port name "https"',
    ],
    [listening, 1, undefined],
    [service({ type: 'ExternalName', externalName: 'x' }), 0, undefined],
  ];
  for (const [found, readyEndpoints, expected] of cases) {
    const verdict = obstacleOf(extension(), { service: found, readyEndpoints });
    const said =
      verdict === undefined ? undefined : `${verdict.reason ?? ''}: ${verdict.message ?? ''}`;
    assert.equal(said, expected);
  }
  assert.equal(portNameOf(listening, 443), 'https');
  assert.equal(portNameOf(listening, 80), undefined);
});

test('an APIService changes its condition only when the verdict does', () => {
  const passed = verdictOfDiscovery('/apis/fruit.example/v1', undefined);
  const first = conditionsWith(extension(), passed, 0);
  assert.deepEqual(first, [
    {
      type: 'Available',
      status: 'True',
      reason: 'Passed',
      message: 'all checks passed',
      lastTransitionTime: '1970-01-01T00:00:00Z',
    },
  ]);
  const available = extension({ conditions: first });
  assert.equal(conditionsWith(available, passed, 5000), undefined);
  const failed = verdictOfDiscovery('/apis/fruit.example/v1', 'no answer');
  assert.deepEqual(conditionsWith(available, failed, 5000), [
    {
      type: 'Available',
      status: 'False',
      reason: 'FailedDiscoveryCheck',
      message: 'failing or missing response from /apis/fruit.example/v1: no answer',
      lastTransitionTime: '1970-01-01T00:00:05Z',
    },
  ]);
});

test('the front proxy names the user in headers', () => {
  const extra = { 'example.com/project': ['a', 'b'] };
  assert.deepEqual(remoteUserHeaders({ username: 'jo', groups: ['g', 'h'], uid: '7', extra }), {
    'X-Remote-User': 'jo',
    'X-Remote-Group': ['g', 'h'],
    'X-Remote-Uid': '7',
    'X-Remote-Extra-example.com%2Fproject': ['a', 'b'],
  });
});

test('local APIServices have the priorities of Kubernetes', () => {
  const cases = [
    ['', 'v1', 'v1.', 18_000, 1],
    ['apps', 'v1', 'v1.apps', 17_800, 15],
    ['autoscaling', 'v2', 'v2.autoscaling', 17_500, 30],
    ['coordination.k8s.io', 'v1beta1', 'v1beta1.coordination.k8s.io', 16_500, 12],
    ['internal.apiserver.k8s.io', 'v1alpha1', 'v1alpha1.internal.apiserver.k8s.io', 16_000, 9],
    ['fruit.example', 'v1', 'v1.fruit.example', 1000, 100],
  ] as const;
  for (const [group, version, name, groupPriority, versionPriority] of cases) {
    const made = localApiService({ group, version });
    assert.equal(made.metadata.name, name);
    assert.equal(made.spec.groupPriorityMinimum, groupPriority);
    assert.equal(made.spec.versionPriority, versionPriority);
    assert.ok(isAutomatic(made as unknown as APIService), 'removed once it is not served');
  }
});
