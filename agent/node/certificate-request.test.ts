import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import {
  checkCertificateRequest,
  parseCertificateRequest,
} from '../../api/certificates/certificate-request.js';
import { certificateSigningRequests } from '../../api/certificates/v1/certificate-signing-request.js';
import type { CertificateSigningRequest } from '../../api/certificates/v1/types.js';
import { FakeClient } from '../../machinery/client/fake-client.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { eventually } from '../../testing/eventually.js';
import { CertificateRefusedError, requestCertificate } from './certificate-request.js';

const order = {
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: ['n1'],
  ipAddresses: ['10.0.0.1'],
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature', 'server auth'],
} as const;

function open() {
  const clock = new FakeClock();
  const client = new FakeClient(clock);
  const hints: unknown[] = [];
  const logger = {
    ...silentLogger,
    info: (_message: string, fields?: object) => hints.push(fields),
  };
  return { clock, client, hints, pending: requestCertificate({ client, clock, logger }, order) };
}

const asked = (client: FakeClient): Promise<CertificateSigningRequest> =>
  eventually(() => {
    const [request] = client.all(certificateSigningRequests);
    assert.ok(request);
    return request;
  });

async function decide(
  client: FakeClient,
  status: CertificateSigningRequest['status'],
): Promise<void> {
  const { name } = (await asked(client)).metadata;
  const patch = { type: 'merge', subresource: 'status', body: { status } } as const;
  await client.patch(certificateSigningRequests, { name }, patch);
}

test('certificate request asks for its names with a key of its own and waits for the answer', async () => {
  const { client, pending } = open();
  const { spec } = await asked(client);
  const pem = Buffer.from(spec.request, 'base64').toString('latin1');
  checkCertificateRequest(pem);
  const { commonName, organizations, dnsNames, ipAddresses } = parseCertificateRequest(pem);
  assert.deepEqual(
    { commonName, organizations, dnsNames, ipAddresses },
    {
      commonName: order.commonName,
      organizations: order.organizations,
      dnsNames: order.dnsNames,
      ipAddresses: order.ipAddresses,
    },
  );
  assert.deepEqual(spec.usages, order.usages);
  await decide(client, { conditions: [{ type: 'Approved', status: 'True' }] });
  await decide(client, { certificate: Buffer.from('signed').toString('base64') });
  const { certificatePem, keyPem } = await pending;
  assert.equal(certificatePem, 'signed');
  assert.equal(createPublicKey(createPrivateKey(keyPem)).asymmetricKeyType, 'ec');
  assert.ok(!JSON.stringify(client.all(certificateSigningRequests)).includes('PRIVATE'));
});

for (const type of ['Denied', 'Failed'] as const) {
  test(`certificate request that is ${type} says why`, async () => {
    const { client, pending } = open();
    const refused = assert.rejects(
      pending,
      (error) =>
        error instanceof CertificateRefusedError &&
        /is (Denied|Failed): not today$/.test(error.message),
    );
    await decide(client, { conditions: [{ type, status: 'True', message: 'not today' }] });
    await refused;
  });
}

test('certificate request that nobody decides about says what to do', async () => {
  const { client, clock, hints, pending } = open();
  const refused = assert.rejects(pending, /kubectl certificate approve csr-/);
  const { name } = (await asked(client)).metadata;
  await clock.advance(5000);
  assert.deepEqual(hints, [{ request: name }]);
  await clock.advance(15 * 60_000);
  await refused;
});
