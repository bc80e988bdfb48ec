import {
  boolean,
  definition,
  inline,
  int32,
  intOrString,
  list,
  map,
  ref,
  string,
} from '../../schema/schema.js';
import { condition } from '../../meta/v1/condition.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { serviceColumns } from './service-columns.js';
import { defaultService } from './service-defaults.js';
import { serviceStrategy } from './service-strategy.js';
import { validateService, validateServiceUpdate } from './service-validation.js';
import type { Service } from './types.js';

export const clientIPConfig = definition('io.k8s.api.core.v1.ClientIPConfig', '', {
  timeoutSeconds: int32(1, ''),
});

export const sessionAffinityConfig = definition('io.k8s.api.core.v1.SessionAffinityConfig', '', {
  clientIP: ref(1, clientIPConfig, ''),
});

export const portStatus = definition('io.k8s.api.core.v1.PortStatus', '', {
  error: string(3, ''),
  port: int32(1, '', { required: true }),
  protocol: string(2, '', { required: true, enum: ['TCP', 'UDP', 'SCTP'] }),
});

export const loadBalancerIngress = definition('io.k8s.api.core.v1.LoadBalancerIngress', '', {
  hostname: string(2, ''),
  ip: string(1, ''),
  ipMode: string(3, '', { enum: ['VIP', 'Proxy'] }),
  ports: list(4, portStatus, '', { listType: 'atomic' }),
});

export const loadBalancerStatus = definition('io.k8s.api.core.v1.LoadBalancerStatus', '', {
  ingress: list(1, loadBalancerIngress, '', { listType: 'atomic' }),
});

export const servicePort = definition('io.k8s.api.core.v1.ServicePort', '', {
  appProtocol: string(6, ''),
  name: string(1, ''),
  nodePort: int32(5, ''),
  port: int32(3, '', { required: true }),
  protocol: string(2, '', { enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' }),
  targetPort: intOrString(4, ''),
});

export const serviceSpec = definition('io.k8s.api.core.v1.ServiceSpec', '', {
  allocateLoadBalancerNodePorts: boolean(20, ''),
  clusterIP: string(3, ''),
  clusterIPs: list(18, 'string', '', { listType: 'atomic' }),
  externalIPs: list(5, 'string', '', { listType: 'atomic' }),
  externalName: string(10, ''),
  externalTrafficPolicy: string(11, '', { enum: ['Cluster', 'Local'] }),
  healthCheckNodePort: int32(12, ''),
  internalTrafficPolicy: string(22, '', { enum: ['Cluster', 'Local'] }),
  ipFamilies: list(19, 'string', '', { enum: ['IPv4', 'IPv6', ''], listType: 'atomic' }),
  ipFamilyPolicy: string(17, '', { enum: ['SingleStack', 'PreferDualStack', 'RequireDualStack'] }),
  loadBalancerClass: string(21, ''),
  loadBalancerIP: string(8, ''),
  loadBalancerSourceRanges: list(9, 'string', '', { listType: 'atomic' }),
  ports: list(1, servicePort, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'port',
    listType: 'map',
    listMapKeys: ['port', 'protocol'],
  }),
  publishNotReadyAddresses: boolean(13, ''),
  selector: map(2, 'string', '', { mapType: 'atomic' }),
  sessionAffinity: string(7, '', { enum: ['ClientIP', 'None'] }),
  sessionAffinityConfig: ref(14, sessionAffinityConfig, ''),
  trafficDistribution: string(23, ''),
  type: string(4, '', { enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] }),
});

export const serviceStatus = definition('io.k8s.api.core.v1.ServiceStatus', '', {
  conditions: list(2, condition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  loadBalancer: ref(1, loadBalancerStatus, ''),
});

export const service = definition('io.k8s.api.core.v1.Service', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, serviceSpec, ''),
  status: ref(3, serviceStatus, ''),
});

/** Services: one stable address for a set of pods. */
export const services = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
  shortNames: ['svc'],
  categories: ['all'],
  schema: service,
  status: true,
  nameFormat: 'label1035',
  defaults: defaultService,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  strategy: serviceStrategy,
  columns: serviceColumns,
  subresources: [
    {
      name: 'proxy',
      group: '',
      version: 'v1',
      kind: 'ServiceProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
  ],
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
});
