import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  exportKey,
  generateKeys,
  keyAlgorithm,
  type KeyPair,
} from '../../machinery/certificates/certificates.js';
import { FakeClock } from '../../machinery/clock/clock.js';
import { systemRandom } from '../../machinery/clock/random.js';
import { silentLogger } from '../../machinery/log/log.js';
import { eventually } from '../../testing/eventually.js';
import { CertificateKeeper } from './certificate-keeper.js';

const lifetimeMs = 60_000;
const keys = await generateKeys();
const keyPem = await exportKey(keys.privateKey);
let root = '';

before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'pintle-keeper-'));
});
after(() => {
  rmSync(root, { recursive: true });
});

function open(name: string, more: { readonly fits?: () => boolean } = {}) {
  const clock = new FakeClock();
  const folder = path.join(root, name);
  const state = { issued: 0, isDown: false, askedAtMs: [] as number[] };
  const request = async (): Promise<KeyPair> => {
    state.askedAtMs.push(clock.now());
    if (state.isDown) throw new Error('down');
    state.issued += 1;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [String(state.issued)] }],
      notBefore: new Date(clock.now()),
      notAfter: new Date(clock.now() + lifetimeMs),
      signingAlgorithm: keyAlgorithm,
      keys,
    });
    return { certificatePem: certificate.toString('pem'), keyPem };
  };
  const options = { folder, name, request, clock, random: systemRandom, logger: silentLogger };
  return { clock, folder, state, make: () => new CertificateKeeper({ ...options, ...more }) };
}

test('certificate keeper asks once and finds what it kept, readable by its owner alone', async () => {
  const { folder, state, make } = open('kept');
  const first = await make().ensure();
  assert.deepEqual(await make().ensure(), first);
  assert.equal(state.issued, 1);
  assert.equal(statSync(path.join(folder, 'kept.key')).mode & 0o777, 0o600);
  assert.equal(readFileSync(path.join(folder, 'kept.crt'), 'utf8'), first.certificatePem);
});

test('certificate keeper asks anew once what it kept has ended, or does not fit any more', async () => {
  const ended = open('ended');
  await ended.make().ensure();
  await ended.clock.advance(lifetimeMs + 1);
  await ended.make().ensure();
  assert.equal(ended.state.issued, 2);
  const moved = open('moved', { fits: () => false });
  await moved.make().ensure();
  await moved.make().ensure();
  assert.equal(moved.state.issued, 2);
});

test('certificate keeper renews long before the end, and tries on while that fails', async () => {
  const { clock, state, make } = open('renewed');
  const keeper = make();
  const startMs = clock.now();
  await keeper.ensure();
  const over = new AbortController();
  let renewed = 0;
  const running = keeper.run(over.signal, () => (renewed += 1));
  state.isDown = true;
  // Time stands still while it is asked: what it does then takes real time.
  const untilAsked = (times: number): Promise<void> =>
    eventually(
      async () => {
        if (state.askedAtMs.length >= times) return;
        await clock.advance(1000);
        throw new Error(`asked ${String(state.askedAtMs.length)} times`);
      },
      { intervalMs: 1 },
    );
  await untilAsked(2);
  const [, firstMs = Infinity] = state.askedAtMs;
  assert.ok(firstMs - startMs > lifetimeMs / 2, String(firstMs - startMs));
  assert.ok(firstMs - startMs < lifetimeMs, String(firstMs - startMs));
  await untilAsked(3);
  assert.equal(renewed, 0);
  state.isDown = false;
  await untilAsked(4);
  await eventually(() => {
    assert.equal(renewed, 1);
  });
  over.abort();
  await running;
});
