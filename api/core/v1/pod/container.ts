import {
  boolean,
  definition,
  inline,
  int32,
  list,
  map,
  quantity,
  ref,
  string,
} from '../../../schema/schema.js';
import { lifecycle, probe } from './probe.js';
import { securityContext } from './security-context.js';

export const configMapEnvSource = definition('io.k8s.api.core.v1.ConfigMapEnvSource', '', {
  name: string(inline, ''),
  optional: boolean(2, ''),
});

export const configMapKeySelector = definition('io.k8s.api.core.v1.ConfigMapKeySelector', '', {
  key: string(2, '', { required: true }),
  name: string(inline, ''),
  optional: boolean(3, ''),
});

export const objectFieldSelector = definition('io.k8s.api.core.v1.ObjectFieldSelector', '', {
  apiVersion: string(1, ''),
  fieldPath: string(2, '', { required: true }),
});

export const fileKeySelector = definition('io.k8s.api.core.v1.FileKeySelector', '', {
  key: string(3, '', { required: true }),
  optional: boolean(4, '', { default: false }),
  path: string(2, '', { required: true }),
  volumeName: string(1, '', { required: true }),
});

export const resourceFieldSelector = definition('io.k8s.api.core.v1.ResourceFieldSelector', '', {
  containerName: string(1, ''),
  divisor: quantity(3, ''),
  resource: string(2, '', { required: true }),
});

export const secretKeySelector = definition('io.k8s.api.core.v1.SecretKeySelector', '', {
  key: string(2, '', { required: true }),
  name: string(inline, ''),
  optional: boolean(3, ''),
});

export const envVarSource = definition('io.k8s.api.core.v1.EnvVarSource', '', {
  configMapKeyRef: ref(3, configMapKeySelector, ''),
  fieldRef: ref(1, objectFieldSelector, ''),
  fileKeyRef: ref(5, fileKeySelector, ''),
  resourceFieldRef: ref(2, resourceFieldSelector, ''),
  secretKeyRef: ref(4, secretKeySelector, ''),
});

export const envVar = definition('io.k8s.api.core.v1.EnvVar', '', {
  name: string(1, '', { required: true }),
  value: string(2, ''),
  valueFrom: ref(3, envVarSource, ''),
});

export const secretEnvSource = definition('io.k8s.api.core.v1.SecretEnvSource', '', {
  name: string(inline, ''),
  optional: boolean(2, ''),
});

export const envFromSource = definition('io.k8s.api.core.v1.EnvFromSource', '', {
  configMapRef: ref(2, configMapEnvSource, ''),
  prefix: string(1, ''),
  secretRef: ref(3, secretEnvSource, ''),
});

