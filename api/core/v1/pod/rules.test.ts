import assert from 'node:assert/strict';
import { test } from 'node:test';
import { container, pod, refuses, withContainer, type Cases } from './fixtures.test.js';
import { pods } from './pod.js';
import { validatePodTemplate } from './validate-spec.js';

const envCases: Cases = [
  [
    { name: 'A', value: 'x', valueFrom: {} },
    ['valueFrom: Invalid value: "": must specify one of: `fieldRef`'],
  ],
  [
    { name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ['valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  ],
  [
    { name: 'A', valueFrom: { configMapKeyRef: { key: 'k' } } },
    ['valueFrom.configMapKeyRef.name: Invalid value: "": a lowercase RFC 1123 subdomain'],
  ],
  [
    { name: 'A', valueFrom: { fieldRef: { apiVersion: 'v2', fieldPath: 'metadata.name' } } },
    [
      'valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2',
    ],
  ],
  [
    { name: 'A', valueFrom: { fieldRef: { fieldPath: "spec.nodeName['a']" } } },
    [
      "valueFrom.fieldRef.fieldPath: Invalid value: \"spec.nodeName['a']\": error converting fieldPath: field label does not support subscript: spec.nodeName['a']",
    ],
  ],
  [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.host' } } }, []],
  [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['Big']" } } }, []],
  [
    {
      name: 'A',
      valueFrom: { resourceFieldRef: { resource: 'limits.ephemeral-storage', divisor: '3' } },
    },
    [
      'valueFrom.resourceFieldRef.divisor: Invalid value: "limits.ephemeral-storage": only divisor\'s values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the local ephemeral storage resource',
    ],
  ],
  [
    { name: 'A', valueFrom: { fileKeyRef: { key: 'K', volumeName: 'v', path: '../f' } } },
    [
      'valueFrom.fileKeyRef.path: Invalid value: "../f": must not contain \'..\'',
      'valueFrom.fileKeyRef.volumeName: Not found: "v"',
    ],
  ],
];

test('variables are refused where and as Kubernetes does', () => {
  for (const [variable, expected] of envCases) {
    const draft = withContainer({ env: [variable] });
    const at = expected.map((text) => `spec.containers[0].env[0].${text}`);
    refuses(pods.validate(draft), at, variable);
  }
  const twice = { configMapRef: { name: 'a' }, secretRef: { name: 'b' } };
  refuses(
    pods.validate(withContainer({ envFrom: [{}, twice] })),
    [
      'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
      'spec.containers[0].envFrom: Invalid value: "": may not have more than one field specified',
    ],
    'envFrom',
  );
});

const containerCases: Cases = [
  [{ terminationMessagePolicy: 'X' }, ['terminationMessagePolicy: Unsupported value: "X"']],
  [{ image: ' i' }, ['image: Invalid value: " i": must not have leading or trailing whitespace']],
  [
    { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '../b' }] },
    ['volumeMounts.subPath: Invalid value: "../b": must not contain \'..\''],
  ],
  [
    { volumeMounts: [{ name: 'v', mountPath: '/a', recursiveReadOnly: 'Enabled' }] },
    ['volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true'],
  ],
  [
    {
      volumeMounts: [{ name: 'p', mountPath: '/a' }],
      volumeDevices: [{ name: 'p', devicePath: '/a' }],
    },
    [
      'volumeMounts[0].name: Invalid value: "p": must not already exist in volumeDevices',
      'volumeMounts[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices',
      'volumeDevices[0].name: Invalid value: "p": must not already exist in volumeMounts',
      'volumeDevices[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts',
    ],
  ],
  [
    {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In' } }],
    },
    [],
  ],
  [
    { restartPolicyRules: [{ action: 'Stop' }] },
    [
      'restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'restartPolicyRules[0].action: Unsupported value: "Stop"',
      'restartPolicyRules[0].exitCodes: Required value: must be specified',
    ],
  ],
  [
    {
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'X' },
      ],
    },
    ['resizePolicy[1]: Duplicate value: "cpu"', 'resizePolicy: Unsupported value: "X"'],
  ],
  [
    { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
    ['lifecycle.preStop.sleep: Invalid value: 31: must be non-negative'],
  ],
  [
    { resources: { limits: { memory: '1Gi', 'hugepages-2Mi': '3Mi' } } },
    [
      'resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
      'resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    ],
  ],
  [
    { resources: { claims: [{ name: 'x' }, { name: 'r' }, { name: 'r', request: 'a' }] } },
    [
      'resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims: r',
      'resources.claims[2]: Duplicate value: "r"',
    ],
  ],
  [
    { securityContext: { seccompProfile: { type: 'Unconfined', localhostProfile: 'f' } } },
    [
      'securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"f"}: can only be set',
    ],
  ],
  [
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' f' } } },
    [
      'securityContext.appArmorProfile.localhostProfile: Invalid value: " f": must not be padded with whitespace',
    ],
  ],
  [
    { securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c' } } },
    [
      'securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
    ],
  ],
  [{ securityContext: { windowsOptions: { runAsUserName: 'NT AUTHORITY\\SYSTEM' } } }, []],
  [
    { securityContext: { windowsOptions: { gmsaCredentialSpec: '', hostProcess: false } } },
    ['securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec'],
  ],
];

test('containers are refused where and as Kubernetes does', () => {
  const volumes = [
    { name: 'v', emptyDir: {} },
    { name: 'p', persistentVolumeClaim: { claimName: 'x' } },
  ];
  const resourceClaims = [{ name: 'r', resourceClaimName: 'r' }];
  for (const [fields, expected] of containerCases) {
    const draft = withContainer(fields, { volumes, resourceClaims });
    const at = expected.map((text) => `spec.containers[0].${text}`);
    refuses(pods.validate(draft), at, fields);
  }
});

const specCases: Cases = [
  [
    { volumes: [{ name: 'v', hostPath: { path: '/' }, cephfs: { monitors: [] } }] },
    ['spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    {
      volumes: [
        {
          name: 'v',
          iscsi: {
            targetPortal: 'p'.repeat(70),
            iqn: 'eui.0123456789abcdef',
            lun: 0,
            initiatorName: 'eui.0123456789abcdef',
          },
        },
      ],
    },
    [
      'spec.volumes[0].name: Invalid value: "v": Total length of <volume name>:<iscsi.targetPortal>',
    ],
  ],
  [
    {
      volumes: [
        { name: 'v', persistentVolumeClaim: { claimName: 'a-e' } },
        {
          name: 'e',
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
            },
          },
        },
      ],
    },
    [
      'spec.volumes[0].persistentVolumeClaim.claimName: Invalid value: "a-e": must not reference a PVC that gets created for an ephemeral volume',
    ],
  ],
  [{ overhead: { cpu: '-1' } }, ['spec.overhead.limits[cpu]: Invalid value: "-1"']],
  [{ runtimeClassName: '' }, ['spec.runtimeClassName: Invalid value: ""']],
  [
    { hostAliases: [{ ip: '010.0.0.1', hostnames: ['a b'] }] },
    [
      'spec.hostAliases[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
      'spec.hostAliases[0].hostnames[0]: Invalid value: "a b"',
    ],
  ],
  [{ dnsConfig: { searches: ['.', '_tcp.a', 'a.'] } }, []],
  [
    { dnsConfig: { searches: [''], nameservers: ['::ffff:1.2.3.4'] } },
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
      'spec.dnsConfig.searches[0]: Invalid value: ""',
    ],
  ],
  [
    { hostUsers: false, hostPID: true, hostNetwork: true },
    [
      'spec.hostNetwork: Forbidden: when `hostUsers` is false',
      'spec.HostPID: Forbidden: when `hostUsers` is false',
    ],
  ],
  [
    { hostnameOverride: 'a', hostNetwork: true, setHostnameAsFQDN: true },
    [
      'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true',
      'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
    ],
  ],
  [
    { shareProcessNamespace: true, hostPID: true },
    ['spec.securityContext.shareProcessNamespace: Invalid value: true'],
  ],
  [
    { securityContext: { seLinuxChangePolicy: 'MountOption' } },
    [
      'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"',
    ],
  ],
  [
    { tolerations: [{ key: 'k', operator: 'Gt', value: '1' }] },
    [
      'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
    ],
  ],
  [
    { tolerations: [{ key: 'k', operator: 'Exists', value: 'v' }] },
    ['spec.tolerations[0].operator: Invalid value: "v": value must be empty'],
  ],
  [
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'a b', whenUnsatisfiable: 'ScheduleAnyway' },
        { maxSkew: 1, topologyKey: 'a b', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    },
    [
      'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{a b, ScheduleAnyway}"',
    ],
  ],
  [
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'k', operator: 'In', values: ['a b'] }] },
            ],
          },
        },
      },
    },
    [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: "a b"',
    ],
  ],
  [
    { resourceClaims: [{ name: 'a' }] },
    [
      'spec.resourceClaims[0]: Invalid value: {"Name":"a","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of',
    ],
  ],
  [
    {
      resources: { limits: { cpu: '1' } },
      containers: [{ ...container, resources: { limits: { cpu: '2' } } }],
    },
    [
      'spec.resources.requests: Invalid value: "2"',
      'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
    ],
  ],
  [
    {
      initContainers: [
        {
          name: 'i',
          image: 'i',
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
        },
      ],
    },
    [
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\'',
    ],
  ],
  [
    { securityContext: { windowsOptions: { hostProcess: true } } },
    ['spec.hostNetwork: Invalid value: false: hostNetwork must be true'],
  ],
];

