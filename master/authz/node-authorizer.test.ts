import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodSpec } from '../../api/core/v1/types.js';
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceAttributes } from './authorizer.js';
import { ClaimedVolumes } from './claimed-volumes.js';
import type { HeldVolume } from './claimed-volumes.js';
import { createNodeAuthorizer } from './node-authorizer.js';
import { NodePods } from './node-pods.js';
import type { HeldPod } from './node-pods.js';

const spec: PodSpec = {
  nodeName: 'n1',
  serviceAccountName: 'runner',
  imagePullSecrets: [{ name: 'pull' }],
  containers: [
    {
      name: 'c',
      env: [
        { name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } },
        { name: 'B', valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } },
      ],
      envFrom: [{ secretRef: { name: 'all' } }, { configMapRef: { name: 'all' } }],
    },
  ],
  initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'init' } }] }],
  volumes: [
    { name: 'a', secret: { secretName: 'volume' } },
    { name: 'b', configMap: { name: 'volume' } },
    {
      name: 'c',
      projected: {
        sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'projected' } }],
      },
    },
    { name: 'd', persistentVolumeClaim: { claimName: 'claim' } },
    { name: 'e', ephemeral: {} },
    { name: 'f', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
  ],
  resourceClaims: [{ name: 'r', resourceClaimName: 'device' }],
};

const podOf = (name: string, more: Partial<PodSpec> = {}, annotations = {}): HeldPod => ({
  key: `/registry/pods/ns/${name}`,
  object: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', annotations },
    spec: { ...spec, ...more },
    status: { resourceClaimStatuses: [{ name: 'made', resourceClaimName: 'made-x' }] },
  } as unknown as Pod,
});

const volumeOf = (name: string, claimRef: object, sources: object): HeldVolume => ({
  object: { metadata: { name }, spec: { claimRef, ...sources } },
});
const own = volumeOf(
  'volume',
  { namespace: 'ns', name: 'claim' },
  {
    csi: {
      nodeStageSecretRef: { name: 'stage', namespace: 'drivers' },
      controllerPublishSecretRef: { name: 'controller', namespace: 'drivers' },
    },
    rbd: { secretRef: { name: 'rbd' } },
    azureFile: { secretName: 'share', secretNamespace: 'drivers' },
  },
);
const foreign = volumeOf(
  'theirs',
  { namespace: 'other', name: 'claim' },
  { csi: { nodeStageSecretRef: { name: 'theirs', namespace: 'drivers' } } },
);

const stored: Readonly<Record<string, unknown>> = {
  '/pods/ns/p': { spec: { nodeName: 'n1' } },
  '/pods/ns/elsewhere': { spec: { nodeName: 'n2' } },
  'storage.k8s.io/volumeattachments//mine': { spec: { nodeName: 'n1' } },
  'storage.k8s.io/volumeattachments//theirs': { spec: { nodeName: 'n2' } },
  'resource.k8s.io/resourceslices//mine': { spec: { nodeName: 'n1' } },
};

function authorizer() {
  const pods = new NodePods();
  pods.changed(podOf('p'), undefined);
  pods.changed(
    podOf(
      'mirror',
      { imagePullSecrets: [{ name: 'wished-for' }] },
      {
        'kubernetes.io/config.mirror': 'x',
      },
    ),
    undefined,
  );
  const volumes = new ClaimedVolumes();
  for (const volume of [own, foreign]) volumes.changed(volume, undefined);
  return createNodeAuthorizer({
    pods,
    volumes,
    find: (group, plural, { namespace, name }) =>
      stored[`${group}/${plural}/${namespace}/${name}`] as KubeObject | undefined,
  });
}

const groups = ['system:nodes', 'system:authenticated'];
const unrelated = "no relationship found between node 'n1' and this object";

