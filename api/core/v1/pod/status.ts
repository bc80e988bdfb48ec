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
} from '../../../schema/schema.js';
import { nodeAllocatableResourceClaimStatus } from '../node.js';
import { resourceRequirements } from './container.js';

export const containerExtendedResourceRequest = definition(
  'io.k8s.api.core.v1.ContainerExtendedResourceRequest',
  '',
  {
    containerName: string(1, '', { required: true }),
    requestName: string(3, '', { required: true }),
    resourceName: string(2, '', { required: true }),
  },
);

export const containerStateRunning = definition('io.k8s.api.core.v1.ContainerStateRunning', '', {
  startedAt: time(1, ''),
});

export const containerStateTerminated = definition(
  'io.k8s.api.core.v1.ContainerStateTerminated',
  '',
  {
    containerID: string(7, ''),
    exitCode: int32(1, '', { required: true }),
    finishedAt: time(6, ''),
    message: string(4, ''),
    reason: string(3, ''),
    signal: int32(2, ''),
    startedAt: time(5, ''),
  },
);

export const containerStateWaiting = definition('io.k8s.api.core.v1.ContainerStateWaiting', '', {
  message: string(2, ''),
  reason: string(1, ''),
});

export const containerState = definition('io.k8s.api.core.v1.ContainerState', '', {
  running: ref(2, containerStateRunning, ''),
  terminated: ref(3, containerStateTerminated, ''),
  waiting: ref(1, containerStateWaiting, ''),
});

export const resourceHealth = definition('io.k8s.api.core.v1.ResourceHealth', '', {
  health: string(2, '', { enum: ['Healthy', 'Unhealthy', 'Unknown'] }),
  message: string(6, ''),
  resourceID: string(1, '', { required: true }),
});

