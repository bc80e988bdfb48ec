import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createSigningRequest, publicKeyHash } from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { lifetimesMs } from './authority.js';
import { type PkiOptions, openPki } from './pki.js';

let dataDir = '';
const clock = new FakeClock(Date.now());
const options = (changes: Partial<PkiOptions> = {}): PkiOptions => ({
  dataDir,
  clock,
  dnsNames: ['localhost', 'kubernetes.default.svc'],
  ipAddresses: ['127.0.0.1', '10.96.0.1'],
  serverUrl: 'https://127.0.0.1:6443',
  ...changes,
});

before(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'pintle-pki-'));
});
after(() => {
  rmSync(dataDir, { recursive: true });
});

test('pki gives the same credentials when opened again', async () => {
  const [first, second] = [await openPki(options()), await openPki(options())];
  assert.deepEqual({ ...first, signNode: 0 }, { ...second, signNode: 0 });
  assert.equal(first.caHash, publicKeyHash(first.caPem));
});

test('pki signs a server certificate that names every host and address', async () => {
  const { caPem, server } = await openPki(options());
  const certificate = new X509Certificate(server.certificatePem);
  assert.ok(certificate.verify(new X509Certificate(caPem).publicKey));
  assert.ok(certificate.checkIP('10.96.0.1'));
  assert.ok(certificate.checkHost('kubernetes.default.svc'));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(server.keyPem)));
});

test('pki renews the server certificate for a new address and keeps its authority', async () => {
  const before_ = await openPki(options());
  const moved = await openPki(options({ ipAddresses: ['127.0.0.1', '10.96.0.1', '10.0.0.9'] }));
  assert.equal(moved.caPem, before_.caPem);
  assert.ok(new X509Certificate(moved.server.certificatePem).checkIP('10.0.0.9'));
});

test('pki renews certificates long before they end', async () => {
  const young = await openPki(options());
  await clock.advance(lifetimesMs.leaf * 0.6);
  const renewed = await openPki(options());
  assert.notEqual(renewed.server.certificatePem, young.server.certificatePem);
  assert.equal(renewed.serviceAccountKeyPem, young.serviceAccountKeyPem);
});

test('pki signs a node for the name the caller decides, whatever the request says', async () => {
  const { signNode, caPem } = await openPki(options());
  const { requestPem, keyPem } = await createSigningRequest('root', ['system:masters']);
  const { certificatePem } = await signNode({
    requestPem,
    nodeName: 'node-1',
    ipAddresses: ['10.0.0.1'],
  });
  const certificate = new X509Certificate(certificatePem);
  assert.equal(certificate.subject, 'O=system:nodes\nCN=system:node:node-1');
  assert.ok(certificate.verify(new X509Certificate(caPem).publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  await assert.rejects(signNode({ requestPem: 'nonsense', nodeName: 'x', ipAddresses: [] }));
});

test('pki keeps private keys and the kubeconfig to their owner', async () => {
  await openPki(options());
  for (const file of ['pki/ca.key', 'pki/server.key', 'pki/service-account.key', 'admin.conf']) {
    assert.equal(statSync(path.join(dataDir, file)).mode & 0o777, 0o600, file);
  }
  assert.match(
    readFileSync(path.join(dataDir, 'admin.conf'), 'utf8'),
    /server: https:\/\/127\.0\.0\.1:6443/,
  );
});

test('pki refuses to replace an authority whose key is lost', async () => {
  unlinkSync(path.join(dataDir, 'pki/ca.key'));
  await assert.rejects(openPki(options()), /restore it from a backup/);
});
