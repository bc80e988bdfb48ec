import { objectFields } from '../../meta/v1/object-meta.js';
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
} from '../../schema/schema.js';
import { canonicalMilliQuantity } from '../../quantity.js';
import { defineResource } from '../../schema/resource.js';
import { nodeColumns } from './node-columns.js';
import {
  specOf,
  statusOf,
  validateNode,
  validateNodeStatusUpdate,
  validateNodeUpdate,
} from './node-validation.js';
import type { Node, NodeSystemInfo } from './types.js';

export const attachedVolume = definition(
  'io.k8s.api.core.v1.AttachedVolume',
  'A volume that is attached to a node.',
  {
    devicePath: string(2, 'Where the device of the volume is.', { required: true }),
    name: string(1, 'The name of the volume.', { required: true }),
  },
);

export const configMapNodeConfigSource = definition(
  'io.k8s.api.core.v1.ConfigMapNodeConfigSource',
  'Names a ConfigMap with agent settings; no longer used.',
  {
    kubeletConfigKey: string(5, 'The entry that holds the settings.', { required: true }),
    name: string(2, 'The name of the ConfigMap.', { required: true }),
    namespace: string(1, 'The namespace of the ConfigMap.', { required: true }),
    resourceVersion: string(4, 'The revision of the ConfigMap; only in status.'),
    uid: string(3, 'The uid of the ConfigMap; only in status.'),
  },
);

export const containerImage = definition(
  'io.k8s.api.core.v1.ContainerImage',
  'An image that a node has.',
  {
    names: list(1, 'string', 'All names the image is known by on the node.', {
      listType: 'atomic',
    }),
    sizeBytes: int64(2, 'The size of the image in bytes.'),
  },
);

export const daemonEndpoint = definition(
  'io.k8s.api.core.v1.DaemonEndpoint',
  'A port that a daemon of the node listens on.',
  {
    Port: int32(1, 'The number of the port.', { required: true }),
  },
);

export const nodeConfigSource = definition(
  'io.k8s.api.core.v1.NodeConfigSource',
  'Where agent settings come from; no longer used.',
  {
    configMap: ref(2, configMapNodeConfigSource, 'The ConfigMap with the settings.'),
  },
);