export const containerPort = definition('io.k8s.api.core.v1.ContainerPort', '', {
  containerPort: int32(3, '', { required: true }),
  hostIP: string(5, ''),
  hostPort: int32(2, ''),
  name: string(1, ''),
  protocol: string(4, '', { enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' }),
});

export const containerResizePolicy = definition('io.k8s.api.core.v1.ContainerResizePolicy', '', {
  resourceName: string(1, '', {
    required: true,
    enum: [
      'cpu',
      'memory',
      'storage',
      'ephemeral-storage',
      'pods',
      'services',
      'replicationcontrollers',
      'resourcequotas',
      'secrets',
      'configmaps',
      'persistentvolumeclaims',
      'services.nodeports',
      'services.loadbalancers',
      'requests.cpu',
      'requests.memory',
      'requests.storage',
      'requests.ephemeral-storage',
      'limits.cpu',
      'limits.memory',
      'limits.ephemeral-storage',
    ],
  }),
  restartPolicy: string(2, '', { required: true, enum: ['NotRequired', 'RestartContainer'] }),
});

export const resourceClaim = definition('io.k8s.api.core.v1.ResourceClaim', '', {
  name: string(1, '', { required: true }),
  request: string(2, ''),
});

export const resourceRequirements = definition('io.k8s.api.core.v1.ResourceRequirements', '', {
  claims: list(3, resourceClaim, '', { listType: 'map', listMapKeys: ['name'] }),
  limits: map(1, 'quantity', ''),
  requests: map(2, 'quantity', ''),
});

export const containerRestartRuleOnExitCodes = definition(
  'io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes',
  '',
  {
    operator: string(1, '', { required: true, enum: ['In', 'NotIn'] }),
    values: list(2, 'int32', '', { listType: 'set' }),
  },
);

export const containerRestartRule = definition('io.k8s.api.core.v1.ContainerRestartRule', '', {
  action: string(1, '', { required: true, enum: ['Restart', 'RestartAllContainers'] }),
  exitCodes: ref(2, containerRestartRuleOnExitCodes, ''),
});

export const volumeDevice = definition('io.k8s.api.core.v1.VolumeDevice', '', {
  devicePath: string(2, '', { required: true }),
  name: string(1, '', { required: true }),
});

export const volumeMount = definition('io.k8s.api.core.v1.VolumeMount', '', {
  mountPath: string(3, '', { required: true }),
  mountPropagation: string(5, '', { enum: ['None', 'HostToContainer', 'Bidirectional'] }),
  name: string(1, '', { required: true }),
  readOnly: boolean(2, ''),
  recursiveReadOnly: string(7, '', { enum: ['Disabled', 'IfPossible', 'Enabled'] }),
  subPath: string(4, ''),
  subPathExpr: string(6, ''),
});

export const container = definition('io.k8s.api.core.v1.Container', '', {
  args: list(4, 'string', '', { listType: 'atomic' }),
  command: list(3, 'string', '', { listType: 'atomic' }),
  env: list(7, envVar, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  envFrom: list(19, envFromSource, '', { listType: 'atomic' }),
  image: string(2, ''),
  imagePullPolicy: string(14, '', { enum: ['Always', 'Never', 'IfNotPresent'] }),
  lifecycle: ref(12, lifecycle, ''),
  livenessProbe: ref(10, probe, ''),
  name: string(1, '', { required: true }),
  ports: list(6, containerPort, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  }),
  readinessProbe: ref(11, probe, ''),
  resizePolicy: list(23, containerResizePolicy, '', { listType: 'atomic' }),
  resources: ref(8, resourceRequirements, ''),
  restartPolicy: string(24, '', { enum: ['Always', 'Never', 'OnFailure'] }),
  restartPolicyRules: list(25, containerRestartRule, '', { listType: 'atomic' }),
  securityContext: ref(15, securityContext, ''),
  startupProbe: ref(22, probe, ''),
  stdin: boolean(16, ''),
  stdinOnce: boolean(17, ''),
  terminationMessagePath: string(13, ''),
  terminationMessagePolicy: string(20, '', { enum: ['File', 'FallbackToLogsOnError'] }),
  tty: boolean(18, ''),
  volumeDevices: list(21, volumeDevice, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
    listType: 'map',
    listMapKeys: ['devicePath'],
  }),
  volumeMounts: list(9, volumeMount, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
  workingDir: string(5, ''),
});

export const ephemeralContainer = definition('io.k8s.api.core.v1.EphemeralContainer', '', {
  args: list(inline, 'string', '', { listType: 'atomic' }),
  command: list(inline, 'string', '', { listType: 'atomic' }),
  env: list(inline, envVar, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  envFrom: list(inline, envFromSource, '', { listType: 'atomic' }),
  image: string(inline, ''),
  imagePullPolicy: string(inline, ''),
  lifecycle: ref(inline, lifecycle, ''),
  livenessProbe: ref(inline, probe, ''),
  name: string(inline, '', { required: true }),
  ports: list(inline, containerPort, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  }),
  readinessProbe: ref(inline, probe, ''),
  resizePolicy: list(inline, containerResizePolicy, '', { listType: 'atomic' }),
  resources: ref(inline, resourceRequirements, ''),
  restartPolicy: string(inline, ''),
  restartPolicyRules: list(inline, containerRestartRule, '', { listType: 'atomic' }),
  securityContext: ref(inline, securityContext, ''),
  startupProbe: ref(inline, probe, ''),
  stdin: boolean(inline, ''),
  stdinOnce: boolean(inline, ''),
  targetContainerName: string(2, ''),
  terminationMessagePath: string(inline, ''),
  terminationMessagePolicy: string(inline, ''),
  tty: boolean(inline, ''),
  volumeDevices: list(inline, volumeDevice, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'devicePath',
    listType: 'map',
    listMapKeys: ['devicePath'],
  }),
  volumeMounts: list(inline, volumeMount, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
  workingDir: string(inline, ''),
});
