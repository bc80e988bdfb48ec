import {
  boolean,
  definition,
  int32,
  intOrString,
  list,
  map,
  ref,
  string,
  keyedBy,
} from '../../schema/schema.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { serviceColumns } from './service-columns.js';
import { defaultService } from './service-defaults.js';
import { serviceStrategy } from './service-strategy.js';
import {
  validateService,
  validateServiceStatus,
  validateServiceUpdate,
} from './service-validation.js';
import type { Service } from './types.js';

export const clientIPConfig = definition(
  'io.k8s.api.core.v1.ClientIPConfig',
  'How client affinity works.',
  {
    timeoutSeconds: int32(
      1,
      'Seconds without traffic after which a client may get another endpoint; at most a day, three hours if absent.',
    ),
  },
);

export const sessionAffinityConfig = definition(
  'io.k8s.api.core.v1.SessionAffinityConfig',
  'The settings of session affinity.',
  {
    clientIP: ref(1, clientIPConfig, 'The settings of affinity by client address.'),
  },
);

export const portStatus = definition(
  'io.k8s.api.core.v1.PortStatus',
  'The state of a port of a load balancer.',
  {
    error: string(3, 'What is wrong with the port, as one word.'),
    port: int32(1, 'The number of the port.', { required: true }),
    protocol: string(2, 'TCP, UDP or SCTP.', { required: true, enum: ['TCP', 'UDP', 'SCTP'] }),
  },
);

export const loadBalancerIngress = definition(
  'io.k8s.api.core.v1.LoadBalancerIngress',
  'A way into the cluster that a load balancer offers.',
  {
    hostname: string(2, 'The DNS name of the load balancer.'),
    ip: string(1, 'The address of the load balancer.'),
    ipMode: string(
      3,
      "VIP where traffic arrives with the load balancer's address, Proxy where it does not.",
      { enum: ['VIP', 'Proxy'] },
    ),
    ports: list(4, portStatus, 'The state of its ports.', { listType: 'atomic' }),
  },
);

export const loadBalancerStatus = definition(
  'io.k8s.api.core.v1.LoadBalancerStatus',
  'What a load balancer reports.',
  {
    ingress: list(1, loadBalancerIngress, 'The ways in; clients should use any of them.', {
      listType: 'atomic',
    }),
  },
);

export const servicePort = definition('io.k8s.api.core.v1.ServicePort', 'A port of a Service.', {
  appProtocol: string(6, 'The protocol spoken on the port, such as http or kubernetes.io/h2c.'),
  name: string(1, 'The name of the port; needed where there are several.'),
  nodePort: int32(5, 'The port that every node opens; chosen by the server if absent.'),
  port: int32(3, 'The port at the address of the Service.', { required: true }),
  protocol: string(2, 'TCP, UDP or SCTP.', { enum: ['TCP', 'UDP', 'SCTP'], default: 'TCP' }),
  targetPort: intOrString(4, 'The port of the pods, by number or by name; equals port if absent.'),
});

export const serviceSpec = definition(
  'io.k8s.api.core.v1.ServiceSpec',
  'What is wanted of a Service.',
  {
    allocateLoadBalancerNodePorts: boolean(
      20,
      'Whether a LoadBalancer gets node ports; true if absent.',
    ),
    clusterIP: string(
      3,
      'The address of the Service; chosen by the server if absent, None for a Service without one.',
    ),
    clusterIPs: list(
      18,
      'string',
      'The addresses of the Service, one an IP family; the first equals clusterIP.',
      { listType: 'atomic' },
    ),
    externalIPs: list(
      5,
      'string',
      'Addresses whose traffic nodes accept for the Service; routing it there is up to the administrator.',
      { listType: 'atomic' },
    ),
    externalName: string(10, 'The DNS name that an ExternalName Service stands for.'),
    externalTrafficPolicy: string(
      11,
      "Local keeps traffic from outside on the node it reached and shows pods the client's address; Cluster spreads it.",
      { enum: ['Cluster', 'Local'] },
    ),
    healthCheckNodePort: int32(
      12,
      'The port at which load balancers ask nodes whether they have endpoints.',
    ),
    internalTrafficPolicy: string(
      22,
      'Local keeps traffic from pods on their node; Cluster spreads it.',
      { enum: ['Cluster', 'Local'] },
    ),
    ipFamilies: list(19, 'string', 'The IP families of the Service.', {
      enum: ['IPv4', 'IPv6', ''],
      listType: 'atomic',
    }),
    ipFamilyPolicy: string(17, 'Whether the Service has one IP family or two.', {
      enum: ['SingleStack', 'PreferDualStack', 'RequireDualStack'],
    }),
    loadBalancerClass: string(
      21,
      'Which load balancer implementation is meant; the default one if absent.',
    ),
    loadBalancerIP: string(8, 'No longer recommended; the address the load balancer should have.'),
    loadBalancerSourceRanges: list(
      9,
      'string',
      'The networks whose clients the load balancer lets in.',
      { listType: 'atomic' },
    ),
    ports: list(1, servicePort, 'The ports of the Service.', {
      patchStrategy: 'merge',
      patchMergeKey: 'port',
      listType: 'map',
      listMapKeys: ['port', 'protocol'],
    }),
    publishNotReadyAddresses: boolean(13, 'Whether pods count as endpoints before they are ready.'),
    selector: map(
      2,
      'string',
      'The labels of the pods that serve; without it somebody else makes the endpoints.',
      { mapType: 'atomic' },
    ),
    sessionAffinity: string(7, 'ClientIP sends a client always to the same pod; None does not.', {
      enum: ['ClientIP', 'None'],
    }),
    sessionAffinityConfig: ref(14, sessionAffinityConfig, 'The settings of session affinity.'),
    trafficDistribution: string(
      23,
      'Which endpoints are preferred: PreferSameZone or PreferSameNode.',
    ),
    type: string(
      4,
      'How far the Service reaches: ClusterIP, NodePort, LoadBalancer, or ExternalName for a mere DNS alias.',
      { enum: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] },
    ),
  },
);

export const serviceStatus = definition(
  'io.k8s.api.core.v1.ServiceStatus',
  'What the system reports about a Service.',
  {
    conditions: list(2, condition, 'The state of the Service.', keyedBy('type')),
    loadBalancer: ref(1, loadBalancerStatus, 'What the load balancer reports.'),
  },
);

export const service = definition(
  'io.k8s.api.core.v1.Service',
  'One stable address and name for a set of pods.',
  {
    ...objectFields,
    spec: ref(2, serviceSpec, 'What is wanted.'),
    status: ref(3, serviceStatus, 'What is; written by the system.'),
  },
);

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
  nameFormat: 'label',
  defaults: defaultService,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
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