/** `verb group/plural/sub namespace/name?selector`, as `get /secrets ns/pull`. */
function attributes(text: string): { verb: string; resource: ResourceAttributes } {
  const [verb = '', kind = '', target = ''] = text.split(' ');
  const [group = '', plural = '', subresource = ''] = kind.split('/');
  const [place = '', fieldSelector] = target.split('?');
  const [namespace = '', name = ''] = place.split('/');
  const resource = { group, version: 'v1', plural, subresource, namespace, name, fieldSelector };
  return { verb, resource };
}

const allowed = [
  'get /secrets ns/pull',
  'get /secrets ns/env',
  'get /secrets ns/all',
  'get /secrets ns/init',
  'get /secrets ns/volume',
  'get /secrets ns/projected',
  'get /secrets ns/csi',
  'get /secrets drivers/stage',
  'get /secrets ns/rbd',
  'get /secrets drivers/share',
  'list /secrets ns/pull',
  'watch /secrets ns/pull',
  'get /configmaps ns/env',
  'get /configmaps ns/all',
  'get /configmaps ns/volume',
  'get /configmaps ns/projected',
  'get /persistentvolumeclaims ns/claim',
  'get /persistentvolumeclaims ns/p-e',
  'patch /persistentvolumeclaims/status ns/claim',
  'get /persistentvolumes /volume',
  'get storage.k8s.io/volumeattachments /mine',
  'get resource.k8s.io/resourceclaims ns/device',
  'get resource.k8s.io/resourceclaims ns/made-x',
  'patch resource.k8s.io/resourceslices /mine',
  'list resource.k8s.io/resourceslices ?spec.nodeName=n1',
  'create /serviceaccounts/token ns/runner',
  'get /serviceaccounts ns/runner',
  'get /pods ns/p',
  'watch /pods ns/p',
  'list /pods ns/p?metadata.name=p',
  'list /pods ?spec.nodeName=n1',
  'watch /pods ?spec.nodeName=n1,status.phase!=Failed',
  'create /pods ns',
  'delete /pods ns/p',
  'patch /pods/status ns/p',
  'create /pods/eviction ns/p',
  'create /nodes ',
  'get /nodes /n1',
  'patch /nodes/status /n1',
  'create coordination.k8s.io/leases kube-node-lease',
  'update coordination.k8s.io/leases kube-node-lease/n1',
  'get storage.k8s.io/csinodes /n1',
  'list /services ',
  'create /events ns',
  'create certificates.k8s.io/certificatesigningrequests ',
  'create authorization.k8s.io/subjectaccessreviews ',
];

const refused: readonly [string, string][] = [
  ['get /secrets ns/other', unrelated],
  ['get /secrets other/pull', unrelated],
  ['get /secrets ns/wished-for', unrelated],
  ['list /secrets ns', 'No Object name found'],
  ['list /secrets ', 'can only read namespaced object of this type'],
  ['delete /secrets ns/pull', 'can only read resources of this type'],
  ['get /configmaps ns/other', unrelated],
  ['get /persistentvolumeclaims ns/other', unrelated],
  ['list /persistentvolumes ', 'can only get individual resources of this type'],
  ['get /persistentvolumes /other', unrelated],
  ['get storage.k8s.io/volumeattachments /theirs', unrelated],
  ['delete resource.k8s.io/resourceslices /theirs', unrelated],
  ['create /serviceaccounts/token ns/other', unrelated],
  ['create /serviceaccounts/token ns', 'can only create tokens for individual service accounts'],
  ['get /pods ns/elsewhere', unrelated],
  ['list /pods ', 'can only list/watch pods with spec.nodeName field selector'],
  ['list /pods ?spec.nodeName=n2', 'can only list/watch pods with spec.nodeName field selector'],
  ['list /pods ?spec.nodeName!=n1', 'can only list/watch pods with spec.nodeName field selector'],
  ['list /pods ?spec.nodeName', 'can only list/watch pods with spec.nodeName field selector'],
  ['list /pods ns/elsewhere', unrelated],
  ['get /persistentvolumes /theirs', unrelated],
  ['get /secrets drivers/theirs', unrelated],
  ['get /secrets drivers/controller', unrelated],
  ['get /persistentvolumeclaims/status ns/claim', 'can only get/update/patch this type'],
  ['list /nodes ', "node 'n1' cannot read all nodes, only its own Node object"],
  [
    'get /serviceaccounts/token ns/runner',
    'can only create tokens for individual service accounts',
  ],
  [
    'create /serviceaccounts/other ns/runner',
    'can only create token subresource of serviceaccount',
  ],
  ['get resource.k8s.io/resourceclaims/status ns/device', 'cannot get subresource'],
  ['get /pods/log ns/p', ''],
  ['create /pods/exec ns/p', ''],
  ['delete /nodes /n1', ''],
  ['get /nodes /n2', "node 'n1' cannot read 'n2', only its own Node object"],
  [
    'update coordination.k8s.io/leases kube-node-lease/n2',
    'can only access node lease with the same name as the requesting node',
  ],
  [
    'get coordination.k8s.io/leases ns/n1',
    'can only access leases in the "kube-node-lease" system namespace',
  ],
  [
    'list coordination.k8s.io/leases kube-node-lease',
    'can only get, create, update, patch, or delete a node lease',
  ],
  [
    'update storage.k8s.io/csinodes /n2',
    'can only access CSINode with the same name as the requesting node',
  ],
  ['list apps/deployments ns', ''],
  ['get /secrets/x ns/pull', 'cannot read subresource'],
];

