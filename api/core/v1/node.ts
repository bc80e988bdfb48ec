import {
  boolean,
  definition,
  inline,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
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

export const attachedVolume = definition('io.k8s.api.core.v1.AttachedVolume', '', {
  devicePath: string(2, '', { required: true }),
  name: string(1, '', { required: true }),
});

export const configMapNodeConfigSource = definition(
  'io.k8s.api.core.v1.ConfigMapNodeConfigSource',
  '',
  {
    kubeletConfigKey: string(5, '', { required: true }),
    name: string(2, '', { required: true }),
    namespace: string(1, '', { required: true }),
    resourceVersion: string(4, ''),
    uid: string(3, ''),
  },
);

export const containerImage = definition('io.k8s.api.core.v1.ContainerImage', '', {
  names: list(1, 'string', '', { listType: 'atomic' }),
  sizeBytes: int64(2, ''),
});

export const daemonEndpoint = definition('io.k8s.api.core.v1.DaemonEndpoint', '', {
  Port: int32(1, '', { required: true }),
});

export const nodeConfigSource = definition('io.k8s.api.core.v1.NodeConfigSource', '', {
  configMap: ref(2, configMapNodeConfigSource, ''),
});

export const taint = definition('io.k8s.api.core.v1.Taint', '', {
  effect: string(3, '', { required: true, enum: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] }),
  key: string(1, '', { required: true }),
  timeAdded: time(4, ''),
  value: string(2, ''),
});

export const nodeSpec = definition('io.k8s.api.core.v1.NodeSpec', '', {
  configSource: ref(6, nodeConfigSource, ''),
  externalID: string(2, ''),
  podCIDR: string(1, ''),
  podCIDRs: list(7, 'string', '', { patchStrategy: 'merge', listType: 'set' }),
  providerID: string(3, ''),
  taints: list(5, taint, '', { listType: 'atomic' }),
  unschedulable: boolean(4, ''),
});

export const nodeAddress = definition('io.k8s.api.core.v1.NodeAddress', '', {
  address: string(2, '', { required: true }),
  type: string(1, '', {
    required: true,
    enum: ['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS'],
  }),
});

export const nodeCondition = definition('io.k8s.api.core.v1.NodeCondition', '', {
  lastHeartbeatTime: time(3, ''),
  lastTransitionTime: time(4, ''),
  message: string(6, ''),
  reason: string(5, ''),
  status: string(2, '', { required: true, enum: ['True', 'False', 'Unknown'] }),
  type: string(1, '', {
    required: true,
    enum: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'],
  }),
});

export const nodeConfigStatus = definition('io.k8s.api.core.v1.NodeConfigStatus', '', {
  active: ref(2, nodeConfigSource, ''),
  assigned: ref(1, nodeConfigSource, ''),
  error: string(4, ''),
  lastKnownGood: ref(3, nodeConfigSource, ''),
});

export const nodeDaemonEndpoints = definition('io.k8s.api.core.v1.NodeDaemonEndpoints', '', {
  kubeletEndpoint: ref(1, daemonEndpoint, ''),
});

export const nodeFeatures = definition('io.k8s.api.core.v1.NodeFeatures', '', {
  supplementalGroupsPolicy: boolean(1, ''),
});

export const nodeSwapStatus = definition('io.k8s.api.core.v1.NodeSwapStatus', '', {
  capacity: int64(1, ''),
});

export const nodeSystemInfo = definition('io.k8s.api.core.v1.NodeSystemInfo', '', {
  architecture: string(10, '', { required: true }),
  bootID: string(3, '', { required: true }),
  containerRuntimeVersion: string(6, '', { required: true }),
  kernelVersion: string(4, '', { required: true }),
  kubeProxyVersion: string(8, '', { required: true }),
  kubeletVersion: string(7, '', { required: true }),
  machineID: string(1, '', { required: true }),
  operatingSystem: string(9, '', { required: true }),
  osImage: string(5, '', { required: true }),
  swap: ref(11, nodeSwapStatus, ''),
  systemUUID: string(2, '', { required: true }),
});

export const nodeRuntimeHandlerFeatures = definition(
  'io.k8s.api.core.v1.NodeRuntimeHandlerFeatures',
  '',
  {
    recursiveReadOnlyMounts: boolean(1, ''),
    userNamespaces: boolean(2, ''),
  },
);

export const nodeRuntimeHandler = definition('io.k8s.api.core.v1.NodeRuntimeHandler', '', {
  features: ref(2, nodeRuntimeHandlerFeatures, ''),
  name: string(1, ''),
});

export const nodeStatus = definition('io.k8s.api.core.v1.NodeStatus', '', {
  addresses: list(5, nodeAddress, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  allocatable: map(2, 'quantity', ''),
  capacity: map(1, 'quantity', ''),
  conditions: list(4, nodeCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  config: ref(11, nodeConfigStatus, ''),
  daemonEndpoints: ref(6, nodeDaemonEndpoints, ''),
  declaredFeatures: list(14, 'string', '', { listType: 'atomic' }),
  features: ref(13, nodeFeatures, ''),
  images: list(8, containerImage, '', { listType: 'atomic' }),
  nodeInfo: ref(7, nodeSystemInfo, ''),
  phase: string(3, '', { enum: ['Pending', 'Running', 'Terminated'] }),
  runtimeHandlers: list(12, nodeRuntimeHandler, '', { listType: 'atomic' }),
  volumesAttached: list(10, attachedVolume, '', { listType: 'atomic' }),
  volumesInUse: list(9, 'string', '', { listType: 'atomic' }),
});

export const node = definition('io.k8s.api.core.v1.Node', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, nodeSpec, ''),
  status: ref(3, nodeStatus, ''),
});

export const nodeAllocatableResourceClaimStatus = definition(
  'io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus',
  '',
  {
    containers: list(2, 'string', '', { listType: 'set' }),
    resourceClaimName: string(1, '', { required: true }),
    resources: map(3, 'quantity', '', { required: true }),
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
    prepareForUpdate: (draft, stored) => {
      draft.status = stored.status;
    },
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
