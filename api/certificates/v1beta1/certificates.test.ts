import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { created, refusals, row, storedAs } from '../../schema/drafts.test.js';
import { clusterTrustBundles } from './cluster-trust-bundle.js';
import { podCertificateRequests } from './pod-certificate-request.js';
import type { ClusterTrustBundle, PodCertificateRequest } from './types.js';

const authorityPem = `-----BEGIN CERTIFICATE-----
MIIBdDCCARmgAwIBAgIUGpXKBZU1QEN+8c+8yzJqKd7lurowCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEcG9kczAeFw0yNjExMjExMDUyMzhaFw0zNjExMTgxMDUyMzha
MA8xDTALBgNVBAMMBHBvZHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATqpfIx
Niu3Ak3pv+Nc6Nc6xOZ0q5R86iaq3g0ba4zq1WKOeRR9uZr2f7OsCwBsSwM0q3/8
NxKzNyDpSdbRl3BTo1MwUTAdBgNVHQ4EFgQUYXt+Z/YJpBlDvME+E/J3UhCbqPEw
HwYDVR0jBBgwFoAUYXt+Z/YJpBlDvME+E/J3UhCbqPEwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNJADBGAiEApT1iyQr9oGWYHIPcJUt/XU1ncUZC+rataBUA
BmWqNn0CIQDA1Ljc6ljHk8+kn71ZpJmh4mAbQYwzTbN7xde0ctEJNQ==
-----END CERTIFICATE-----`;

/** Issued by the authority to the key that signed the request below. */
const leafPem = `-----BEGIN CERTIFICATE-----
MIHUMHwCAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEcG9kczAeFw0yNjAxMDIw
MzAwMDBaFw0yNjAxMDIxNTAwMDBaMA4xDDAKBgNVBAMMA3BvZDAqMAUGAytlcAMh
AOnwJRb4h2zMyq2eIUaycR4Si632VYrLtFCyqvSkH3gxMAoGCCqGSM49BAMCA0gA
MEUCIQDfDwofbmnZNhk4VHnlPdlu0rEYGNlb5D3rTvhJ+TpOWwIgHZUOKB+c9BZX
AQIWr8Fk0Lv5qwMj8yM5Etd1kF2K94k=
-----END CERTIFICATE-----`;

const stubPKCS10Request =
  'MH8wMwIBADAAMCowBQYDK2VwAyEA6fAlFviHbMzKrZ4hRrJxHhKLrfZVisu0ULKq9KQfeDGgADAFBgMrZXADQQAQIKgb1HgXK5q9gOtQD88pmE6vtBNhB1pAk196GZRAzzgr3fSe+VYqYVw8BeNTFknvifEn5OuNlgZ6qWSNY3QK';

const bundle = (name: string, spec: object): ClusterTrustBundle =>
  created(clusterTrustBundles, { spec }, { name });

const refusalsOf = (object: ClusterTrustBundle, stored?: ClusterTrustBundle): string[] =>
  refusals(clusterTrustBundles.validate(object, stored));

test('a bundle of trust holds certificates of authorities, each once', () => {
  const detail = 'spec.trustBundle: Invalid value: "<value omitted>": ';
  for (const [trustBundle, ...refused] of [
    [authorityPem],
    [`text around it\n${authorityPem}\nand after`],
    ['', 'at least one trust anchor must be provided'],
    [leafPem, 'entry 0 does not have the CA bit set'],
    [`${authorityPem}\n${authorityPem}`, 'duplicate trust anchor (indices [0 1])'],
    [authorityPem.replaceAll('CERTIFICATE', 'THING'), 'entry 0 has bad block type: THING'],
    [authorityPem.replace('-----\n', '-----\nA: b\n\n'), 'entry 0 has PEM block headers'],
    [
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      'entry 0 does not parse as X.509',
    ],
  ] as const) {
    assert.deepEqual(
      refusalsOf(bundle('a', { trustBundle })),
      refused.map((why) => detail + why),
    );
  }
});

test('a bundle of trust of a signer is named after it, and keeps it', () => {
  const signerName = 'example.com/pods';
  const of = (name: string, signer?: string) =>
    refusalsOf(bundle(name, { trustBundle: authorityPem, ...(signer && { signerName: signer }) }));
  assert.deepEqual(of('example.com:pods:v1', signerName), []);
  assert.match(of('v1', signerName)[0] ?? '', /must be named with prefix example\.com:pods:/);
  assert.match(of('a:b')[0] ?? '', /without signer name must not have ":" in its name/);
  assert.match(of('UPPER')[0] ?? '', /lowercase RFC 1123 subdomain/);
  const stored = storedAs(bundle('example.com:pods:v1', { trustBundle: authorityPem, signerName }));
  const other = structuredClone(stored);
  other.spec.signerName = 'example.com/other';
  assert.deepEqual(refusals(clusterTrustBundles.validateUpdate?.(other, stored)), [
    'spec.signerName: Invalid value: "example.com/other": field is immutable',
  ]);
  assert.equal(row(clusterTrustBundles, stored).SignerName, signerName);
  assert.equal(clusterTrustBundles.selectableFields['spec.signerName']?.(stored), signerName);
});

const spec = {
  signerName: 'example.com/pods',
  podName: 'web-0',
  podUID: 'p',
  serviceAccountName: 'web',
  serviceAccountUID: 's',
  nodeName: 'node-1',
  nodeUID: 'n',
  stubPKCS10Request,
};
const request = (fields: object = {}): PodCertificateRequest =>
  created(podCertificateRequests, { spec: { ...spec, ...fields } });
const requestRefusals = (fields: object): string[] =>
  refusals(podCertificateRequests.validateCreate?.(request(fields)));

