import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pod } from '../../../api/core/v1/types.js';
import { FakeClock } from '../../../machinery/clock/clock.js';
import { systemRandom } from '../../../machinery/clock/random.js';
import { type Held, podWith, readerOf, refusalOf, requestOf } from '../fixtures.test.js';
import { serviceAccount } from './service-account.js';

const defaultAccount = ({ metadata = {}, ...account }: { metadata?: object }): Held => ({
  group: '',
  plural: 'serviceaccounts',
  object: { metadata: { name: 'default', namespace: 'n', ...metadata }, ...account },
});

const plugin = (account: object = {}, metadata: object = {}) =>
  serviceAccount({
    reader: readerOf([defaultAccount({ ...account, metadata })]),
    random: systemRandom,
    clock: new FakeClock(),
  });

const enforced = { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } };
const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };

test('ServiceAccount gives a pod its account, token and pull secrets', async () => {
  const pod = podWith();
  const object = { imagePullSecrets: [{ name: 'pull' }] };
  assert.equal(await refusalOf(plugin(object), requestOf({ object: pod })), undefined);
  assert.equal(pod.spec.serviceAccountName, 'default');
  assert.deepEqual(pod.spec.imagePullSecrets, [{ name: 'pull' }]);
  const volume = pod.spec.volumes?.[0]?.name ?? '';
  assert.match(volume, /^kube-api-access-.{5}$/);
  assert.equal(pod.spec.containers[0]?.volumeMounts?.[0]?.name, volume);
});

test('ServiceAccount mounts no token where pod or account say no', async () => {
  for (const [account, spec] of [
    [{ automountServiceAccountToken: false }, {}],
    [{}, { automountServiceAccountToken: false }],
  ] as const) {
    const pod = podWith(spec);
    await refusalOf(plugin(account), requestOf({ object: pod }));
    assert.equal(pod.spec.volumes, undefined);
  }
});

test('ServiceAccount refuses, in Kubernetes’ words', async () => {
  const secretEnv = {
    name: 'c',
    env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
  };
  const secretsEnv = { name: 'c', envFrom: [{ secretRef: { name: 's' } }] };
  const cases: readonly (readonly [Partial<Pod['spec']>, object, string])[] = [
    [
      { serviceAccountName: 'no' },
      {},
      'error looking up service account n/no: serviceaccount "no" not found',
    ],
    [{ serviceAccountName: 'x' }, mirror, 'a mirror pod may not reference serviceaccounts'],
    [{ containers: [secretEnv] }, mirror, 'a mirror pod may not reference secrets'],
    [
      {
        volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
      },
      mirror,
      'a mirror pod may not reference serviceaccounts (via projected volumes)',
    ],
    [
      { volumes: [{ name: 'v', secret: { secretName: 's' } }] },
      {},
      'volume with secret.secretName="s" is not allowed because service account default does not reference that secret',
    ],
    [
      { containers: [secretEnv] },
      {},
      'container c with envVar E referencing secret.secretName="s" is not allowed because service account default does not reference that secret',
    ],
    [
      { containers: [secretsEnv] },
      {},
      'container c with envFrom referencing secret.secretName="s" is not allowed because service account default does not reference that secret',
    ],
    [
      { initContainers: [secretsEnv] },
      {},
      'init container c with envFrom referencing secret.secretName="s" is not allowed because service account default does not reference that secret',
    ],
    [
      { imagePullSecrets: [{ name: 's' }] },
      {},
      'imagePullSecrets[0].name="s" is not allowed because service account default does not reference that imagePullSecret',
    ],
  ];
  for (const [spec, metadata, why] of cases) {
    const object = podWith(spec, metadata);
    assert.equal(
      await refusalOf(plugin({}, enforced), requestOf({ object })),
      `pods "p" is forbidden: ${why}`,
    );
  }
});

test('ServiceAccount lets no ephemeral container reach for secrets its account does not name', async () => {
  for (const reached of [
    { envFrom: [{ secretRef: { name: 's' } }] },
    { env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
  ]) {
    const stored = podWith({ serviceAccountName: 'default' });
    const ephemeralContainers = [{ name: 'debug', image: 'x', ...reached }];
    const object = podWith({ serviceAccountName: 'default', ephemeralContainers });
    const request = requestOf({
      operation: 'UPDATE',
      subresource: 'ephemeralcontainers',
      object,
      stored,
    });
    assert.match(
      (await refusalOf(plugin({}, enforced), request)) ?? '',
      /ephemeral container debug/,
    );
  }
});

test('ServiceAccount waits a moment for the default account of a new namespace', async () => {
  for (const [madeAfterMs, expected] of [
    [100, undefined],
    [
      2000,
      'pods "p" is forbidden: error looking up service account n/default: serviceaccount "default" not found',
    ],
  ] as const) {
    const held: Held[] = [];
    const clock = new FakeClock();
    const subject = serviceAccount({ reader: readerOf(held), random: systemRandom, clock });
    const refused = refusalOf(subject, requestOf({ object: podWith() }));
    await clock.advance(madeAfterMs);
    held.push(defaultAccount({}));
    await clock.advance(2000);
    assert.equal(await refused, expected);
  }
});
