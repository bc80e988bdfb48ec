import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigningRequest } from '../../../machinery/certificates/certificates.js';
import {
  condition,
  janePem,
  nodeClientPem,
  nodeServingPem,
  storedRequest,
} from '../../../api/certificates/fixtures.test.js';
import type { Node } from '../../../api/core/v1/types.js';
import { reconcile } from './reconcile.js';

const client = (username: string) => ({
  username,
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature' as const, 'client auth' as const],
});
const serving = (username: string) => ({
  username,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature' as const, 'server auth' as const],
});
/** Asks as n1 for a certificate that is good for the API server's name. */
const { requestPem: apiNamePem } = await createSigningRequest({
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: ['n1', 'kubernetes.default.svc'],
  ipAddresses: ['10.0.0.1'],
});
const withNames = (one: Node, ...names: readonly string[]): Node => ({
  ...one,
  status: {
    addresses: [
      ...(one.status.addresses ?? []),
      ...names.map((address) => ({ type: 'Hostname' as const, address })),
    ],
  },
});
const node = (address: string, type: 'InternalIP' | 'Hostname' = 'InternalIP'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n1',
    uid: 'n1',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {},
  status: { addresses: [{ type, address }] },
});

for (const [name, request, registered, expected] of [
  ['lets a joining node ask', storedRequest(nodeClientPem, client('b')), undefined, ['nodeclient']],
  [
    'lets a node renew',
    storedRequest(nodeClientPem, client('system:node:n1')),
    undefined,
    ['selfnodeclient', 'nodeclient'],
  ],
  [
    'lets a node serve where it says it is',
    storedRequest(nodeServingPem, serving('system:node:n1')),
    node('10.0.0.1'),
    ['selfnodeserver'],
  ],
  [
    'keeps a node from serving for others',
    storedRequest(nodeServingPem, serving('system:node:n1')),
    node('10.0.0.2'),
    undefined,
  ],
  [
    'believes no address that is no address of a node',
    storedRequest(nodeServingPem, serving('system:node:n1')),
    node('10.0.0.1', 'Hostname'),
    undefined,
  ],
  [
    'believes no other name that a node gives itself',
    storedRequest(apiNamePem, serving('system:node:n1')),
    withNames(node('10.0.0.1'), 'kubernetes.default.svc'),
    undefined,
  ],
  [
    'waits for the node to register',
    storedRequest(nodeServingPem, serving('system:node:n1')),
    undefined,
    undefined,
  ],
  [
    'keeps others from serving as a node',
    storedRequest(nodeServingPem, serving('system:node:n2')),
    node('10.0.0.1'),
    undefined,
  ],
  ['leaves people to people', storedRequest(janePem), undefined, undefined],
  [
    'leaves what is decided alone',
    storedRequest(nodeClientPem, client('b'), { conditions: [condition('Denied')] }),
    undefined,
    undefined,
  ],
] as const) {
  test(`certificate approval ${name}`, () => {
    const [action] = reconcile({ request, node: registered }).actions;
    assert.deepEqual(action?.type === 'effect' ? action.args : undefined, expected);
  });
}
