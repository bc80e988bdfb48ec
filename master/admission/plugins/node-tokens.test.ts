import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pod, Volume } from '../../../api/core/v1/types.js';
import type { AccessRequest } from '../admission.js';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import { nodeRestriction } from './node-restriction.js';

const user = { username: 'system:node:me', groups: ['system:nodes', 'system:authenticated'] };
const projecting = (audience?: string): Volume => ({
  name: 't',
  projected: { sources: [{ serviceAccountToken: { path: 'token', audience } }] },
});
const pod = (name: string, volumes: readonly Volume[] = [], nodeName = 'me'): Pod =>
  podWith(
    { nodeName, serviceAccountName: 'a', volumes: [...volumes] },
    { name, uid: `uid-${name}` },
  );
const ephemeral = { name: 'e', ephemeral: { volumeClaimTemplate: { spec: {} } } } as Volume;
const claim = (name: string) => ({ metadata: { name, namespace: 'n' }, spec: { volumeName: 'v' } });

const reader = readerOf([
  ...[
    pod('plain', [projecting()]),
    pod('vault', [projecting('vault')]),
    pod('none'),
    pod('inline', [{ name: 'i', csi: { driver: 'd' } }]),
    pod('claimed', [{ name: 'c', persistentVolumeClaim: { claimName: 'c' } }]),
    pod('lost', [{ name: 'c', persistentVolumeClaim: { claimName: 'no' } }]),
    pod('made', [ephemeral]),
    pod('elsewhere', [projecting()], 'other'),
  ].map((object) => ({ group: '', plural: 'pods', object })),
  { group: '', plural: 'persistentvolumeclaims', object: claim('c') },
  { group: '', plural: 'persistentvolumeclaims', object: claim('made-e') },
  {
    group: '',
    plural: 'persistentvolumes',
    object: { metadata: { name: 'v' }, spec: { csi: { driver: 'd' } } },
  },
  {
    group: 'storage.k8s.io',
    plural: 'csidrivers',
    object: { metadata: { name: 'd' }, spec: { tokenRequests: [{ audience: 'disk' }] } },
  },
]);

const asked: AccessRequest[] = [];
const plugin = nodeRestriction(reader, (request) => {
  asked.push(request);
  return { allowed: request.resource?.plural === 'granted', reason: '' };
});

/** Asks as the node `me` for a token of the account `a`. */
const ask = (spec: object): Promise<string | undefined> =>
  refusalOf(
    plugin,
    requestOf({
      user,
      resource: resourceNamed('', 'serviceaccounts'),
      subresource: 'token',
      name: 'a',
      object: { spec },
    }),
  );
const boundTo = (name: string, ...audiences: readonly string[]): object => ({
  boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid: `uid-${name}` },
  ...(audiences.length === 0 ? {} : { audiences }),
});

const allowed: readonly object[] = [
  boundTo('plain'),
  boundTo('vault', 'vault'),
  boundTo('inline', 'disk'),
  boundTo('claimed', 'disk'),
  boundTo('made', 'disk'),
  boundTo('none', 'granted'),
];
for (const spec of allowed) {
  test(`a node gets the token ${JSON.stringify(spec)}`, async () => {
    assert.equal(await ask(spec), undefined);
  });
}

const reference = { kind: 'Pod', apiVersion: 'v1', name: 'plain', uid: 'uid-plain' };
const notOfPod = /node requested token not bound to a pod/;
const refused: readonly (readonly [object, RegExp])[] = [
  [{}, notOfPod],
  [{ boundObjectRef: { ...reference, kind: 'Secret' } }, notOfPod],
  [{ boundObjectRef: { ...reference, apiVersion: 'v2' } }, notOfPod],
  [{ boundObjectRef: { ...reference, name: '' } }, notOfPod],
  [
    { boundObjectRef: { ...reference, uid: '' } },
    /node requested token with a pod binding without a uid/,
  ],
  [
    { boundObjectRef: { ...reference, uid: 'old' } },
    /the UID in the bound object reference \(old\) does not match the UID in record/,
  ],
  [boundTo('gone'), /^pods "gone" not found$/],
  [boundTo('elsewhere'), /node requested token bound to a pod scheduled on a different node/],
  [boundTo('plain', 'x', 'y'), /node may only request 0 or 1 audiences/],
  [
    boundTo('plain', 'vault'),
    /audience "vault" not found in pod spec volume, system:node:me is not authorized to request tokens for this audience/,
  ],
  [boundTo('vault'), /audience "" not found in pod spec volume/],
  [boundTo('inline', 'vault'), /audience "vault" not found/],
  [boundTo('lost', 'disk'), /audience "disk" not found/],
];
for (const [spec, expected] of refused) {
  test(`a node does not get the token ${JSON.stringify(spec)}`, async () => {
    assert.match((await ask(spec)) ?? 'admitted', expected);
  });
}

test('an audience of no volume is asked about as a resource of the account', async () => {
  asked.length = 0;
  await ask(boundTo('none', 'granted'));
  const resource = {
    group: '',
    version: 'v1',
    plural: 'granted',
    subresource: '',
    namespace: 'n',
    name: 'a',
  };
  assert.deepEqual(asked, [{ user, verb: 'request-serviceaccounts-token-audience', resource }]);
});
