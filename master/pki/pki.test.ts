import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createSigningRequest, publicKeyHash } from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { silentLogger } from '../../machinery/log/log.js';
import { eventually } from '../../testing/eventually.js';
import { lifetimesMs } from './authority.js';
import { openPki, ownCertificates, type PkiOptions } from './pki.js';
import { keepRenewed } from './renewal.js';

const dayMs = 24 * 3_600_000;
let dataDir = '';
const clock = new FakeClock(Date.now());
const options = (changes: Partial<PkiOptions> = {}): PkiOptions => ({
  dataDir,
  clock,
  dnsNames: ['localhost', 'kubernetes.default.svc'],
  ipAddresses: ['127.0.0.1', '10.96.0.1'],
  serverUrl: 'https://127.0.0.1:6443',
  lifetimeMs: lifetimesMs.leaf,
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
  for (const name of ownCertificates) {
    assert.deepEqual(first.certificate(name), second.certificate(name), name);
  }
  assert.equal(first.caPem, second.caPem);
  assert.equal(first.serviceAccountKeyPem, second.serviceAccountKeyPem);
  assert.equal(first.caHash, publicKeyHash(first.caPem));
});

test('pki signs a server certificate that names every host and address', async () => {
  const pki = await openPki(options());
  const { caPem } = pki;
  const server = pki.certificate('server');
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
  assert.ok(new X509Certificate(moved.certificate('server').certificatePem).checkIP('10.0.0.9'));
});

test('pki renews certificates long before they end', async () => {
  const young = await openPki(options());
  await clock.advance(lifetimesMs.leaf * 0.75);
  const renewed = await openPki(options());
  for (const name of ownCertificates) {
    assert.notDeepEqual(renewed.certificate(name), young.certificate(name), name);
  }
  assert.equal(renewed.serviceAccountKeyPem, young.serviceAccountKeyPem);
});

test('pki signs the subject, names and key of a request, and nothing else of it', async () => {
  const pki = await openPki(options());
  const { requestPem, keyPem } = await createSigningRequest({
    commonName: 'system:node:node-1',
    organizations: ['system:nodes'],
    dnsNames: ['node-1'],
    ipAddresses: ['10.0.0.1'],
  });
  const usages = ['digital signature', 'server auth'];
  const certificatePem = await pki.sign({ requestPem, usages, lifetimeMs: 60_000 });
  const certificate = new X509Certificate(certificatePem);
  assert.equal(certificate.subject, 'O=system:nodes\nCN=system:node:node-1');
  assert.equal(certificate.subjectAltName, 'DNS:node-1, IP Address:10.0.0.1');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.ok(!certificate.ca);
  assert.ok(certificate.verify(new X509Certificate(pki.caPem).publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
  assert.ok(Date.parse(certificate.validTo) - clock.now() <= 60_000);
  await assert.rejects(pki.sign({ requestPem: 'nonsense', usages, lifetimeMs: 1 }));
});

test('pki renews certificates that live for seconds while it runs', async () => {
  const pki = await openPki(options({ lifetimeMs: 10_000, dataDir: path.join(dataDir, 'short') }));
  const first = pki.certificate('server');
  const renewed: string[] = [];
  const over = new AbortController();
  const running = keepRenewed({
    pki,
    clock,
    logger: silentLogger,
    signal: over.signal,
    onRenewed: (name) => renewed.push(name),
  });
  while (renewed.length < 2 * ownCertificates.length) {
    await clock.advance(500);
    // Keys are made and files written in real time, which the clock does not wait for.
    await eventually(() => {
      assert.ok(pki.nextRenewalMs() > clock.now());
    });
  }
  over.abort();
  await running;
  assert.notDeepEqual(pki.certificate('server'), first);
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

test('pki warns of authorities in their last year, once a day, and makes anew one that was taken away', async () => {
  const own = options({ dataDir: path.join(dataDir, 'replaced') });
  const old = await openPki(own);
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (...said: readonly unknown[]) => warnings.push(said) };
  /** Runs the renewal at a time, until what it says fulfils the condition. */
  const renewAt = async (nowMs: number, holds: () => void): Promise<void> => {
    const now = new FakeClock(nowMs);
    const stopped = new AbortController();
    const onRenewed = (): void => undefined;
    const running = keepRenewed({
      pki: old,
      clock: now,
      logger,
      signal: stopped.signal,
      onRenewed,
    });
    await now.advance(1);
    await eventually(holds);
    stopped.abort();
    await running;
  };
  await renewAt(clock.now(), () => {
    assert.equal(warnings.length, 0);
  });
  await renewAt(clock.now() + 9.5 * 365 * dayMs, () => {
    assert.ok(JSON.stringify(warnings).includes('pki/ca.crt'), JSON.stringify(warnings));
  });
  for (const name of ['ca.crt', 'ca.key']) unlinkSync(path.join(own.dataDir, 'pki', name));
  const fresh = await openPki(own);
  assert.notEqual(fresh.caPem, old.caPem);
  const server = new X509Certificate(fresh.certificate('server').certificatePem);
  assert.ok(server.verify(new X509Certificate(fresh.caPem).publicKey));
});