export const taint = definition(
  'io.k8s.api.core.v1.Taint',
  'Keeps pods off a node unless they tolerate it.',
  {
    effect: string(
      3,
      'What happens to pods that do not tolerate it: NoSchedule, PreferNoSchedule or NoExecute.',
      { required: true, enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
    ),
    key: string(1, 'The key that tolerations refer to.', { required: true }),
    timeAdded: time(4, 'When the taint was added.'),
    value: string(2, 'The value that goes with the key.'),
  },
);

export const nodeSpec = definition('io.k8s.api.core.v1.NodeSpec', 'What is wanted of a node.', {
  configSource: ref(6, nodeConfigSource, 'No longer used.'),
  externalID: string(2, 'No longer used.'),
  podCIDR: string(1, 'The range that pods on the node get their addresses from.'),
  podCIDRs: list(7, 'string', 'The same for every IP family; the first equals podCIDR.', {
    patchStrategy: 'merge',
    listType: 'set',
  }),
  providerID: string(3, 'How the cloud calls the machine, as provider://id.'),
  taints: list(5, taint, 'Keep pods off the node that do not tolerate them.', {
    listType: 'atomic',
  }),
  unschedulable: boolean(4, 'If true no new pods are placed on the node; kubectl cordon sets it.'),
});

export const nodeAddress = definition('io.k8s.api.core.v1.NodeAddress', 'An address of a node.', {
  address: string(2, 'The address or name.', { required: true }),
  type: string(1, 'What kind of address it is.', {
    required: true,
    enum: ['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'],
  }),
});

export const nodeCondition = definition(
  'io.k8s.api.core.v1.NodeCondition',
  'One aspect of the health of a node.',
  {
    lastHeartbeatTime: time(3, 'When the agent last confirmed it.', { nullWhenUnset: true }),
    lastTransitionTime: time(4, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(6, 'More about it, for people.'),
    reason: string(5, 'Why the status last changed, as one word.'),
    status: string(2, 'Whether the condition holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which condition this is.', {
      required: true,
      enum: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'],
    }),
  },
);

export const nodeConfigStatus = definition(
  'io.k8s.api.core.v1.NodeConfigStatus',
  'Which agent settings are in use; no longer used.',
  {
    active: ref(2, nodeConfigSource, 'The settings in use.'),
    assigned: ref(1, nodeConfigSource, 'The settings that should be used.'),
    error: string(4, 'What is wrong with the assigned settings.'),
    lastKnownGood: ref(3, nodeConfigSource, 'The settings to fall back to.'),
  },
);

export const nodeDaemonEndpoints = definition(
  'io.k8s.api.core.v1.NodeDaemonEndpoints',
  'Where the daemons of a node listen.',
  {
    kubeletEndpoint: ref(1, daemonEndpoint, 'Where the agent listens.'),
  },
);

export const nodeFeatures = definition(
  'io.k8s.api.core.v1.NodeFeatures',
  'What the container runtime of a node can do.',
  {
    supplementalGroupsPolicy: boolean(
      1,
      'Whether pods may set how supplemental groups are made up.',
    ),
  },
);

export const nodeSwapStatus = definition(
  'io.k8s.api.core.v1.NodeSwapStatus',
  'The swap space of a node.',
  {
    capacity: int64(1, 'Its size in bytes.'),
  },
);

export const nodeSystemInfo = definition(
  'io.k8s.api.core.v1.NodeSystemInfo',
  'What a node says about its machine and software.',
  {
    architecture: string(10, 'The processor architecture, as Go names it.', { required: true }),
    bootID: string(3, 'Changes with every boot.', { required: true }),
    containerRuntimeVersion: string(
      6,
      'The container runtime and its version, as docker://20.10.',
      { required: true },
    ),
    kernelVersion: string(4, 'The version of the kernel.', { required: true }),
    kubeProxyVersion: string(8, 'No longer used; the version of the service proxy.', {
      required: true,
    }),
    kubeletVersion: string(7, 'The version of the agent.', { required: true }),
    machineID: string(1, 'The id of the machine from /etc/machine-id.', { required: true }),
    operatingSystem: string(9, 'The operating system; linux.', { required: true }),
    osImage: string(5, 'The name of the distribution from /etc/os-release.', { required: true }),
    swap: ref(11, nodeSwapStatus, 'Swap space, where there is any.'),
    systemUUID: string(2, 'The id of the hardware from its firmware.', { required: true }),
  },
);

export const nodeRuntimeHandlerFeatures = definition(
  'io.k8s.api.core.v1.NodeRuntimeHandlerFeatures',
  'What a runtime handler can do.',
  {
    recursiveReadOnlyMounts: boolean(
      1,
      'Whether read-only mounts can cover everything mounted below them.',
    ),
    userNamespaces: boolean(2, 'Whether pods can have user namespaces of their own.'),
  },
);

export const nodeRuntimeHandler = definition(
  'io.k8s.api.core.v1.NodeRuntimeHandler',
  'A way the container runtime can run pods.',
  {
    features: ref(2, nodeRuntimeHandlerFeatures, 'What the handler can do.'),
    name: string(1, 'The name of the handler; empty for the default one.'),
  },
);

export const nodeStatus = definition(
  'io.k8s.api.core.v1.NodeStatus',
  'What the agent and the controllers report about a node.',
  {
    addresses: list(5, nodeAddress, 'The addresses at which the node is reached.', keyedBy('type')),
    allocatable: map(2, 'quantity', 'What pods may use of the capacity.'),
    capacity: map(1, 'quantity', 'What the machine has.'),
    conditions: list(4, nodeCondition, 'The health of the node.', keyedBy('type')),
    config: ref(11, nodeConfigStatus, 'No longer used.'),
    daemonEndpoints: ref(6, nodeDaemonEndpoints, 'Where the daemons of the node listen.'),
    declaredFeatures: list(14, 'string', 'Features that the node says it supports.', {
      listType: 'atomic',
    }),
    features: ref(13, nodeFeatures, 'What the container runtime can do.'),
    images: list(8, containerImage, 'The largest images that the node has.', {
      listType: 'atomic',
    }),
    nodeInfo: ref(7, nodeSystemInfo, 'The machine and its software.'),
    phase: string(3, 'No longer used.', { enum: ['Pending', 'Running', 'Terminated'] }),
    runtimeHandlers: list(12, nodeRuntimeHandler, 'The ways the container runtime can run pods.', {
      listType: 'atomic',
    }),
    volumesAttached: list(10, attachedVolume, 'The volumes that are attached to the node.', {
      listType: 'atomic',
    }),
    volumesInUse: list(9, 'string', 'The attached volumes that pods still use.', {
      listType: 'atomic',
    }),
  },
);

export const node = definition('io.k8s.api.core.v1.Node', 'A machine that pods run on.', {
  ...objectFields,
  spec: ref(2, nodeSpec, 'What is wanted.'),
  status: ref(3, nodeStatus, 'What is; written by the system.'),
});

export const nodeAllocatableResourceClaimStatus = definition(
  'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus',
  "What a resource claim takes of a node's allocatable resources.",
  {
    containers: list(2, 'string', 'The containers that use the claim.', { listType: 'set' }),
    resourceClaimName: string(1, 'The name of the claim.', { required: true }),
    resources: map(3, 'quantity', 'The amounts it takes.', { required: true }),
  },
);

const unknownSystem: NodeSystemInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

const normalized = (
  amounts: Record<string, string> | undefined,
): Record<string, string> | undefined =>
  amounts === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(amounts).map(([name, amount]) => [name, canonicalMilliQuantity(amount)]),
      );

function defaultNode(draft: Node): void {
  const [spec, status] = [specOf(draft), statusOf(draft)];
  // The single address range and the list of them say the same; either may be given.
  const first = spec.podCIDRs?.[0] ?? '';
  if (first === '' && (spec.podCIDR ?? '') !== '') spec.podCIDRs = [spec.podCIDR ?? ''];
  else if (first !== '' && (spec.podCIDR ?? '') === '') spec.podCIDR = first;
  draft.spec = spec;
  status.capacity = normalized(status.capacity);
  // What a node does not keep back for itself it can give away.
  status.allocatable = normalized(status.allocatable ?? status.capacity);
  status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
  status.nodeInfo = { ...unknownSystem, ...status.nodeInfo };
  draft.status = status;
}

/** Nodes: the machines pods run on. */
export const nodes = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  shortNames: ['no'],
  schema: node,
  status: true,
  defaults: defaultNode,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  strategy: {
    // A node names itself through status on creation; afterwards only /status changes it.
    warnings: (draft) => [
      ...(specOf(draft).configSource === undefined
        ? []
        : ['spec.configSource: the feature is removed']),
      ...((specOf(draft).externalID ?? '') === ''
        ? []
        : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ],
  },
  columns: nodeColumns,
  subresources: [
    {
      name: 'proxy',
      group: '',
      version: 'v1',
      kind: 'NodeProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
  ],
  selectableFields: {
    'spec.unschedulable': (object) => String(specOf(object).unschedulable ?? false),
  },
});
