import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  condition,
  janePem,
  manyNamesPem,
  nodeClientPem,
  nodeServingPem,
  storedRequest,
} from '../../../api/certificates/fixtures.test.js';
import type { CertificateSigningRequest } from '../../../api/certificates/v1/types.js';
import { reconcile } from './reconcile.js';

type Spec = Partial<CertificateSigningRequest['spec']>;
const approved = { conditions: [condition('Approved')] };
const nodeClient: Spec = {
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature', 'client auth'],
};
const nodeServing: Spec = {
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature', 'key encipherment', 'server auth'],
};

/** `issue`, nothing, or why not. */
function decision(request: CertificateSigningRequest): string {
  const [action] = reconcile({ request, nowMs: 0 }).actions;
  if (action === undefined) return 'nothing';
  if (action.type === 'effect') return action.effect;
  assert.equal(action.type, 'updateStatus');
  const { status } = action.object as CertificateSigningRequest;
  return status.conditions?.at(-1)?.message ?? '';
}

for (const [name, request, expected] of [
  ['waits for approval', storedRequest(janePem), 'nothing'],
  ['issues what is approved', storedRequest(janePem, {}, approved), 'issue'],
  [
    'leaves other signers alone',
    storedRequest(janePem, { signerName: 'a.b/c' }, approved),
    'nothing',
  ],
  [
    'does not issue twice',
    storedRequest(janePem, {}, { ...approved, certificate: 'AAAA' }),
    'nothing',
  ],
  [
    'refuses clients that want to serve',
    storedRequest(janePem, { usages: ['client auth', 'server auth'] }, approved),
    'invalid usage for client certificate: server auth',
  ],
  [
    'refuses clients that want nothing of use',
    storedRequest(janePem, { usages: ['digital signature'] }, approved),
    'missing required usage for client certificate: client auth',
  ],
  [
    'issues nodes their client certificate',
    storedRequest(nodeClientPem, nodeClient, approved),
    'issue',
  ],
  [
    'issues nodes their serving certificate',
    storedRequest(nodeServingPem, nodeServing, approved),
    'issue',
  ],
  [
    'refuses nodes that are none',
    storedRequest(janePem, nodeClient, approved),
    'subject organization is not system:nodes',
  ],
  [
    'refuses alternative names in client certificates of nodes',
    storedRequest(nodeServingPem, nodeClient, approved),
    'DNS subjectAltNames are not allowed',
  ],
  [
    'refuses serving certificates for no name',
    storedRequest(nodeClientPem, nodeServing, approved),
    'DNS or IP subjectAltName is required',
  ],
  [
    'refuses serving certificates of others',
    storedRequest(manyNamesPem, nodeServing, approved),
    'subject organization is not system:nodes',
  ],
  [
    'refuses other usages of nodes',
    storedRequest(nodeServingPem, { ...nodeServing, usages: ['server auth'] }, approved),
    'usages did not match [digital signature key encipherment server auth]',
  ],
] as const) {
  test(`certificate signing ${name}`, () => {
    assert.equal(decision(request), expected);
  });
}
