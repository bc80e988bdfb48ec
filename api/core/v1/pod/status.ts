import { signalNames } from './signals.js';
import {
  boolean,
  definition,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  time,
  keyedBy,
} from '../../../schema/schema.js';
import { nodeAllocatableResourceClaimStatus } from '../node.js';
import { resourceRequirements } from './container.js';
import { resourceNames } from './resource-names.js';

export const containerExtendedResourceRequest = definition(
  'io.k8s.api.core.v1.ContainerExtendedResourceRequest',
  'Which request of a claim gives a container an extended resource.',
  {
    containerName: string(1, 'Name of the container.', { required: true }),
    requestName: string(3, 'Name of the request in the claim.', { required: true }),
    resourceName: string(2, 'Name of the extended resource.', { required: true }),
  },
);

export const containerStateRunning = definition(
  'io.k8s.api.core.v1.ContainerStateRunning',
  'A container that runs.',
  {
    startedAt: time(1, 'When the container started.', { nullWhenUnset: true }),
  },
);

export const containerStateTerminated = definition(
  'io.k8s.api.core.v1.ContainerStateTerminated',
  'A container that has ended.',
  {
    containerID: string(7, 'Identifier of the container at its runtime.'),
    exitCode: int32(1, 'Exit code of the first process.', { required: true }),
    finishedAt: time(6, 'When the container ended.', { nullWhenUnset: true }),
    message: string(4, 'Final message of the container.'),
    reason: string(3, 'One word for programs that says why.'),
    signal: int32(2, 'Signal that ended the container.'),
    startedAt: time(5, 'When the container started.', { nullWhenUnset: true }),
  },
);

export const containerStateWaiting = definition(
  'io.k8s.api.core.v1.ContainerStateWaiting',
  'A container that has yet to start.',
  {
    message: string(2, 'Text for people that says why.'),
    reason: string(1, 'One word for programs that says why.'),
  },
);

export const containerState = definition(
  'io.k8s.api.core.v1.ContainerState',
  'What a container is doing; one of the fields, waiting when none.',
  {
    running: ref(2, containerStateRunning, 'Set while the container runs.'),
    terminated: ref(3, containerStateTerminated, 'Set when the container has ended.'),
    waiting: ref(1, containerStateWaiting, 'Set while the container has yet to start.'),
  },
);

export const resourceHealth = definition(
  'io.k8s.api.core.v1.ResourceHealth',
  'Health of one device or the like.',
  {
    health: string(2, 'Whether it works; Unknown when nobody said.', {
      enum: ['Healthy', 'Unhealthy', 'Unknown'],
    }),
    message: string(6, 'Text for people that says why.'),
    resourceID: string(1, 'Identifier of the device.', { required: true }),
  },
);

export const resourceStatus = definition(
  'io.k8s.api.core.v1.ResourceStatus',
  'Health of the devices a container uses of one resource.',
  {
    name: string(1, 'Name of the resource.', {
      required: true,
      enum: resourceNames,
    }),
    resources: list(2, resourceHealth, 'Health of each device.', {
      listType: 'map',
      listMapKeys: ['resourceID'],
    }),
  },
);

export const linuxContainerUser = definition(
  'io.k8s.api.core.v1.LinuxContainerUser',
  'User and groups a container was started with.',
  {
    gid: int64(2, 'Id of the primary group.', { required: true }),
    supplementalGroups: list(3, 'int64', 'Ids of further groups.', { listType: 'atomic' }),
    uid: int64(1, 'Id of the user.', { required: true }),
  },
);

export const containerUser = definition(
  'io.k8s.api.core.v1.ContainerUser',
  'User a container was started as.',
  {
    linux: ref(1, linuxContainerUser, 'User and groups on Linux.'),
  },
);

export const imageVolumeStatus = definition(
  'io.k8s.api.core.v1.ImageVolumeStatus',
  'What an image volume was made of.',
  {
    imageRef: string(1, 'Reference of the image, with its digest.', { required: true }),
  },
);

export const volumeStatus = definition(
  'io.k8s.api.core.v1.VolumeStatus',
  'State of a mounted volume, by its source.',
  {
    image: ref(1, imageVolumeStatus, 'State of an image volume.'),
  },
);

export const volumeMountStatus = definition(
  'io.k8s.api.core.v1.VolumeMountStatus',
  'How a volume was mounted.',
  {
    mountPath: string(2, 'Path in the container.', { required: true }),
    name: string(1, 'Name of the volume of the pod.', { required: true }),
    readOnly: boolean(3, 'Whether the mount is read-only.'),
    recursiveReadOnly: string(4, 'Whether mounts inside the volume are read-only too.', {
      enum: ['Disabled', 'IfPossible', 'Enabled'],
    }),
    volumeStatus: ref(5, volumeStatus, 'State of the volume.'),
  },
);

