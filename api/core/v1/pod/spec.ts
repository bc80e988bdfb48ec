import {
  boolean,
  definition,
  int32,
  int64,
  list,
  map,
  ref,
  string,
  keyedBy,
} from '../../../schema/schema.js';
import {
  affinity,
  podReadinessGate,
  podSchedulingGate,
  podSchedulingGroup,
  toleration,
  topologySpreadConstraint,
} from './scheduling.js';
import { container, ephemeralContainer, resourceRequirements } from './container.js';
import { localObjectReference } from '../references.js';
import { podSecurityContext } from './security-context.js';
import { volume } from './volume.js';
import { objectMeta } from '../../../meta/v1/object-meta.js';

export const hostAlias = definition(
  'io.k8s.api.core.v1.HostAlias',
  "Names for an address, written to the pod's hosts file.",
  {
    hostnames: list(2, 'string', 'Names of the address.', { listType: 'atomic' }),
    ip: string(1, 'The address.', { required: true }),
  },
);

export const podDNSConfigOption = definition(
  'io.k8s.api.core.v1.PodDNSConfigOption',
  "An option of the pod's resolver.",
  {
    name: string(1, 'Name of the option.'),
    value: string(2, 'Value of the option.'),
  },
);

export const podDNSConfig = definition(
  'io.k8s.api.core.v1.PodDNSConfig',
  "Settings of the pod's resolver, added to those of its DNS policy.",
  {
    nameservers: list(1, 'string', 'Addresses of name servers.', { listType: 'atomic' }),
    options: list(3, podDNSConfigOption, 'Options of the resolver.', { listType: 'atomic' }),
    searches: list(2, 'string', 'Domains to look up short names in.', { listType: 'atomic' }),
  },
);

export const podOS = definition(
  'io.k8s.api.core.v1.PodOS',
  'The operating system a pod is made for.',
  {
    name: string(1, 'linux or windows.', { required: true, enum: ['linux', 'windows'] }),
  },
);

export const podResourceClaim = definition(
  'io.k8s.api.core.v1.PodResourceClaim',
  'A resource claim that containers of the pod can use.',
  {
    name: string(1, 'Name by which containers refer to the claim.', { required: true }),
    resourceClaimName: string(3, 'Existing claim to use.'),
    resourceClaimTemplateName: string(4, 'Template to make a claim from for this pod.'),
  },
);

export const podSpec = definition('io.k8s.api.core.v1.PodSpec', 'What is wanted of a pod.', {
  activeDeadlineSeconds: int64(
    5,
    'Seconds after its start when the pod is failed if it still runs.',
  ),
  affinity: ref(18, affinity, 'Rules about where the pod runs.'),
  automountServiceAccountToken: boolean(
    21,
    'Whether containers get a token of the service account.',
  ),
  containers: list(2, container, 'Containers to run side by side; at least one.', {
    required: true,
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  dnsConfig: ref(26, podDNSConfig, 'Settings of the resolver beside those of the DNS policy.'),
  dnsPolicy: string(
    6,
    'Where names are resolved: in the cluster, as on the node, or as dnsConfig says.',
    {
      enum: ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
    },
  ),
  enableServiceLinks: boolean(
    30,
    'Whether Services of the namespace appear as environment variables.',
  ),
  ephemeralContainers: list(
    34,
    ephemeralContainer,
    'Containers added to the running pod to look into it.',
    keyedBy('name'),
  ),
  hostAliases: list(23, hostAlias, "Further lines of the pod's hosts file.", keyedBy('ip')),
  hostIPC: boolean(13, "Whether to use the node's IPC namespace."),
  hostNetwork: boolean(11, "Whether to use the node's network, ports included."),
  hostPID: boolean(12, "Whether to see the node's processes."),
  hostUsers: boolean(37, "Whether to use the node's user namespace; true when absent."),
  hostname: string(16, 'Host name of the pod; its own name when absent.'),
  hostnameOverride: string(41, 'Host name to use whatever else would decide it.'),
  imagePullSecrets: list(
    15,
    localObjectReference,
    'Secrets with credentials for pulling images.',
    keyedBy('name'),
  ),
  initContainers: list(
    20,
    container,
    'Containers that run one after another before the others; those that always restart stay as sidecars.',
    keyedBy('name'),
  ),
  nodeName: string(10, 'Node the pod is bound to; set by the scheduler.'),
  nodeSelector: map(7, 'string', 'Labels a node has to have.', { mapType: 'atomic' }),
  os: ref(36, podOS, 'Operating system the containers need.'),
  overhead: map(32, 'quantity', 'Resources the pod needs beside those of its containers.'),
  preemptionPolicy: string(31, 'Whether pods of lower priority may be removed to make room.', {
    enum: ['PreemptLowerPriority', 'Never'],
  }),
  priority: int32(25, 'Priority in numbers; set from the priority class.'),
  priorityClassName: string(24, 'Class that says how important the pod is.'),
  readinessGates: list(
    28,
    podReadinessGate,
    "Conditions that have to hold beside the containers' readiness.",
    { listType: 'atomic' },
  ),
  resourceClaims: list(39, podResourceClaim, 'Resource claims that containers can use.', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  resources: ref(40, resourceRequirements, 'CPU and memory for the pod as a whole.'),
  restartPolicy: string(3, 'When containers that ended are started again; Always when absent.', {
    enum: ['Always', 'OnFailure', 'Never'],
  }),
  runtimeClassName: string(29, 'Class of container runtime to use.'),
  schedulerName: string(19, 'Scheduler that places the pod.'),
  schedulingGates: list(
    38,
    podSchedulingGate,
    'Gates that hold back scheduling until they are removed.',
    keyedBy('name'),
  ),
  schedulingGroup: ref(43, podSchedulingGroup, 'Group of pods to be scheduled with.'),
  securityContext: ref(14, podSecurityContext, 'User, groups and confinement for all containers.'),
  serviceAccount: string(9, 'Old name of serviceAccountName.'),
  serviceAccountName: string(8, 'Service account the pod acts as.'),
  setHostnameAsFQDN: boolean(35, 'Whether the host name is the fully qualified name.'),
  shareProcessNamespace: boolean(27, "Whether containers see each other's processes."),
  subdomain: string(17, 'Headless Service under whose name the pod gets a name in DNS.'),
  terminationGracePeriodSeconds: int64(
    4,
    'Seconds containers have between being told and being made to stop.',
  ),
  tolerations: list(22, toleration, 'Taints of nodes that the pod puts up with.', {
    listType: 'atomic',
  }),
  topologySpreadConstraints: list(
    33,
    topologySpreadConstraint,
    'How evenly pods have to be spread.',
    {
      patchStrategy: 'merge',
      patchMergeKey: 'topologyKey',
      listType: 'map',
      listMapKeys: ['topologyKey', 'whenUnsatisfiable'],
    },
  ),
  volumes: list(1, volume, 'Volumes that containers can mount.', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
});

export const podTemplateSpec = definition(
  'io.k8s.api.core.v1.PodTemplateSpec',
  'A pod to make copies of.',
  {
    metadata: ref(1, objectMeta, 'Labels and annotations of the copies.'),
    spec: ref(2, podSpec, 'What is wanted of the copies.'),
  },
);
