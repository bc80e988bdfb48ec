import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, storedAs } from '../../../schema/drafts.test.js';
import type { Pod, PodStatus } from '../types.js';
import { pods } from './pod.js';
import { validatePodStatusUpdate } from './validate-status.js';

type Refused = readonly (readonly [object, readonly string[]])[];

const pod = (spec: object, annotations: Record<string, string> = {}): Pod =>
  created(pods, { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }, { annotations });

const refused = (draft: Pod): string[] =>
  pods.validate(draft).map(({ field, message }) => `${field}: ${message}`);

const volumes: Refused = [
  [
    { nfs: { server: 's', path: '' } },
    ['nfs.path: Required value', 'nfs.path: Invalid value: "": must be an absolute path'],
  ],
  [
    { iscsi: { targetPortal: 'p', iqn: 'x', lun: 256 } },
    [
      'iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
      'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
    ],
  ],
  [
    {
      iscsi: { targetPortal: 'p', iqn: 'iqn.2001-04.com.example:s', lun: 0, chapAuthSession: true },
    },
    ['iscsi.secretRef: Required value'],
  ],
  [
    { iscsi: { targetPortal: 'p', iqn: 'eui.0123456789abcdef', lun: 0, initiatorName: 'naa.1' } },
    ['iscsi.initiatorname: Invalid value: "naa.1": must be valid format'],
  ],
  [
    { fc: { targetWWNs: ['w'] } },
    ['fc.lun: Required value: lun is required if targetWWNs is specified'],
  ],
  [{ fc: { wwids: ['w'] } }, []],
  [
    { gcePersistentDisk: { pdName: '', partition: -1 } },
    [
      'persistentDisk.pdName: Required value',
      'persistentDisk.partition: Invalid value: -1: must be between 1 and 255, inclusive',
    ],
  ],
  [
    { rbd: { monitors: [], image: '' } },
    ['rbd.monitors: Required value', 'rbd.image: Required value'],
  ],
  [{ cephfs: { monitors: [] } }, ['cephfs.monitors: Required value']],
  [{ cinder: { volumeID: 'v', secretRef: {} } }, ['cinder.secretRef.name: Required value']],
  [{ flocker: {} }, ['flocker: Required value: one of datasetName and datasetUUID is required']],
  [
    { flocker: { datasetName: 'a/b' } },
    ['flocker.datasetName: Invalid value: "a/b": must not contain \'/\''],
  ],
  [
    { flexVolume: { driver: 'd', options: { 'x.k8s.io/y': '' } } },
    [
      'flexVolume.options[x.k8s.io/y]: Invalid value: "x.k8s.io/y": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  [
    { quobyte: { registry: 'a:1,b', volume: 'v' } },
    [
      'quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas',
    ],
  ],
  [
    { azureDisk: { diskName: 'd', diskURI: 'u', kind: 'X' } },
    [
      'azureDisk.kind: Unsupported value: "X": supported values: "Dedicated", "Managed", "Shared"',
      'azureDisk.diskURI: Unsupported value: "u": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
    ],
  ],
  [{ storageos: { volumeName: '' } }, ['storageos.volumeName: Required value']],
  [
    { csi: { driver: 'd', nodePublishSecretRef: {} } },
    ['csi.nodePublishSecretRef.name: Required value'],
  ],
  [
    { image: { reference: 'i', pullPolicy: 'Sometimes' } },
    [
      'image.pullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
  ],
  [
    { gitRepo: { repository: 'r', directory: '../x' } },
    ['gitRepo.directory: Invalid value: "../x": must not contain \'..\''],
  ],
  [
    { downwardAPI: { items: [{ path: 'p' }] } },
    ['downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
  ],
  [
    { projected: { sources: [{ configMap: { name: 'a' }, secret: { name: 'b' } }] } },
    ['projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
  ],
  [
    { projected: { sources: [{ serviceAccountToken: { path: '' } }] } },
    ['projected.path: Required value'],
  ],
  [
    {
      projected: {
        sources: [
          { secret: { name: 's', items: [{ key: 'k', path: 'p' }] } },
          { configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } },
        ],
      },
    },
    ['projected: Invalid value: "m": conflicting duplicate paths'],
  ],
  [
    {
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { name: 'x' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      },
    },
    ['ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set'],
  ],
];

test('pods refuse malformed volumes where and as Kubernetes does', () => {
  for (const [source, expected] of volumes) {
    const found = refused(pod({ serviceAccountName: 's', volumes: [{ name: 'v', ...source }] }));
    assert.deepEqual(
      found,
      expected.map((text) => `spec.volumes[0].${text}`),
      JSON.stringify(source),
    );
  }
});

test('no volume source without its fields is a failure of the server', () => {
  for (const [source] of volumes) {
    const [name = ''] = Object.keys(source);
    assert.doesNotThrow(() => refused(pod({ volumes: [{ name: 'v', [name]: {} }] })), name);
  }
});

const specs: Refused = [
  [
    {
      hostNetwork: true,
      securityContext: {
        sysctls: [
          { name: 'net/core/somaxconn', value: '1' },
          { name: 'kernel.sem', value: '1' },
        ],
      },
    },
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "net/core/somaxconn": may not be specified when \'hostNetwork\' is true',
    ],
  ],
  [
    {
      hostIPC: true,
      securityContext: { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] },
    },
    [
      'spec.securityContext.sysctls[0].name: Invalid value: "kernel.shm_rmid_forced": may not be specified when \'hostIPC\' is true',
    ],
  ],
  [
    { os: { name: 'mac' } },
    ['spec.os: Unsupported value: "mac": supported values: "linux", "windows"'],
  ],
  [
    { os: { name: 'linux' }, securityContext: { windowsOptions: {} } },
    [
      'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    ],
  ],
  [
    { os: { name: 'windows' }, hostPID: true, hostIPC: false },
    ['spec.hostPID: Forbidden: cannot be set for a windows pod'],
  ],
  [
    {
      os: { name: 'windows' },
      containers: [{ name: 'c', image: 'i', securityContext: { privileged: false } }],
    },
    ['spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod'],
  ],
  [
    { hostnameOverride: 'a', hostNetwork: true },
    ['spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true'],
  ],
  [{ hostnameOverride: 'a.b' }, []],
];

test('pods refuse settings that do not go together', () => {
  for (const [spec, expected] of specs) {
    assert.deepEqual(refused(pod(spec)), expected, JSON.stringify(spec));
  }
});

test('the cost of deleting a pod is a number of 32 bits', () => {
  const annotation = 'controller.kubernetes.io/pod-deletion-cost';
  for (const [cost, good] of [
    ['-5', true],
    ['0', true],
    ['2147483648', false],
    ['+1', false],
    ['x', false],
  ] as const) {
    const found = refused(pod({}, { [annotation]: cost }));
    const expected = `metadata.annotations[${annotation}]: Invalid value: "${cost}": must be a 32bit integer`;
    assert.deepEqual(found, good ? [] : [expected]);
  }
});

test('a status says only what can be', () => {
  const cases: readonly (readonly [PodStatus, string])[] = [
    [
      { conditions: [{ type: 'A b', status: 'True' }] },
      'status.conditions[0].Type: Invalid value: "A b"',
    ],
    [
      { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
    [
      { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] },
      'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`',
    ],
    [{ nominatedNodeName: 'A b' }, 'status.nominatedNodeName: Invalid value: "A b"'],
  ];
  const stored = storedAs(pod({}));
  for (const [status, expected] of cases) {
    const draft = { ...stored, status: { ...stored.status, ...status } };
    const [error, ...more] = validatePodStatusUpdate(draft, stored);
    assert.ok(`${error?.field ?? ''}: ${error?.message ?? ''}`.startsWith(expected), expected);
    assert.deepEqual(more, []);
  }
  const both = { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] };
  const dual = { ...stored, status: { ...stored.status, ...both } };
  assert.deepEqual(validatePodStatusUpdate(dual, stored), []);
});
