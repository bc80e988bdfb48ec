import assert from 'node:assert/strict';
import test from 'node:test';
import { createSigningRequest } from '../../../machinery/certificates/certificates.js';
import { refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
} from './certificate-plugins.js';

const resource = resourceNamed('certificates.k8s.io', 'certificatesigningrequests', 'Cluster');
const request = (signerName: string, status: object = {}, pem = '') => ({
  metadata: { name: 'r' },
  spec: { signerName, request: Buffer.from(pem).toString('base64'), usages: [] },
  status,
});

test('approving and signing ask for the right on the signer', async () => {
  const asked: string[] = [];
  const authorize =
    (allowed: string) =>
    ({ verb, resource: target }: { verb: string; resource?: { name: string } }) => {
      asked.push(`${verb} ${target?.name ?? ''}`);
      return { allowed: target?.name === allowed, reason: '' };
    };
  const update = (subresource: string, status: object = {}) =>
    requestOf({
      resource,
      subresource,
      operation: 'UPDATE',
      object: request('example.com/x', status),
      stored: request('example.com/x'),
    });
  assert.match(
    (await refusalOf(certificateApproval(authorize('none')), update('approval'))) ?? '',
    /"r" is forbidden: user not permitted to approve requests with signerName "example.com\/x"/,
  );
  assert.deepEqual(asked, ['approve example.com/x', 'approve example.com/*']);
  assert.equal(
    await refusalOf(certificateApproval(authorize('example.com/*')), update('approval')),
    undefined,
  );
  const signing = certificateSigning(authorize('none'));
  assert.equal(await refusalOf(signing, update('status')), undefined);
  assert.match(
    (await refusalOf(signing, update('status', { certificate: 'eA==' }))) ?? '',
    /user not permitted to sign requests/,
  );
});

test('nobody asks to become a master', async () => {
  const ask = async (signerName: string, organization: string) => {
    const { requestPem } = await createSigningRequest({
      commonName: 'me',
      organizations: [organization],
    });
    const object = request(signerName, {}, requestPem);
    return refusalOf(certificateSubjectRestriction, requestOf({ resource, object }));
  };
  const signer = 'kubernetes.io/kube-apiserver-client';
  assert.match(
    (await ask(signer, 'system:masters')) ?? '',
    /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed/,
  );
  assert.equal(await ask(signer, 'developers'), undefined);
  assert.equal(await ask('example.com/x', 'system:masters'), undefined);
});
