import assert from 'node:assert/strict';
import test from 'node:test';
import { nodeClientPem, storedRequest } from '../../../api/certificates/fixtures.test.js';
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
    { group: '', plural: 'nodes', object: { metadata: { name: 'me', uid: 'uid-me' } } },
  ]),
  () => ({ allowed: false, reason: '' }),
);
const nodes = resourceNamed('', 'nodes', 'Cluster');
const node = (labels: object = {}, spec: object = {}, name = 'me') => ({
  metadata: { name, labels },
  spec,
});

type Given = Parameters<typeof requestOf>[0];
const ask = (given: Given): Promise<string | undefined> =>
  refusalOf(plugin, requestOf({ user, ...given }));

const owner = { apiVersion: 'v1', kind: 'Node', name: 'me', uid: 'uid-me', controller: true };
const mirror = (more: object = {}, spec: Partial<Pod['spec']> = {}) =>
  podWith(
    { nodeName: 'me', ...spec },
    { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [owner], ...more },
  );
const withDevices = (status: object): Pod => ({ ...bound('me'), status });
const slices = resourceNamed('resource.k8s.io', 'resourceslices', 'Cluster');
const slice = (nodeName?: string) => ({ metadata: { name: 's' }, spec: { nodeName } });
const claims = resourceNamed('', 'persistentvolumeclaims');
const claim = (status: object, metadata: object = {}) => ({
  metadata: { name: 'c', namespace: 'n', ...metadata },
  spec: { volumeName: 'v' },
  status,
});
const signingRequests = resourceNamed(
  'certificates.k8s.io',
  'certificatesigningrequests',
  'Cluster',
);
const requestOfNode = (signerName: string) =>
  storedRequest(nodeClientPem, { signerName: `kubernetes.io/${signerName}` });
const nodeN1 = { username: 'system:node:n1', groups: user.groups };

test('a node does what it has to', async () => {
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
      operation: 'UPDATE',
      subresource: 'status',
      object: withDevices({ phase: 'Running', resourceClaimStatuses: [{ name: 'a' }] }),
      stored: withDevices({ resourceClaimStatuses: [{ name: 'a' }] }),
    },
    {
      resource: nodes,
      operation: 'UPDATE',
      object: node({}, { taints: [] }),
      stored: node(),
    },
    { subresource: 'eviction', object: { metadata: { name: 'p' } } },
    { resource: slices, object: slice('me') },
    { resource: slices, operation: 'UPDATE', object: slice('me'), stored: slice('me') },
    { resource: slices, operation: 'DELETE', stored: slice('me') },
    {
      resource: claims,
      subresource: 'status',
      operation: 'UPDATE',
      object: claim({
        phase: 'Bound',
        capacity: { storage: '2Gi' },
        conditions: [{ type: 'FileSystemResizePending' }],
        allocatedResources: { storage: '2Gi' },
        allocatedResourceStatuses: { storage: 'NodeResizeInProgress' },
      }),
      stored: claim({ phase: 'Bound' }, { resourceVersion: '7', managedFields: [{}] }),
    },
    { resource: signingRequests, object: requestOfNode('kubelet-serving'), user: nodeN1 },
    { resource: signingRequests, object: requestOfNode('kube-apiserver-client') },
  ];
  for (const given of allowed) assert.equal(await ask(given), undefined, JSON.stringify(given));
});

test('a node does nothing else', async () => {
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
      /can not create pods that reference serviceaccounts/,
    ],
    [
      { object: mirror({}, { resourceClaims: [{ name: 'a', resourceClaimName: 'theirs' }] }) },
      /can not create pods that reference resourceclaims/,
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
    [
      { object: mirror(), user: { ...user, username: 'system:node:' } },
      /could not determine node from user "system:node:"/,
    ],
    [
      { object: mirror({ ownerReferences: [{ ...owner, uid: 'old' }] }) },
      /node me UID mismatch: expected old got uid-me/,
    ],
    [
      { object: mirror({ ownerReferences: [owner, owner] }) },
      /can only create pods with a single owner reference set to itself/,
    ],
    [
      { object: mirror({ ownerReferences: [{ ...owner, controller: false }] }) },
      /can only create pods with a controller owner reference set to itself/,
    ],
    [
      { object: mirror({ ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }) },
      /must not set blockOwnerDeletion on an owner reference/,
    ],
    [{ operation: 'DELETE', name: 'gone' }, /^pods "gone" not found$/],
    [{ subresource: 'eviction', name: 'gone', object: {} }, /^pods "gone" not found$/],
    [
      { subresource: 'eviction', object: { metadata: { name: 'q' } } },
      /node me can only evict pods with spec.nodeName set to itself/,
    ],
    [{ subresource: 'binding', object: bound('me') }, /unexpected pod subresource "binding"/],
    [
      {
        operation: 'UPDATE',
        subresource: 'status',
        object: withDevices({
          resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'theirs' }],
        }),
        stored: withDevices({ resourceClaimStatuses: [{ name: 'a' }] }),
      },
      /node "me" cannot update resource claim statues/,
    ],
    [
      {
        operation: 'UPDATE',
        subresource: 'status',
        object: withDevices({ extendedResourceClaimStatus: { resourceClaimName: 'theirs' } }),
        stored: bound('me'),
      },
      /node "me" cannot update extended resource claim status/,
    ],
    [
      { resource: nodes, operation: 'DELETE', stored: node({}, {}, 'other') },
      /node "me" is not allowed to modify node "other"/,
    ],
    [
      {
        resource: nodes,
        operation: 'UPDATE',
        object: { ...node(), metadata: { name: 'me', ownerReferences: [owner] } },
        stored: node(),
      },
      /node "me" is not allowed to modify ownerReferences/,
    ],
    [
      { resource: slices, object: slice('other') },
      /can only create ResourceSlice with the same NodeName as the requesting node/,
    ],
    [
      { resource: slices, object: slice() },
      /can only create ResourceSlice with the same NodeName as the requesting node/,
    ],
    [
      { resource: slices, operation: 'DELETE', stored: slice('other') },
      /can only delete ResourceSlice with the same NodeName as the requesting node/,
    ],
    [
      { resource: claims, operation: 'UPDATE', object: claim({}), stored: claim({}) },
      /may only update PVC status/,
    ],
    [
      {
        resource: claims,
        subresource: 'status',
        operation: 'UPDATE',
        object: claim({ phase: 'Lost' }),
        stored: claim({ phase: 'Bound' }),
      },
      /node "me" is not allowed to update fields other than status.quantity and status.conditions/,
    ],
    [
      {
        resource: claims,
        subresource: 'status',
        operation: 'UPDATE',
        object: claim({}, { labels: { a: 'b' } }),
        stored: claim({}),
      },
      /is not allowed to update fields other than/,
    ],
    [
      { resource: signingRequests, object: requestOfNode('kubelet-serving') },
      /can only create a node CSR with CN=system:node:me/,
    ],
    [
      { resource: signingRequests, object: requestOfNode('kube-apiserver-client-kubelet') },
      /can only create a node CSR with CN=system:node:me/,
    ],
  ];
  for (const [given, expected] of refused) {
    assert.match((await ask(given)) ?? 'admitted', expected);
  }
});

test('nobody else is concerned', async () => {
  const somebody: AdmissionAttributes['user'] = { username: 'u', groups: ['system:authenticated'] };
  assert.equal(await ask({ user: somebody, object: podWith() }), undefined);
  const inGroupOnly = { username: 'u', groups: user.groups };
  assert.equal(await ask({ user: inGroupOnly, object: podWith() }), undefined);
});
