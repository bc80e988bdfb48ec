import assert from 'node:assert/strict';
import { test } from 'node:test';
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
const node = (address: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'n1',
    uid: 'n1',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {},
  status: { addresses: [{ type: 'InternalIP', address }] },
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