export const containerStatus = definition(
  'io.k8s.api.core.v1.ContainerStatus',
  'What the node last reported of a container.',
  {
    allocatedResources: map(10, 'quantity', 'Requests that the node has granted.'),
    allocatedResourcesStatus: list(
      14,
      resourceStatus,
      'Health of the devices in use.',
      keyedBy('name'),
    ),
    containerID: string(8, 'Identifier of the container at its runtime.'),
    image: string(6, 'Image the container runs.', { required: true }),
    imageID: string(7, 'Identifier of the image at the runtime.', { required: true }),
    lastState: ref(3, containerState, 'How the container ended the last time.'),
    name: string(1, 'Name of the container.', { required: true }),
    ready: boolean(4, 'Whether the readiness probe succeeds.', { required: true }),
    resources: ref(11, resourceRequirements, 'Requests and limits in force.'),
    restartCount: int32(5, 'How often the container was started again.', { required: true }),
    started: boolean(9, 'Whether the startup probe has succeeded.'),
    state: ref(2, containerState, 'What the container is doing.'),
    stopSignal: string(15, 'Signal that will tell the container to stop.', {
      enum: signalNames,
    }),
    user: ref(13, containerUser, 'User the first process was started as.'),
    volumeMounts: list(12, volumeMountStatus, 'How volumes were mounted.', keyedBy('mountPath')),
  },
);

export const hostIP = definition('io.k8s.api.core.v1.HostIP', 'An address of the node.', {
  ip: string(1, 'The address.', { required: true }),
});

export const podCondition = definition(
  'io.k8s.api.core.v1.PodCondition',
  "One aspect of the pod's state.",
  {
    lastProbeTime: time(3, 'When the condition was last looked at.', { nullWhenUnset: true }),
    lastTransitionTime: time(4, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(6, 'Text for people that says why.'),
    observedGeneration: int64(7, 'Generation of the pod that the condition was derived from.'),
    reason: string(5, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which aspect it is about.', { required: true }),
  },
);

export const podExtendedResourceClaimStatus = definition(
  'io.k8s.api.core.v1.PodExtendedResourceClaimStatus',
  'The claim made for extended resources of the pod.',
  {
    requestMappings: list(
      1,
      containerExtendedResourceRequest,
      'Which request serves which container.',
      {
        required: true,
        listType: 'atomic',
      },
    ),
    resourceClaimName: string(2, 'Name of the claim.', { required: true }),
  },
);

export const podIP = definition('io.k8s.api.core.v1.PodIP', 'An address of the pod.', {
  ip: string(1, 'The address.', { required: true }),
});

export const podResourceClaimStatus = definition(
  'io.k8s.api.core.v1.PodResourceClaimStatus',
  'The claim made for an entry of spec.resourceClaims.',
  {
    name: string(1, 'Name of the entry.', { required: true }),
    resourceClaimName: string(2, 'Name of the claim; absent where none was needed.'),
  },
);

export const podStatus = definition(
  'io.k8s.api.core.v1.PodStatus',
  'What is known of a pod, mostly from its node.',
  {
    allocatedResources: map(19, 'quantity', 'Requests granted to the pod as a whole.'),
    conditions: list(
      2,
      podCondition,
      "Aspects of the pod's state, such as whether it is ready.",
      keyedBy('type'),
    ),
    containerStatuses: list(8, containerStatus, 'States of the app containers.', {
      listType: 'atomic',
    }),
    ephemeralContainerStatuses: list(13, containerStatus, 'States of the ephemeral containers.', {
      listType: 'atomic',
    }),
    extendedResourceClaimStatus: ref(
      18,
      podExtendedResourceClaimStatus,
      'The claim made for extended resources.',
    ),
    hostIP: string(5, 'Address of the node.'),
    hostIPs: list(16, hostIP, 'Addresses of the node, one of each family.', {
      patchStrategy: 'merge',
      patchMergeKey: 'ip',
      listType: 'atomic',
    }),
    initContainerStatuses: list(
      10,
      containerStatus,
      'States of the init containers, in their order.',
      { listType: 'atomic' },
    ),
    message: string(3, 'Text for people that says why.'),
    nodeAllocatableResourceClaimStatuses: list(
      21,
      nodeAllocatableResourceClaimStatus,
      'Claims that draw on what the node can allocate.',
      {
        listType: 'atomic',
      },
    ),
    nominatedNodeName: string(11, 'Node on which room is being made for the pod.'),
    observedGeneration: int64(17, 'Generation of the pod that the node has taken up.'),
    phase: string(1, 'Where the pod is in its life.', {
      enum: ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'],
    }),
    podIP: string(6, 'Address of the pod.'),
    podIPs: list(12, podIP, 'Addresses of the pod, one of each family.', keyedBy('ip')),
    qosClass: string(9, 'How safe the pod is from being killed for want of resources.', {
      enum: ['Guaranteed', 'Burstable', 'BestEffort'],
    }),
    reason: string(4, 'One word that says why the pod is in its phase, such as Evicted.'),
    resize: string(14, 'State of a pending change of resources.', {
      enum: ['InProgress', 'Deferred', 'Infeasible'],
    }),
    resourceClaimStatuses: list(15, podResourceClaimStatus, 'Claims made for the pod.', {
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
      listType: 'map',
      listMapKeys: ['name'],
    }),
    resources: ref(
      20,
      resourceRequirements,
      'Requests and limits in force for the pod as a whole.',
    ),
    startTime: time(7, 'When the node took up the pod.'),
  },
);
