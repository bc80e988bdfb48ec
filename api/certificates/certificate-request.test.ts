import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { certificateProblem } from './certificate-chain.js';
import { checkCertificateRequest, parseCertificateRequest } from './certificate-request.js';
import { edPem, janePem, manyNamesPem, rsaPem } from './fixtures.test.js';
import { pemBlockAt } from './pem.js';
import { propertyRuns } from '../../testing/property-runs.js';

test('certificate requests are read with every kind of name', () => {
  assert.deepEqual(parseCertificateRequest(manyNamesPem), {
    commonName: 'last',
    organizations: ['a', 'b'],
    dnsNames: ['a.example'],
    emailAddresses: ['a@b.c'],
    ipAddresses: ['10.0.0.1', '2001:db8:0:0:0:0:0:1'],
    uris: ['https://u'],
  });
});

for (const [key, pem] of Object.entries({ EC: janePem, RSA: rsaPem, Ed25519: edPem })) {
  test(`certificate requests are checked against their own key, ${key}`, () => {
    checkCertificateRequest(pem);
    checkCertificateRequest(`Some text before.\n${pem}and after`);
    const block = pemBlockAt(pem);
    const der = Buffer.from(block?.der ?? '');
    // A letter of the subject.
    const at = der.indexOf('j') > 0 ? der.indexOf('j') : der.indexOf('ed');
    der[at] = 'x'.charCodeAt(0);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    assert.throws(() => {
      checkCertificateRequest(forged);
    }, /does not verify/);
  });
}

test('certificate requests under another label are refused', () => {
  const renamed = janePem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE');
  for (const text of ['', 'nonsense', renamed, '-----BEGIN CERTIFICATE REQUEST-----']) {
    assert.throws(() => {
      checkCertificateRequest(text);
    }, /PEM block type must be CERTIFICATE REQUEST/);
  }
});

test('certificate requests that are damaged anywhere are refused, or say what they said', () => {
  const intact = parseCertificateRequest(rsaPem);
  const der = pemBlockAt(rsaPem)?.der ?? Buffer.alloc(0);
  const position = fc.integer({ min: 0, max: der.length - 1 });
  fc.assert(
    fc.property(position, fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, cut) => {
      const damaged = cut ? der.subarray(0, at) : Buffer.from(der);
      if (!cut) damaged[at] = (damaged[at] ?? 0) ^ flip;
      const text = `-----BEGIN CERTIFICATE REQUEST-----\n${damaged.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
      try {
        checkCertificateRequest(text);
      } catch (error) {
        assert.ok(error instanceof Error && error.name !== 'RangeError', String(error));
        return;
      }
      // What is not signed may differ, such as the parameters of the algorithm.
      assert.deepEqual(parseCertificateRequest(text), intact);
    }),
    { numRuns: propertyRuns(100) },
  );
});

test('certificate chains consist of certificates alone', () => {
  assert.equal(certificateProblem('text'), 'must contain one or more PEM blocks');
  assert.equal(
    certificateProblem(janePem),
    'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
  );
  const renamed = janePem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE');
  assert.equal(certificateProblem(renamed), 'x509: malformed certificate');
  const withHeader = renamed.replace('-----\n', '-----\nA: b\n\n');
  assert.equal(certificateProblem(withHeader), 'no PEM block headers are permitted');
});
