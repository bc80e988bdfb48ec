import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pod } from '../../../api/core/v1/types.js';
import type { AdmissionAttributes } from '../admission.js';
import { podWith, readerOf, refusalOf, requestOf, resourceNamed } from '../fixtures.test.js';
import { nodeRestriction } from './node-restriction.js';

const user = { username: 'system:node:me', groups: ['system:nodes', 'system:authenticated'] };
const bound = (nodeName: string, name = 'p'): Pod =>
  podWith({ nodeName, serviceAccountName: 'a' }, { name, uid: `uid-${name}` });
const plugin = nodeRestriction(
  readerOf([
    { group: '', plural: 'pods', object: bound('me') },
    { group: '', plural: 'pods', object: bound('other', 'q') },
  ]),
);
const nodes = resourceNamed('', 'nodes', 'Cluster');
const node = (labels: object = {}, spec: object = {}, name = 'me') => ({
  metadata: { name, labels },
  spec,
});

type Given = Parameters<typeof requestOf>[0];
const ask = (given: Given): Promise<string | undefined> =>
  refusalOf(plugin, requestOf({ user, ...given }));

const mirror = (more: object = {}, spec: Partial<Pod['spec']> = {}) =>
  podWith(
    { nodeName: 'me', ...spec },
    {
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'me', controller: true }],
      ...more,
    },
  );

test('a node does what it has to', async () => {
  const token = {
    spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'uid-p' } },
  };
  const allowed: readonly Given[] = [
    { object: mirror() },
    { operation: 'DELETE', stored: bound('me') },
    { operation: 'UPDATE', subresource: 'status', object: bound('me'), stored: bound('me') },
    { resource: nodes, object: node({ 'kubernetes.io/os': 'linux', own: 'x' }) },
    { resource: nodes, operation: 'UPDATE', object: node({ own: 'y' }), stored: node() },
    {
      resource: resourceNamed('coordination.k8s.io', 'leases'),
      namespace: 'kube-node-lease',
      object: node(),
    },
    {
      resource: resourceNamed('', 'serviceaccounts'),
      subresource: 'token',
      object: token,
      name: 'a',
    },
  ];
  for (const given of allowed) assert.equal(await ask(given), undefined, JSON.stringify(given));
});

test('a node does nothing else', async () => {
  const tokenFor = (boundObjectRef: object | undefined): Given => ({
    resource: resourceNamed('', 'serviceaccounts'),
    subresource: 'token',
    name: 'a',
    object: { spec: { boundObjectRef } },
  });
  const refused: readonly (readonly [Given, RegExp])[] = [
    [
      { object: podWith() },
      /pod does not have "kubernetes.io\/config.mirror" annotation, node "me" can only create mirror pods/,
    ],
    [
      { object: mirror({}, { nodeName: 'other' }) },
      /node "me" can only create pods with spec.nodeName set to itself/,
    ],
    [
      { object: mirror({ ownerReferences: [] }) },
      /can only create pods with an owner reference set to itself/,
    ],
    [
      { object: mirror({}, { serviceAccountName: 'x' }) },
      /can not create pods that reference a service account/,
    ],
    [
      { object: mirror({}, { volumes: [{ name: 'v', configMap: { name: 'c' } }] }) },
      /reference configmaps/,
    ],
    [
      { operation: 'DELETE', stored: bound('other') },
      /node "me" can only delete pods with spec.nodeName set to itself/,
    ],
    [
      {
        operation: 'UPDATE',
        subresource: 'status',
        object: bound('other'),
        stored: bound('other'),
      },
      /can only update pod status for pods with spec.nodeName set to itself/,
    ],
    [
      { operation: 'UPDATE', subresource: 'resize', object: bound('me'), stored: bound('me') },
      /unexpected pod subresource "resize"/,
    ],
    [
      { resource: nodes, object: node({}, {}, 'other') },
      /node "me" is not allowed to modify node "other"/,
    ],
    [
      { resource: nodes, object: node({ 'node-restriction.kubernetes.io/x': '1' }) },
      /is not allowed to set the following labels: node-restriction.kubernetes.io\/x/,
    ],
    [
      {
        resource: nodes,
        operation: 'UPDATE',
        object: node({ 'foo.k8s.io/x': '1' }),
        stored: node(),
      },
      /is not allowed to modify labels: foo.k8s.io\/x/,
    ],
    [
      {
        resource: nodes,
        operation: 'UPDATE',
        object: node({}, { taints: [{ key: 'k' }] }),
        stored: node(),
      },
      /is not allowed to modify taints/,
    ],
    [
      { resource: resourceNamed('coordination.k8s.io', 'leases'), object: node() },
      /can only access leases in the "kube-node-lease" system namespace/,
    ],
    [tokenFor(undefined), /node requested token not bound to a pod/],
    [
      tokenFor({ kind: 'Pod', apiVersion: 'v1', name: 'q', uid: 'uid-q' }),
      /node requested token bound to a pod scheduled on a different node/,
    ],
    [
      { object: mirror(), user: { ...user, username: 'x' } },
      /could not determine node from user "x"/,
    ],
  ];
  for (const [given, expected] of refused) {
    assert.match((await ask(given)) ?? 'admitted', expected);
  }
});

test('nobody else is concerned', async () => {
  const somebody: AdmissionAttributes['user'] = { username: 'u', groups: ['system:authenticated'] };
  assert.equal(await ask({ user: somebody, object: podWith() }), undefined);
});
