import assert from 'node:assert/strict';
import test from 'node:test';
import { createSigningRequest } from '../../../machinery/certificates/certificates.js';
import { refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import {
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  clusterTrustBundleAttest,
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

test('deciding on the request of a pod asks for the right to sign', async () => {
  const signing = certificateSigning(({ resource: target }) => ({
    allowed: target?.name === 'example.com/mine',
    reason: '',
  }));
  const issue = (signerName: string, conditions: object[]) =>
    requestOf({
      resource: resourceNamed('certificates.k8s.io', 'podcertificaterequests', 'Namespaced'),
      subresource: 'status',
      operation: 'UPDATE',
      object: { ...request(signerName), status: { conditions } },
      stored: request(signerName),
    });
  const issued = [{ type: 'Issued', status: 'True' }];
  assert.equal(await refusalOf(signing, issue('example.com/mine', issued)), undefined);
  assert.equal(await refusalOf(signing, issue('example.com/other', [])), undefined);
  assert.match(
    (await refusalOf(signing, issue('example.com/other', issued))) ?? '',
    /user not permitted to sign requests with signerName "example.com\/other"/,
  );
});

test('a bundle of trust of a signer asks for the right to attest', async () => {
  const attest = clusterTrustBundleAttest(({ verb, resource: target }) => ({
    allowed: verb === 'attest' && target?.name === 'example.com/*',
    reason: '',
  }));
  const write = (signerName: string, before?: string) =>
    refusalOf(
      attest,
      requestOf({
        resource: resourceNamed('certificates.k8s.io', 'clustertrustbundles', 'Cluster'),
        operation: before === undefined ? 'CREATE' : 'UPDATE',
        object: { metadata: { name: 'b' }, spec: { signerName } },
        ...(before === undefined ? {} : { stored: { spec: { signerName: before } } }),
      }),
    );
  assert.equal(await write('example.com/x'), undefined);
  assert.equal(await write(''), undefined);
  assert.match(
    (await write('other.com/x')) ?? '',
    /"b" is forbidden: user not permitted to attest for signerName "other.com\/x"/,
  );
  assert.match(
    (await write('example.com/x', 'other.com/x')) ?? '',
    /changing signerName is forbidden/,
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