export const resourceStatus = definition('io.k8s.api.core.v1.ResourceStatus', '', {
  name: string(1, '', {
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
  resources: list(2, resourceHealth, '', { listType: 'map', listMapKeys: ['resourceID'] }),
});

export const linuxContainerUser = definition('io.k8s.api.core.v1.LinuxContainerUser', '', {
  gid: int64(2, '', { required: true }),
  supplementalGroups: list(3, 'int64', '', { listType: 'atomic' }),
  uid: int64(1, '', { required: true }),
});

export const containerUser = definition('io.k8s.api.core.v1.ContainerUser', '', {
  linux: ref(1, linuxContainerUser, ''),
});

export const imageVolumeStatus = definition('io.k8s.api.core.v1.ImageVolumeStatus', '', {
  imageRef: string(1, '', { required: true }),
});

export const volumeStatus = definition('io.k8s.api.core.v1.VolumeStatus', '', {
  image: ref(1, imageVolumeStatus, ''),
});

export const volumeMountStatus = definition('io.k8s.api.core.v1.VolumeMountStatus', '', {
  mountPath: string(2, '', { required: true }),
  name: string(1, '', { required: true }),
  readOnly: boolean(3, ''),
  recursiveReadOnly: string(4, '', { enum: ['Disabled', 'IfPossible', 'Enabled'] }),
  volumeStatus: ref(5, volumeStatus, ''),
});

export const containerStatus = definition('io.k8s.api.core.v1.ContainerStatus', '', {
  allocatedResources: map(10, 'quantity', ''),
  allocatedResourcesStatus: list(14, resourceStatus, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  containerID: string(8, ''),
  image: string(6, '', { required: true }),
  imageID: string(7, '', { required: true }),
  lastState: ref(3, containerState, ''),
  name: string(1, '', { required: true }),
  ready: boolean(4, '', { required: true }),
  resources: ref(11, resourceRequirements, ''),
  restartCount: int32(5, '', { required: true }),
  started: boolean(9, ''),
  state: ref(2, containerState, ''),
  stopSignal: string(15, '', {
    enum: [
      'SIGABRT',
      'SIGALRM',
      'SIGBUS',
      'SIGCHLD',
      'SIGCLD',
      'SIGCONT',
      'SIGFPE',
      'SIGHUP',
      'SIGILL',
      'SIGINT',
      'SIGIO',
      'SIGIOT',
      'SIGKILL',
      'SIGPIPE',
      'SIGPOLL',
      'SIGPROF',
      'SIGPWR',
      'SIGQUIT',
      'SIGSEGV',
      'SIGSTKFLT',
      'SIGSTOP',
      'SIGSYS',
      'SIGTERM',
      'SIGTRAP',
      'SIGTSTP',
      'SIGTTIN',
      'SIGTTOU',
      'SIGURG',
      'SIGUSR1',
      'SIGUSR2',
      'SIGVTALRM',
      'SIGWINCH',
      'SIGXCPU',
      'SIGXFSZ',
      'SIGRTMIN',
      'SIGRTMIN+1',
      'SIGRTMIN+2',
      'SIGRTMIN+3',
      'SIGRTMIN+4',
      'SIGRTMIN+5',
      'SIGRTMIN+6',
      'SIGRTMIN+7',
      'SIGRTMIN+8',
      'SIGRTMIN+9',
      'SIGRTMIN+10',
      'SIGRTMIN+11',
      'SIGRTMIN+12',
      'SIGRTMIN+13',
      'SIGRTMIN+14',
      'SIGRTMIN+15',
      'SIGRTMAX-14',
      'SIGRTMAX-13',
      'SIGRTMAX-12',
      'SIGRTMAX-11',
      'SIGRTMAX-10',
      'SIGRTMAX-9',
      'SIGRTMAX-8',
      'SIGRTMAX-7',
      'SIGRTMAX-6',
      'SIGRTMAX-5',
      'SIGRTMAX-4',
      'SIGRTMAX-3',
      'SIGRTMAX-2',
      'SIGRTMAX-1',
      'SIGRTMAX',
    ],
  }),
  user: ref(13, containerUser, ''),
  volumeMounts: list(12, volumeMountStatus, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'mountPath',
    listType: 'map',
    listMapKeys: ['mountPath'],
  }),
});

export const hostIP = definition('io.k8s.api.core.v1.HostIP', '', {
  ip: string(1, '', { required: true }),
});

export const podCondition = definition('io.k8s.api.core.v1.PodCondition', '', {
  lastProbeTime: time(3, ''),
  lastTransitionTime: time(4, ''),
  message: string(6, ''),
  observedGeneration: int64(7, ''),
  reason: string(5, ''),
  status: string(2, '', { required: true, enum: ['True', 'False', 'Unknown'] }),
  type: string(1, '', {
    required: true,
    enum: [
      'ContainersReady',
      'Initialized',
      'Ready',
      'PodScheduled',
      'DisruptionTarget',
      'PodReadyToStartContainers',
      'PodResizePending',
      'PodResizeInProgress',
      'AllContainersRestarting',
    ],
  }),
});

export const podExtendedResourceClaimStatus = definition(
  'io.k8s.api.core.v1.PodExtendedResourceClaimStatus',
  '',
  {
    requestMappings: list(1, containerExtendedResourceRequest, '', {
      required: true,
      listType: 'atomic',
    }),
    resourceClaimName: string(2, '', { required: true }),
  },
);

export const podIP = definition('io.k8s.api.core.v1.PodIP', '', {
  ip: string(1, '', { required: true }),
});

export const podResourceClaimStatus = definition('io.k8s.api.core.v1.PodResourceClaimStatus', '', {
  name: string(1, '', { required: true }),
  resourceClaimName: string(2, ''),
});

export const podStatus = definition('io.k8s.api.core.v1.PodStatus', '', {
  allocatedResources: map(19, 'quantity', ''),
  conditions: list(2, podCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  containerStatuses: list(8, containerStatus, '', { listType: 'atomic' }),
  ephemeralContainerStatuses: list(13, containerStatus, '', { listType: 'atomic' }),
  extendedResourceClaimStatus: ref(18, podExtendedResourceClaimStatus, ''),
  hostIP: string(5, ''),
  hostIPs: list(16, hostIP, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
    listType: 'atomic',
  }),
  initContainerStatuses: list(10, containerStatus, '', { listType: 'atomic' }),
  message: string(3, ''),
  nodeAllocatableResourceClaimStatuses: list(21, nodeAllocatableResourceClaimStatus, '', {
    listType: 'atomic',
  }),
  nominatedNodeName: string(11, ''),
  observedGeneration: int64(17, ''),
  phase: string(1, '', { enum: ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] }),
  podIP: string(6, ''),
  podIPs: list(12, podIP, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
    listType: 'map',
    listMapKeys: ['ip'],
  }),
  qosClass: string(9, '', { enum: ['Guaranteed', 'Burstable', 'BestEffort'] }),
  reason: string(4, ''),
  resize: string(14, '', { enum: ['InProgress', 'Deferred', 'Infeasible'] }),
  resourceClaimStatuses: list(15, podResourceClaimStatus, '', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  resources: ref(20, resourceRequirements, ''),
  startTime: time(7, ''),
});
