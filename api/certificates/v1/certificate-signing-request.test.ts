import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condition, janePem, storedRequest } from '../fixtures.test.js';
import { certificateSigningRequests } from './certificate-signing-request.js';
import { validateRequestApproval } from './certificate-signing-request-validation.js';
import type { CertificateSigningRequest } from './types.js';

const { strategy, validate, validateUpdate, validateStatusUpdate, columns } =
  certificateSigningRequests;
const good = storedRequest(janePem);
const messages = (object: CertificateSigningRequest): readonly string[] =>
  validate(object).map(({ field, message }) => `${field}: ${message}`);

test('certificate signing requests name who asked, whatever they say', () => {
  const draft = storedRequest(
    janePem,
    { username: 'admin', groups: ['system:masters'], uid: '0', extra: { a: ['b'] } },
    { conditions: [condition('Approved')] },
  );
  strategy.prepareForCreate?.(draft, 0, {
    username: 'joe',
    groups: ['g'],
    extra: { k: ['v'] },
  });
  const { username, groups, uid, extra } = draft.spec;
  assert.deepEqual(
    { username, groups, uid, extra, status: draft.status },
    { username: 'joe', groups: ['g'], uid: undefined, extra: { k: ['v'] }, status: {} },
  );
});

test('certificate signing requests keep their spec', () => {
  const draft = storedRequest(janePem, { signerName: 'example.com/other' });
  strategy.prepareForUpdate?.(draft, good, 0);
  assert.deepEqual(draft.spec, good.spec);
});

test('certificate signing requests that are good have nothing wrong', () => {
  assert.deepEqual(messages(good), []);
});

const tooLongDomain = `${'a.'.repeat(130)}b/x`;
for (const [name, spec, expected] of [
  ['an unreadable request', { request: 'AAAA' }, /^spec\.request: .*PEM block type must be/],
  ['no usages', { usages: [] }, /^spec\.usages: Required value$/],
  ['an unknown usage', { usages: ['x'] }, /^spec\.usages\[0\]: Unsupported value: "x"/],
  ['a usage twice', { usages: ['any', 'any'] }, /^spec\.usages\[1\]: Duplicate value: "any"$/],
  [
    'no signer',
    { signerName: '' },
    /^spec\.signerName: Required value: signerName must be provided$/,
  ],
  ['a signer without a path', { signerName: 'a.b' }, /must be a fully qualified domain and path/],
  ['a signer without dots', { signerName: 'a/b' }, /should be a domain with at least two segments/],
  ['a signer with a bad domain', { signerName: 'A.b/c' }, /validating label "A": a lowercase RFC/],
  ['a signer with a long domain', { signerName: tooLongDomain }, /may not be more than 253 bytes/],
  [
    'the signer of old',
    { signerName: 'kubernetes.io/legacy-unknown' },
    /the legacy signerName is not allowed via this API version/,
  ],
  ['a moment', { expirationSeconds: 599 }, /may not specify a duration less than 600 seconds/],
] as const) {
  test(`certificate signing requests with ${name} are refused`, () => {
    const asked = { ...spec, ...('usages' in spec ? { usages: [...spec.usages] } : {}) };
    const found = messages(storedRequest(janePem, asked as Partial<typeof good.spec>));
    assert.ok(
      found.some((message) => expected.test(message)),
      found.join('\n'),
    );
  });
}

test('certificate signing requests are approved or denied, not both, and for good', () => {
  const approve = storedRequest(janePem, {}, { conditions: [condition('Approved')] });
  assert.deepEqual(validateRequestApproval(approve, good), []);
  const both = storedRequest(
    janePem,
    {},
    { conditions: [condition('Approved'), condition('Denied')] },
  );
  assert.match(
    validateRequestApproval(both, approve)[0]?.message ?? '',
    /Approved and Denied conditions are mutually exclusive/,
  );
  assert.match(
    validateRequestApproval(good, approve)[0]?.message ?? '',
    /updates may not remove a condition of type "Approved"/,
  );
});

test('certificate signing requests are decided in approval alone, issued in status alone, once', () => {
  const approve = storedRequest(janePem, {}, { conditions: [condition('Approved')] });
  for (const check of [validateUpdate, validateStatusUpdate]) {
    assert.match(check?.(approve, good)[0]?.message ?? '', /may not add a condition/);
  }
  const certificate = Buffer.from('x').toString('base64');
  const issue = storedRequest(janePem, {}, { certificate });
  assert.match(validateUpdate?.(issue, good)[0]?.message ?? '', /may not set certificate content/);
  const again = storedRequest(janePem, {}, { certificate: 'AAAA' });
  const errors = validateStatusUpdate?.(again, issue) ?? [];
  assert.ok(errors.some(({ message }) => message.includes('may not modify existing')));
});

test('a signer with an old copy leaves decisions as they are', () => {
  const decided = { ...condition('Approved'), message: 'looks good' };
  const stored = storedRequest(janePem, {}, { conditions: [decided] });
  const failed = condition('Failed');
  const draft = storedRequest(janePem, {}, { conditions: [failed, condition('Approved')] });
  certificateSigningRequests.strategy.prepareForStatusUpdate?.(draft, stored, 0);
  assert.deepEqual(
    draft.status.conditions?.map(({ type, message }) => [type, message]),
    [
      ['Failed', failed.message],
      ['Approved', 'looks good'],
    ],
  );
  assert.deepEqual(validateStatusUpdate?.(draft, stored), []);
});

test('certificate signing requests are printed with their state', () => {
  const cells = (object: CertificateSigningRequest) =>
    (columns ?? []).map(({ cell }) => cell(object, Date.parse('2026-01-01T00:00:10Z')));
  const signer = 'kubernetes.io/kube-apiserver-client';
  assert.deepEqual(cells(good), ['r', '10s', signer, 'jane', '<none>', 'Pending']);
  const issued = storedRequest(
    janePem,
    { expirationSeconds: 86_400 },
    { conditions: [condition('Approved')], certificate: 'AAAA' },
  );
  assert.deepEqual(cells(issued).slice(4), ['24h', 'Approved,Issued']);
  const failed = storedRequest(
    janePem,
    {},
    { conditions: [condition('Approved'), condition('Failed')] },
  );
  assert.deepEqual(cells(failed).slice(5), ['Approved,Failed']);
});