for (const text of allowed) {
  test(`node authoriser lets an agent ${text}`, () => {
    const user = { username: 'system:node:n1', groups };
    const decision = authorizer()({ user, ...attributes(text) });
    assert.deepEqual(decision, { allowed: true, reason: '' });
  });
}

for (const [text, reason] of refused) {
  test(`node authoriser does not let an agent ${text}`, () => {
    const user = { username: 'system:node:n1', groups };
    assert.deepEqual(authorizer()({ user, ...attributes(text) }), { allowed: false, reason });
  });
}

test('node authoriser has no opinion on users who are no agents', () => {
  const asked = attributes('get /secrets ns/pull');
  for (const user of [
    { username: 'system:node:n1', groups: [] },
    { username: 'ann', groups },
  ]) {
    assert.deepEqual(authorizer()({ user, ...asked }), { allowed: false, reason: '' });
  }
  const nameless = { username: 'system:node:', groups };
  assert.match(authorizer()({ user: nameless, ...asked }).reason, /^unknown node for user/);
});

test('node authoriser forgets a pod that is gone or was bound elsewhere', () => {
  const pods = new NodePods();
  const waiting = podOf('p', { nodeName: undefined });
  const bound = podOf('p');
  const volumes = new ClaimedVolumes();
  const { allowed: before } = createNodeAuthorizer({ pods, volumes, find: () => undefined })({
    user: { username: 'system:node:n1', groups },
    ...attributes('get /secrets ns/pull'),
  });
  assert.equal(before, false);
  pods.changed(waiting, undefined);
  pods.changed(bound, waiting);
  assert.equal([...pods.on('n1', 'ns')].length, 1);
  assert.equal([...pods.on('n1', 'other')].length, 0);
  pods.changed(undefined, bound);
  assert.equal([...pods.on('n1')].length, 0);
});

test('a volume is of the claim it names, as long as it names it', () => {
  const volumes = new ClaimedVolumes();
  const namesOf = (namespace: string) =>
    [...volumes.of(namespace, 'claim')].map(({ metadata }) => metadata.name);
  const moved = volumeOf('volume', { namespace: 'other', name: 'claim' }, {});
  volumes.changed(own, undefined);
  assert.deepEqual([namesOf('ns'), namesOf('other')], [['volume'], []]);
  volumes.changed(moved, own);
  assert.deepEqual([namesOf('ns'), namesOf('other')], [[], ['volume']]);
  volumes.changed(undefined, moved);
  assert.deepEqual(namesOf('other'), []);
});
