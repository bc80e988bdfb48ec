import assert from 'node:assert/strict';
import test from 'node:test';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import { nodeRestriction } from './node-restriction.js';

const user = { username: 'system:node:me', groups: ['system:nodes', 'system:authenticated'] };
const signerName = 'example.com/mesh';
const spec = {
  nodeName: 'me',
  serviceAccountName: 'a',
  volumes: [
    { name: 'v', projected: { sources: [{ podCertificate: { signerName, keyType: 'ED25519' } }] } },
  ],
};
const mirrored = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
const named = (plural: string, name: string, namespace = '') => ({
  group: '',
  plural,
  object: { metadata: { name, namespace, uid: `uid-${name}` } },
});
const podNamed = (name: string, more: object = {}, metadata: object = {}) => ({
  group: '',
  plural: 'pods',
  object: podWith({ ...spec, ...more }, { name, uid: `uid-${name}`, ...metadata }),
});
const plugin = nodeRestriction(
  readerOf([
    named('nodes', 'me'),
    named('serviceaccounts', 'a', 'n'),
    podNamed('p'),
    podNamed('elsewhere', { nodeName: 'other' }),
    podNamed('mirror', {}, mirrored),
  ]),
  () => ({ allowed: false, reason: '' }),
);

const ask = (more: object, given: object = {}): Promise<string | undefined> =>
  refusalOf(
    plugin,
    requestOf({
      user,
      resource: resourceNamed('certificates.k8s.io', 'podcertificaterequests'),
      object: {
        metadata: { name: 'r' },
        spec: {
          signerName,
          podName: 'p',
          podUID: 'uid-p',
          serviceAccountName: 'a',
          serviceAccountUID: 'uid-a',
          nodeName: 'me',
          nodeUID: 'uid-me',
          ...more,
        },
      },
      ...given,
    }),
  );

test('a node asks for the certificates that its pods mount', async () => {
  assert.equal(await ask({}), undefined);
});

const refused: readonly (readonly [object, RegExp])[] = [
  [
    { nodeName: 'other' },
    /PodCertificateRequest.Spec.NodeName="other", which is not the requesting node "me"/,
  ],
  [{ nodeUID: 'old' }, /names UID "old" for nodes "me"/],
  [{ podName: 'gone' }, /^pods "gone" not found$/],
  [
    { podUID: 'old' },
    /PodCertificateRequest for pod "n\/p" contains pod UID \("old"\) which differs from running pod "uid-p"/,
  ],
  [
    { podName: 'elsewhere', podUID: 'uid-elsewhere' },
    /pod "n\/elsewhere" is not running on node "me" named in the PodCertificateRequest/,
  ],
  [{ podName: 'mirror', podUID: 'uid-mirror' }, /pod "n\/mirror" is a mirror pod/],
  [
    { serviceAccountName: 'b' },
    /contains serviceAccountName \("b"\) that differs from running pod \("a"\)/,
  ],
  [{ serviceAccountUID: 'old' }, /names UID "old" for serviceaccounts "a"/],
  [{ signerName: 'example.com/other' }, /has no volume with a certificate of signer/],
];
for (const [more, expected] of refused) {
  test(`a node does not ask for the certificate of a pod with ${JSON.stringify(more)}`, async () => {
    assert.match((await ask(more)) ?? 'admitted', expected);
  });
}

test('a node only ever makes requests for certificates of pods', async () => {
  const stored = { metadata: { name: 'r' }, spec: {} };
  assert.match(
    (await ask({}, { operation: 'UPDATE', stored })) ?? 'admitted',
    /unexpected operation UPDATE/,
  );
  assert.match(
    (await ask({}, { operation: 'UPDATE', stored, subresource: 'status' })) ?? 'admitted',
    /unexpected operation UPDATE/,
  );
});