test('specs are refused where and as Kubernetes does', () => {
  for (const [spec, expected] of specCases) refuses(pods.validate(pod(spec)), expected, spec);
});

test('annotations that fields have replaced still have to be right and to agree with them', () => {
  const annotations = {
    'seccomp.security.alpha.kubernetes.io/pod': 'x',
    'container.apparmor.security.beta.kubernetes.io/d': 'runtime/default',
    'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined',
  };
  const securityContext = { seccompProfile: { type: 'RuntimeDefault' } };
  refuses(
    pods.validate(pod({ containers: [{ ...container, securityContext }] }, { annotations })),
    [
      'metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile',
      'metadata.annotations[container.apparmor.security.beta.kubernetes.io/d]: Invalid value: "d": container not found',
      'spec.containers[0].securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match',
    ],
    annotations,
  );
});

test('templates leave the ports of the host and the whitespace of images to their pods', () => {
  const ports = [{ containerPort: 80 }];
  const { spec } = pod({ hostNetwork: true, containers: [{ ...container, image: ' ', ports }] });
  for (const port of spec.containers[0]?.ports ?? []) delete port.hostPort;
  assert.deepEqual(validatePodTemplate({ spec }, 'template'), []);
  refuses(
    pods.validate({ ...pod({}), spec }),
    [
      'spec.containers[0].ports[0].hostPort: Invalid value: 0: must match `containerPort`',
      'spec.containers[0].image: Invalid value: " "',
    ],
    spec,
  );
});
