import assert from 'node:assert/strict';
import test from 'node:test';
import { readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import type { Held } from '../fixtures.test.js';
import { defaultIngressClass } from './default-ingress-class.js';
import { defaultStorageClass } from './default-storage-class.js';
import { denyServiceExternalIps } from './deny-service-external-ips.js';
import { namespaceExists } from './namespace-exists.js';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.js';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.js';

const claims = resourceNamed('', 'persistentvolumeclaims');

const storageClass = (name: string, created: string, more: object = {}): Held => ({
  group: 'storage.k8s.io',
  plural: 'storageclasses',
  object: {
    metadata: {
      name,
      creationTimestamp: created,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    ...more,
  },
});

test('DefaultStorageClass picks the newest default, and none for a claim that names one', async () => {
  const plugin = defaultStorageClass(
    readerOf([
      storageClass('b', '2026-01-02T00:00:00Z'),
      storageClass('a', '2026-01-02T00:00:00Z'),
      storageClass('old', '2026-01-01T00:00:00Z'),
    ]),
  );
  const cases = [
    [{ spec: {} }, 'a'],
    [{ spec: { storageClassName: '' } }, ''],
  ] as const;
  for (const [more, expected] of cases) {
    const object: { spec: { storageClassName?: string }; metadata: object } = {
      metadata: { name: 'c' },
      ...structuredClone(more),
    };
    await refusalOf(plugin, requestOf({ resource: claims, object }));
    assert.equal(object.spec.storageClassName, expected);
  }
});

test('DefaultIngressClass leaves an Ingress with the older annotation alone', async () => {
  const plugin = defaultIngressClass(
    readerOf([
      {
        group: 'networking.k8s.io',
        plural: 'ingressclasses',
        object: {
          metadata: {
            name: 'nginx',
            annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
          },
        },
      },
    ]),
  );
  const resource = resourceNamed('networking.k8s.io', 'ingresses');
  const plain = { metadata: { name: 'i' }, spec: {} };
  await refusalOf(plugin, requestOf({ resource, object: plain }));
  assert.deepEqual(plain.spec, { ingressClassName: 'nginx' });
  const older = {
    metadata: { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'x' } },
    spec: {},
  };
  await refusalOf(plugin, requestOf({ resource, object: older }));
  assert.deepEqual(older.spec, {});
});

test('PersistentVolumeClaimResize lets bound claims grow where the class allows it', async () => {
  const plugin = persistentVolumeClaimResize(
    readerOf([
      storageClass('grows', '2026-01-01T00:00:00Z', { allowVolumeExpansion: true }),
      storageClass('fixed', '2026-01-01T00:00:00Z'),
    ]),
  );
  const claim = (storage: string, storageClassName: string, phase: string) => ({
    metadata: { name: 'c' },
    spec: { storageClassName, resources: { requests: { storage } } },
    status: { phase },
  });
  const grow = (name: string, phase: string, to = '2Gi') =>
    refusalOf(
      plugin,
      requestOf({
        resource: claims,
        operation: 'UPDATE',
        object: claim(to, name, phase),
        stored: claim('1Gi', name, phase),
      }),
    );
  assert.equal(await grow('grows', 'Bound'), undefined);
  assert.equal(await grow('fixed', 'Pending', '1Gi'), undefined);
  assert.match((await grow('grows', 'Pending')) ?? '', /Only bound persistent volume claims/);
  assert.match((await grow('fixed', 'Bound')) ?? '', /must support resize/);
});

test('StorageObjectInUseProtection adds the finalizer of the kind', async () => {
  const cases = [
    [claims, 'kubernetes.io/pvc-protection'],
    [resourceNamed('', 'persistentvolumes', 'Cluster'), 'kubernetes.io/pv-protection'],
    [
      resourceNamed('storage.k8s.io', 'volumeattributesclasses', 'Cluster'),
      'kubernetes.io/vac-protection',
    ],
  ] as const;
  for (const [resource, finalizer] of cases) {
    const object = { metadata: { name: 'x', finalizers: ['own/one'] } };
    await refusalOf(storageObjectInUseProtection, requestOf({ resource, object }));
    assert.deepEqual(object.metadata.finalizers, ['own/one', finalizer]);
  }
});

test('DenyServiceExternalIPs allows addresses that were there', async () => {
  const resource = resourceNamed('', 'services');
  const service = (...externalIPs: string[]) => ({
    metadata: { name: 's' },
    spec: { externalIPs },
  });
  const ask = (object: object, stored?: object) =>
    refusalOf(
      denyServiceExternalIps,
      requestOf({
        resource,
        object,
        ...(stored === undefined ? {} : { operation: 'UPDATE', stored }),
      }),
    );
  assert.match((await ask(service('1.2.3.4'))) ?? '', /Use of external IPs is denied/);
  assert.equal(await ask(service('1.2.3.4'), service('1.2.3.4')), undefined);
});

test('NamespaceExists refuses what has no namespace', async () => {
  const resource = resourceNamed('', 'configmaps');
  const object = { metadata: { name: 'c' } };
  assert.equal(
    await refusalOf(namespaceExists(readerOf([])), requestOf({ resource, object })),
    'namespaces "n" not found',
  );
});
