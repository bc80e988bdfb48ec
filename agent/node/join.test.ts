import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer } from 'node:tls';
import { test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  exportKey,
  generateKeys,
  keyAlgorithm,
} from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { silentLogger } from '../../machinery/log/log.js';
import { joinCluster, JoinError } from './join.js';

const validity = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 60_000),
};

/** A server's certificate without the one of the authority that signed it. */
async function bareLeaf(): Promise<{ readonly cert: string; readonly key: string }> {
  const [authority, own] = [await generateKeys(), await generateKeys()];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '01',
    subject: 'CN=server',
    issuer: 'CN=authority',
    publicKey: own.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: keyAlgorithm,
    ...validity,
  });
  return { cert: certificate.toString('pem'), key: await exportKey(own.privateKey) };
}

test('joining says so when a server does not show its authority', async () => {
  const server = createServer(await bareLeaf());
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const serverUrl = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'pintle-join-'));
  try {
    const joining = joinCluster({
      serverUrl,
      dataDir,
      nodeName: 'one',
      token: 'abcdef.0123456789abcdef',
      caHash: 'sha256:00',
      clock: new FakeClock(),
      random: systemRandom,
      logger: silentLogger,
    });
    await assert.rejects(joining, (error) => {
      assert.ok(error instanceof JoinError, String(error));
      assert.match(error.message, /does not show the authority/);
      return true;
    });
  } finally {
    rmSync(dataDir, { recursive: true });
    server.close();
  }
});
