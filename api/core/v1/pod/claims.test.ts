import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerReference } from '../../../meta/controller-ref.js';
import type { PersistentVolumeClaim, Pod, Volume } from '../types.js';
import { claimNamesOf, usesClaim } from './claims.js';

const metadata = (name: string) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});

const named: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'p-scratch' } };
const ephemeral: Volume = { name: 'scratch', ephemeral: {} };

interface Facts {
  readonly volume?: Volume;
  readonly nodeName?: string;
  readonly graceSeconds?: number;
}

const makePod = ({ volume = named, nodeName = 'n1', graceSeconds }: Facts = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...metadata('p'),
    ...(graceSeconds === undefined
      ? {}
      : {
          deletionTimestamp: '2026-01-01T00:00:00Z',
          deletionGracePeriodSeconds: graceSeconds,
        }),
  },
  spec: { containers: [], volumes: [{ name: 'other', emptyDir: {} }, volume], nodeName },
  status: { phase: 'Succeeded' },
});

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: metadata('p-scratch'),
  spec: {},
  status: {},
};
const ownClaim: PersistentVolumeClaim = {
  ...claim,
  metadata: { ...claim.metadata, ownerReferences: [controllerReference(makePod())] },
};

test('claims of a pod are those it names and those made for it', () => {
  assert.deepEqual(claimNamesOf(makePod()), ['p-scratch']);
  assert.deepEqual(claimNamesOf(makePod({ volume: ephemeral })), ['p-scratch']);
});

for (const [name, pod, of, expected] of [
  ['is used by a pod on a node, finished or not', makePod(), claim, true],
  ['is not used by a pod without a node', makePod({ nodeName: '' }), claim, false],
  ['is used until the pod is gone', makePod({ graceSeconds: 0 }), claim, true],
  ['made for the pod is used', makePod({ volume: ephemeral }), ownClaim, true],
  [
    'made for the pod is used while the pod is stopping',
    makePod({ volume: ephemeral, graceSeconds: 30 }),
    ownClaim,
    true,
  ],
  [
    'made for the pod is not used once the pod is shut down',
    makePod({ volume: ephemeral, graceSeconds: 0 }),
    ownClaim,
    false,
  ],
  ['of another with the same name is not used', makePod({ volume: ephemeral }), claim, false],
] as const) {
  test(`claim ${name}`, () => {
    assert.equal(usesClaim(pod, of), expected);
  });
}