test('a request of a pod is for a day unless it says so, and its names and times are checked', () => {
  const object = request();
  assert.equal(object.spec.maxExpirationSeconds, 86_400);
  assert.deepEqual(object.status, {});
  assert.deepEqual(requestRefusals({}), []);
  assert.deepEqual(requestRefusals({ maxExpirationSeconds: 7_862_400 }), []);
  for (const [fields, refusal] of [
    [{ podUID: '' }, 'spec.podUID: Invalid value: "": must not be empty'],
    [
      { maxExpirationSeconds: 3599 },
      'spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]',
    ],
    [
      { signerName: 'kubernetes.io/kube-apiserver-client-pod', maxExpirationSeconds: 86_401 },
      'spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]',
    ],
    [{ signerName: '' }, 'spec.signerName: Required value: signerName must be provided'],
  ] as const) {
    assert.deepEqual(requestRefusals(fields), [refusal]);
  }
  assert.match(requestRefusals({ nodeName: 'A' })[0] ?? '', /^spec\.nodeName: .*RFC 1123/);
});

test('whoever asks for a certificate of a pod proves to have the key', () => {
  const broken = Buffer.from(stubPKCS10Request, 'base64');
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
  assert.match(
    requestRefusals({ stubPKCS10Request: broken.toString('base64') })[0] ?? '',
    /must be a signed PKCS #10 request: x509: the signature of the request does not verify/,
  );
  assert.match(requestRefusals({ stubPKCS10Request: 'AAAA' })[0] ?? '', /PKCS #10 request/);
  assert.match(requestRefusals({ pkixPublicKey: 'AAAA' })[0] ?? '', /must be empty where/);
  const keys = [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ];
  const [ed, curve, unusual] = keys.map(({ privateKey, publicKey }, at) => ({
    stubPKCS10Request: '',
    pkixPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    proofOfPossession: sign(at === 0 ? null : 'sha256', Buffer.from('p'), privateKey).toString(
      'base64',
    ),
  }));
  assert.deepEqual(requestRefusals({ ...ed }), []);
  assert.deepEqual(requestRefusals({ ...curve }), []);
  assert.match(requestRefusals({ ...unusual })[0] ?? '', /must use curve P256 or P384/);
  assert.deepEqual(requestRefusals({ ...ed, podUID: 'another' }), [
    'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature',
  ]);
  assert.match(
    requestRefusals({ stubPKCS10Request: '' })[0] ?? '',
    /must be a valid PKIX-serialized public key/,
  );
});

const condition = (type: string, status = 'True') => ({
  type,
  status,
  reason: 'Why',
  message: '',
  lastTransitionTime: '2026-01-02T03:04:05Z',
});
const times = {
  notBefore: '2026-01-02T03:00:00Z',
  notAfter: '2026-01-02T15:00:00Z',
  beginRefreshAt: '2026-01-02T11:00:00Z',
};

function statusRefusals(status: object, before: object = {}): string[] {
  const stored = storedAs(request());
  stored.status = before;
  const object = { ...structuredClone(stored), status };
  return refusals(podCertificateRequests.validateStatusUpdate?.(object, stored));
}

test('a signer decides once, and what it issues is what was asked for', () => {
  const issued = { conditions: [condition('Issued')], certificateChain: leafPem, ...times };
  assert.deepEqual(statusRefusals(issued), []);
  assert.deepEqual(
    statusRefusals({ ...issued, certificateChain: `${leafPem}\n${authorityPem}` }),
    [],
  );
  assert.deepEqual(statusRefusals({ conditions: [condition('Denied')] }), []);
  assert.deepEqual(statusRefusals({}), []);
  for (const [status, refusal] of [
    [times, /status is immutable unless transitioning/],
    [{ conditions: [condition('Maybe')] }, /type: Unsupported value: "Maybe"/],
    [{ conditions: [condition('Denied', 'False')] }, /status: Unsupported value: "False"/],
    [{ conditions: [condition('Issued'), condition('Failed')] }, /at most one condition/],
    [{ ...times, conditions: [condition('Failed')] }, /must be empty when denying or failing/],
    [{ ...issued, certificateChain: '' }, /must contain at least one certificate/],
    [{ ...issued, certificateChain: authorityPem }, /not issued to the requested public key/],
    [{ ...issued, notBefore: undefined }, /status\.notBefore: Required value/],
    [{ ...issued, notAfter: times.beginRefreshAt }, /the NotAfter time encoded in the leaf/],
    [{ ...issued, beginRefreshAt: times.notBefore }, /10 minutes after status\.notBefore/],
    [{ ...issued, beginRefreshAt: times.notAfter }, /10 minutes before status\.notAfter/],
  ] as const) {
    assert.match(statusRefusals(status)[0] ?? '', refusal);
  }
  assert.match(
    statusRefusals(issued, { conditions: [condition('Denied')] })[0] ?? '',
    /immutable after PodCertificateRequest is issued, denied, or failed/,
  );
});

test('a request of a pod shows whom it is for and what was decided', () => {
  const object = request();
  assert.equal(row(podCertificateRequests, object).State, 'Pending');
  object.status = { conditions: [condition('Issued')] } as PodCertificateRequest['status'];
  assert.deepEqual(row(podCertificateRequests, object), {
    Name: 'a',
    PodName: 'web-0',
    ServiceAccountName: 'web',
    NodeName: 'node-1',
    SignerName: 'example.com/pods',
    State: 'Issued',
  });
  const changed = structuredClone(object);
  changed.spec.podName = 'web-1';
  assert.match(
    refusals(podCertificateRequests.validateUpdate?.(changed, object))[0] ?? '',
    /^spec: .*field is immutable/,
  );
});
