import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedAs } from '../../../schema/drafts.test.js';
import type { Pod } from '../types.js';
import { container, pod, refuses } from './fixtures.test.js';
import { pods } from './pod.js';

test('what is switched off in Kubernetes is dropped, unless the stored pod has it', () => {
  const fields = {
    schedulingGroup: { podGroupName: 'g' },
    os: { name: 'linux' },
    containers: [{ ...container, lifecycle: { stopSignal: 'SIGINT' } }],
    volumes: [
      { name: 'v', projected: { sources: [{ clusterTrustBundle: { name: 'b', path: 'p' } }] } },
    ],
  };
  const { spec } = pod(fields);
  assert.equal(spec.schedulingGroup, undefined);
  assert.equal(spec.containers[0]?.lifecycle, undefined);
  assert.deepEqual(spec.volumes?.[0]?.projected?.sources, [{}]);
  const stored = storedAs({ ...pod({}), spec: { ...spec, ...structuredClone(fields) } } as Pod);
  const draft = structuredClone(stored);
  pods.strategy.prepareForUpdate?.(draft, stored, 0);
  assert.deepEqual(draft, stored);
});

test('label keys become part of the selectors of a new pod', () => {
  const labelSelector = () => ({ matchLabels: { app: 'a' } });
  const { spec } = pod(
    {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: labelSelector(),
          matchLabelKeys: ['hash', 'none'],
        },
      ],
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'host', labelSelector: labelSelector(), mismatchLabelKeys: ['hash'] },
          ],
        },
      },
    },
    { labels: { hash: '1' } },
  );
  const expression = (operator: string) => [{ key: 'hash', operator, values: ['1'] }];
  assert.deepEqual(
    spec.topologySpreadConstraints?.[0]?.labelSelector?.matchExpressions,
    expression('In'),
  );
  const [term] =
    spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.deepEqual(term?.labelSelector?.matchExpressions, expression('NotIn'));
});

test('a key that is selected on twice is refused where Kubernetes refuses it', () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { hash: '1' } },
    matchLabelKeys: ['hash'],
  };
  const draft = pod({ topologySpreadConstraints: [constraint] }, { labels: { hash: '1' } });
  refuses(
    pods.validate(draft),
    ['spec.topologySpreadConstraints[0][0]: Invalid value: "hash": exists in both'],
    constraint,
  );
});

test('AppArmor annotations become fields', () => {
  const name = 'container.apparmor.security.beta.kubernetes.io/c';
  const draft = pod({}, { annotations: { [name]: 'localhost/p' } });
  assert.deepEqual(draft.spec.containers[0]?.securityContext, {
    appArmorProfile: { type: 'Localhost', localhostProfile: 'p' },
  });
  assert.deepEqual(pods.validate(draft), []);
  assert.deepEqual(pods.strategy.warnings?.(draft, undefined), [
    `metadata.annotations[${name}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
  ]);
});
