import {
  boolean,
  definition,
  int32,
  list,
  map,
  quantity,
  ref,
  string,
  within,
  keyedBy,
  nestedIn,
} from '../../../schema/schema.js';
import { lifecycle, probe } from './probe.js';
import { securityContext } from './security-context.js';
import { resourceNames } from './resource-names.js';

export const configMapEnvSource = definition(
  'io.k8s.api.core.v1.ConfigMapEnvSource',
  'A ConfigMap whose entries become environment variables.',
  {
    name: string(within(1, 1), 'Name of the ConfigMap.'),
    optional: boolean(2, 'Whether the reference may point to something that does not exist.'),
  },
);

export const configMapKeySelector = definition(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'One entry of a ConfigMap.',
  {
    key: string(2, 'Key of the entry.', { required: true }),
    name: string(within(1, 1), 'Name of the ConfigMap.'),
    optional: boolean(3, 'Whether the reference may point to something that does not exist.'),
  },
  { mapType: 'atomic' },
);

export const objectFieldSelector = definition(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'One field of the pod itself.',
  {
    apiVersion: string(
      1,
      "Version of the pod's schema that the path is written for; v1 when absent.",
    ),
    fieldPath: string(2, 'Path of the field, such as metadata.name.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const fileKeySelector = definition(
  'io.k8s.api.core.v1.FileKeySelector',
  'One variable of a file in a volume of the pod.',
  {
    key: string(3, 'Name of the variable in the file.', { required: true }),
    optional: boolean(
      4,
      'Whether a missing file or key leaves the variable unset instead of failing.',
      { default: false },
    ),
    path: string(2, 'Path of the file in the volume.', { required: true }),
    volumeName: string(1, 'Name of the volume that holds the file.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const resourceFieldSelector = definition(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'A request or limit of a container.',
  {
    containerName: string(
      1,
      'Container to read from; needed in volumes, its own container elsewhere.',
    ),
    divisor: quantity(3, 'Unit the amount is divided by; 1 when absent.'),
    resource: string(2, 'Which amount, such as limits.cpu.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const secretKeySelector = definition(
  'io.k8s.api.core.v1.SecretKeySelector',
  'One entry of a Secret.',
  {
    key: string(2, 'Key of the entry.', { required: true }),
    name: string(within(1, 1), 'Name of the Secret.'),
    optional: boolean(3, 'Whether the reference may point to something that does not exist.'),
  },
  { mapType: 'atomic' },
);

export const envVarSource = definition(
  'io.k8s.api.core.v1.EnvVarSource',
  'Where the value of an environment variable comes from.',
  {
    configMapKeyRef: ref(3, configMapKeySelector, 'Entry of a ConfigMap.'),
    fieldRef: ref(1, objectFieldSelector, 'Field of the pod, such as its name or address.'),
    fileKeyRef: ref(5, fileKeySelector, 'Variable in a file of a volume.'),
    resourceFieldRef: ref(2, resourceFieldSelector, 'Request or limit of a container.'),
    secretKeyRef: ref(4, secretKeySelector, 'Entry of a Secret.'),
  },
);

export const envVar = definition(
  'io.k8s.api.core.v1.EnvVar',
  'An environment variable of a container.',
  {
    name: string(1, 'Name of the variable.', { required: true }),
    value: string(2, 'Value; $(NAME) stands for variables defined before it.'),
    valueFrom: ref(3, envVarSource, 'Source of the value; not together with value.'),
  },
);

export const secretEnvSource = definition(
  'io.k8s.api.core.v1.SecretEnvSource',
  'A Secret whose entries become environment variables.',
  {
    name: string(within(1, 1), 'Name of the Secret.'),
    optional: boolean(2, 'Whether the reference may point to something that does not exist.'),
  },
);

export const envFromSource = definition(
  'io.k8s.api.core.v1.EnvFromSource',
  'A whole ConfigMap or Secret taken over as environment variables.',
  {
    configMapRef: ref(2, configMapEnvSource, 'The ConfigMap to take over.'),
    prefix: string(1, 'Text put before the name of every variable.'),
    secretRef: ref(3, secretEnvSource, 'The Secret to take over.'),
  },
);

export const containerPort = definition(
  'io.k8s.api.core.v1.ContainerPort',
  'A port that a container listens on.',
  {
    containerPort: int32(3, 'Port number inside the pod.', { required: true }),
    hostIP: string(5, 'Address of the node to bind the host port to.'),
    hostPort: int32(2, 'Port of the node that leads here; rarely needed.'),
    name: string(1, 'Name by which probes and Services can refer to the port.'),
    protocol: string(4, 'Transport protocol; TCP when absent.', {
      enum: ['TCP', 'UDP', 'SCTP'],
      default: 'TCP',
    }),
  },
);

export const containerResizePolicy = definition(
  'io.k8s.api.core.v1.ContainerResizePolicy',
  'What a change of one resource does to the running container.',
  {
    resourceName: string(1, 'Resource the policy is about: cpu or memory.', {
      required: true,
      enum: resourceNames,
    }),
    restartPolicy: string(2, 'Whether the container has to restart for the change.', {
      required: true,
      enum: ['NotRequired', 'RestartContainer'],
    }),
  },
);

export const resourceClaim = definition(
  'io.k8s.api.core.v1.ResourceClaim',
  'A resource claim of the pod that a container uses.',
  {
    name: string(1, 'Name of the claim in spec.resourceClaims.', { required: true }),
    request: string(2, 'Single request of the claim; all of them when absent.'),
  },
);

export const resourceRequirements = definition(
  'io.k8s.api.core.v1.ResourceRequirements',
  'How much of each resource is set aside, and how much may be used at most.',
  {
    claims: list(3, resourceClaim, 'Resource claims of the pod in use here.', {
      listType: 'map',
      listMapKeys: ['name'],
    }),
    limits: map(1, 'quantity', 'Most of each resource that may be used.'),
    requests: map(
      2,
      'quantity',
      'Amount of each resource that is set aside; equals the limit when absent.',
    ),
  },
);

export const containerRestartRuleOnExitCodes = definition(
  'io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes',
  'Exit codes that a restart rule is about.',
  {
    operator: string(1, 'Whether the code has to be among the values or not.', {
      required: true,
      enum: ['In', 'NotIn'],
    }),
    values: list(2, 'int32', 'The exit codes.', { listType: 'set' }),
  },
);

export const containerRestartRule = definition(
  'io.k8s.api.core.v1.ContainerRestartRule',
  'What to do when a container ends in a certain way.',
  {
    action: string(1, 'What to do when the rule applies.', {
      required: true,
      enum: ['Restart', 'RestartAllContainers'],
    }),
    exitCodes: ref(2, containerRestartRuleOnExitCodes, 'Exit codes for which the rule applies.'),
  },
);

export const volumeDevice = definition(
  'io.k8s.api.core.v1.VolumeDevice',
  'A raw block device made available in a container.',
  {
    devicePath: string(2, 'Path of the device in the container.', { required: true }),
    name: string(1, 'Name of the volume of the pod.', { required: true }),
  },
);

export const volumeMount = definition(
  'io.k8s.api.core.v1.VolumeMount',
  'Where a volume of the pod appears in a container.',
  {
    mountPath: string(3, 'Path in the container.', { required: true }),
    mountPropagation: string(5, 'Whether mounts made later pass between node and container.', {
      enum: ['None', 'HostToContainer', 'Bidirectional'],
    }),
    name: string(1, 'Name of the volume of the pod.', { required: true }),
    readOnly: boolean(2, 'Whether the container may only read.'),
    recursiveReadOnly: string(7, 'Whether mounts inside the volume are read-only too.', {
      enum: ['Disabled', 'IfPossible', 'Enabled'],
    }),
    subPath: string(4, 'Path inside the volume to mount instead of its root.'),
    subPathExpr: string(6, 'As subPath, with $(NAME) replaced by environment variables.'),
  },
);

export const container = definition('io.k8s.api.core.v1.Container', 'One container of a pod.', {
  args: list(4, 'string', "Arguments of the entry point; the image's own when absent.", {
    listType: 'atomic',
  }),
  command: list(3, 'string', "Entry point, not run in a shell; the image's own when absent.", {
    listType: 'atomic',
  }),
  env: list(7, envVar, 'Environment variables.', keyedBy('name')),
  envFrom: list(19, envFromSource, 'ConfigMaps and Secrets taken over as environment variables.', {
    listType: 'atomic',
  }),
  image: string(2, 'Image to run.'),
  imagePullPolicy: string(
    14,
    'When to pull the image; Always for images tagged latest, IfNotPresent for others.',
    { enum: ['Always', 'Never', 'IfNotPresent'] },
  ),
  lifecycle: ref(12, lifecycle, 'What to do right after the start and before the end.'),
  livenessProbe: ref(10, probe, 'Restarts the container when it fails.'),
  name: string(1, 'Name of the container, unique in its pod.', { required: true }),
  ports: list(6, containerPort, 'Ports the container listens on.', {
    patchStrategy: 'merge',
    patchMergeKey: 'containerPort',
    listType: 'map',
    listMapKeys: ['containerPort', 'protocol'],
  }),
  readinessProbe: ref(11, probe, 'Takes the pod out of its Services while it fails.'),
  resizePolicy: list(
    23,
    containerResizePolicy,
    'What changes of CPU and memory do to the running container.',
    { listType: 'atomic' },
  ),
  resources: ref(
    8,
    resourceRequirements,
    'How much CPU, memory and the like it needs and may use.',
  ),
  restartPolicy: string(
    24,
    'When to restart the container; Always makes an init container a sidecar.',
    { enum: ['Always', 'Never', 'OnFailure'] },
  ),
  restartPolicyRules: list(
    25,
    containerRestartRule,
    'Rules looked at before the restart policy when the container ends.',
    { listType: 'atomic' },
  ),
  securityContext: ref(15, securityContext, 'User, privileges and confinement to run with.'),
  startupProbe: ref(22, probe, 'Holds the other probes back until it succeeds once.'),
  stdin: boolean(16, 'Whether standard input stays open for attaching.'),
  stdinOnce: boolean(17, 'Whether standard input closes after the first client detaches.'),
  terminationMessagePath: string(13, "File whose content becomes the container's final message."),
  terminationMessagePolicy: string(
    20,
    'Whether the end of the log may stand in for the final message.',
    { enum: ['File', 'FallbackToLogsOnError'] },
  ),
  tty: boolean(18, 'Whether to give the container a terminal.'),
  volumeDevices: list(
    21,
    volumeDevice,
    'Block devices made available in the container.',
    keyedBy('devicePath'),
  ),
  volumeMounts: list(9, volumeMount, 'Volumes mounted in the container.', keyedBy('mountPath')),
  workingDir: string(5, "Directory to start in; the image's own when absent."),
});

export const ephemeralContainer = definition(
  'io.k8s.api.core.v1.EphemeralContainer',
  'A container added to a running pod to look into it.',
  {
    ...nestedIn(1, container.fields),
    imagePullPolicy: string(
      within(1, 14),
      'When to pull the image; Always for images tagged latest, IfNotPresent for others.',
    ),
    restartPolicy: string(within(1, 24), 'Must be absent: ephemeral containers never restart.'),
    targetContainerName: string(2, 'Container whose processes are to be seen.'),
    terminationMessagePolicy: string(
      within(1, 20),
      'Whether the end of the log may stand in for the final message.',
    ),
  },
);
