import {
  boolean,
  definition,
  int32,
  int64,
  list,
  map,
  ref,
  string,
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

export const hostAlias = definition('io.k8s.api.core.v1.HostAlias', '', {
  hostnames: list(2, 'string', '', { listType: 'atomic' }),
  ip: string(1, '', { required: true }),
});

export const podDNSConfigOption = definition('io.k8s.api.core.v1.PodDNSConfigOption', '', {
  name: string(1, ''),
  value: string(2, ''),
});

export const podDNSConfig = definition('io.k8s.api.core.v1.PodDNSConfig', '', {
  nameservers: list(1, 'string', '', { listType: 'atomic' }),
  options: list(3, podDNSConfigOption, '', { listType: 'atomic' }),
  searches: list(2, 'string', '', { listType: 'atomic' }),
});

export const podOS = definition('io.k8s.api.core.v1.PodOS', '', {
  name: string(1, '', { required: true, enum: ['linux', 'windows'] }),
});

export const podResourceClaim = definition('io.k8s.api.core.v1.PodResourceClaim', '', {
  name: string(1, '', { required: true }),
  resourceClaimName: string(3, ''),
  resourceClaimTemplateName: string(4, ''),
});

export const podSpec = definition('io.k8s.api.core.v1.PodSpec', '', {
  activeDeadlineSeconds: int64(5, ''),
  affinity: ref(18, affinity, ''),
  automountServiceAccountToken: boolean(21, ''),
  containers: list(2, container, '', {
    required: true,
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  dnsConfig: ref(26, podDNSConfig, ''),
  dnsPolicy: string(6, '', {
    enum: ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
  }),
  enableServiceLinks: boolean(30, ''),
  ephemeralContainers: list(34, ephemeralContainer, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  hostAliases: list(23, hostAlias, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'ip',
    listType: 'map',
    listMapKeys: ['ip'],
  }),
  hostIPC: boolean(13, ''),
  hostNetwork: boolean(11, ''),
  hostPID: boolean(12, ''),
  hostUsers: boolean(37, ''),
  hostname: string(16, ''),
  hostnameOverride: string(41, ''),
  imagePullSecrets: list(15, localObjectReference, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  initContainers: list(20, container, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  nodeName: string(10, ''),
  nodeSelector: map(7, 'string', '', { mapType: 'atomic' }),
  os: ref(36, podOS, ''),
  overhead: map(32, 'quantity', ''),
  preemptionPolicy: string(31, '', { enum: ['PreemptLowerPriority', 'Never'] }),
  priority: int32(25, ''),
  priorityClassName: string(24, ''),
  readinessGates: list(28, podReadinessGate, '', { listType: 'atomic' }),
  resourceClaims: list(39, podResourceClaim, '', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  resources: ref(40, resourceRequirements, ''),
  restartPolicy: string(3, '', { enum: ['Always', 'OnFailure', 'Never'] }),
  runtimeClassName: string(29, ''),
  schedulerName: string(19, ''),
  schedulingGates: list(38, podSchedulingGate, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
  schedulingGroup: ref(43, podSchedulingGroup, ''),
  securityContext: ref(14, podSecurityContext, ''),
  serviceAccount: string(9, ''),
  serviceAccountName: string(8, ''),
  setHostnameAsFQDN: boolean(35, ''),
  shareProcessNamespace: boolean(27, ''),
  subdomain: string(17, ''),
  terminationGracePeriodSeconds: int64(4, ''),
  tolerations: list(22, toleration, '', { listType: 'atomic' }),
  topologySpreadConstraints: list(33, topologySpreadConstraint, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'topologyKey',
    listType: 'map',
    listMapKeys: ['topologyKey', 'whenUnsatisfiable'],
  }),
  volumes: list(1, volume, '', {
    patchStrategy: 'merge,retainKeys',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
});

export const podTemplateSpec = definition('io.k8s.api.core.v1.PodTemplateSpec', '', {
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, podSpec, ''),
});
