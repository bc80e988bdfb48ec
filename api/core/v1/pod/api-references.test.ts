import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../types.js';
import { apiReferenceOf } from './api-references.js';

const container = { name: 'c', image: 'i' };
const specWith = (spec: object): PodSpec => ({ containers: [container], ...spec });
const withVolume = (source: object): object => ({ volumes: [{ name: 'v', ...source }] });
const projecting = (source: object): object => withVolume({ projected: { sources: [source] } });

const cases: readonly (readonly [object, string | undefined])[] = [
  [{}, undefined],
  [withVolume({ emptyDir: {} }), undefined],
  [withVolume({ hostPath: { path: '/' } }), undefined],
  [withVolume({ downwardAPI: { items: [] } }), undefined],
  [projecting({ downwardAPI: {} }), undefined],
  [{ serviceAccountName: 'a' }, 'serviceaccounts'],
  [{ imagePullSecrets: [{ name: 's' }] }, 'secrets'],
  [{ initContainers: [{ ...container, envFrom: [{ secretRef: { name: 's' } }] }] }, 'secrets'],
  [
    {
      ephemeralContainers: [
        {
          ...container,
          env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'm', key: 'k' } } }],
        },
      ],
    },
    'configmaps',
  ],
  [withVolume({ secret: { secretName: 's' } }), 'secrets'],
  [withVolume({ secret: {} }), 'secrets (via secret volumes)'],
  [withVolume({ configMap: { name: 'm' } }), 'configmaps'],
  [withVolume({ flexVolume: { driver: 'd', secretRef: { name: 's' } } }), 'secrets'],
  [withVolume({ csi: { driver: 'd' } }), 'csidrivers (via CSI volumes)'],
  [withVolume({ glusterfs: {} }), 'endpoints (via glusterFS volumes)'],
  [withVolume({ persistentVolumeClaim: { claimName: 'c' } }), 'persistentvolumeclaims'],
  [withVolume({ ephemeral: {} }), 'persistentvolumeclaims (via ephemeral volumes)'],
  [projecting({ secret: { name: 's' } }), 'secrets'],
  [projecting({ configMap: {} }), 'configmaps (via projected volumes)'],
  [projecting({ serviceAccountToken: { path: 't' } }), 'serviceaccounts (via projected volumes)'],
  [projecting({ clusterTrustBundle: { name: 'b', path: 'p' } }), 'clustertrustbundles'],
  [projecting({ podCertificate: { signerName: 's' } }), 'podcertificates'],
  [{ resourceClaims: [{ name: 'r' }] }, 'resourceclaims'],
];

for (const [spec, expected] of cases) {
  test(`a pod with ${JSON.stringify(spec)} reaches for ${expected ?? 'nothing'}`, () => {
    assert.equal(apiReferenceOf(specWith(spec)), expected);
  });
}
