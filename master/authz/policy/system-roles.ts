/** The ClusterRoles of the system's own parts, of everybody who is known, and of nobody in particular. As Kubernetes has them. */
import { nodeRules } from './node-rules.js';
import { clusterRole, on, paths, read, readWrite, writeEvents } from './policy-words.js';

const health = '/healthz /livez /readyz';
const version = '/version /version/';
const certificates = 'certificates.k8s.io';

const everybody = [
  clusterRole('system:public-info-viewer', [paths(`${health} ${version}`, 'get')]),
  clusterRole('system:discovery', [
    paths(`/api /api/* /apis /apis/* ${health} /openapi /openapi/* ${version}`, 'get'),
  ]),
  clusterRole('system:basic-user', [
    on('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'create'),
    on('authentication.k8s.io', 'selfsubjectreviews', 'create'),
  ]),
  clusterRole('system:service-account-issuer-discovery', [
    paths(
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
      'get',
    ),
  ]),
  clusterRole('system:monitoring', [
    paths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*', 'get'),
  ]),
];

const approver = (signer: string) =>
  clusterRole(`system:${certificates}:${signer}-approver`, [
    on(certificates, 'signers', 'approve', `kubernetes.io/${signer}`),
  ]);

const certificateRoles = [
  clusterRole(`system:${certificates}:certificatesigningrequests:nodeclient`, [
    on(certificates, 'certificatesigningrequests/nodeclient', 'create'),
  ]),
  clusterRole(`system:${certificates}:certificatesigningrequests:selfnodeclient`, [
    on(certificates, 'certificatesigningrequests/selfnodeclient', 'create'),
  ]),
  clusterRole(`pintle:${certificates}:certificatesigningrequests:selfnodeserver`, [
    on(certificates, 'certificatesigningrequests/selfnodeserver', 'create'),
  ]),
  approver('kube-apiserver-client'),
  approver('kube-apiserver-client-kubelet'),
  approver('kubelet-serving'),
  approver('legacy-unknown'),
  clusterRole('system:cluster-trust-bundle-discovery', [
    on(certificates, 'clustertrustbundles', read),
  ]),
];

const nodeRoles = [
  clusterRole('system:node', nodeRules),
  clusterRole('system:node-bootstrapper', [
    on(certificates, 'certificatesigningrequests', 'create get list watch'),
  ]),
  clusterRole('system:node-problem-detector', [
    on('', 'nodes', 'get'),
    on('', 'nodes/status', 'patch'),
    writeEvents,
  ]),
  clusterRole('system:node-proxier', [
    on('', 'endpoints services', 'list watch'),
    on('', 'nodes', read),
    writeEvents,
    on('networking.k8s.io', 'servicecidrs', 'list watch'),
    on('discovery.k8s.io', 'endpointslices', 'list watch'),
  ]),
  clusterRole('system:kubelet-api-admin', [
    on('', 'nodes', read),
    on('', 'nodes', 'proxy'),
    on('', 'nodes/log nodes/metrics nodes/proxy nodes/stats', '*'),
    on('', 'nodes/configz nodes/healthz nodes/pods', '*'),
  ]),
];

/** What every component that asks the API about its own clients does. */
const delegation = [
  on('authentication.k8s.io', 'tokenreviews', 'create'),
  on('authorization.k8s.io', 'subjectaccessreviews', 'create'),
];

const scheduler = [
  writeEvents,
  on('coordination.k8s.io', 'leases', 'create'),
  on('coordination.k8s.io', 'leases', 'get list update watch', 'kube-scheduler'),
  on('coordination.k8s.io', 'leasecandidates', readWrite),
  on('', 'nodes', read),
  on('', 'pods', 'delete get list watch'),
  on('', 'bindings pods/binding', 'create'),
  on('', 'pods/status', 'patch update'),
  on('', 'replicationcontrollers services', read),
  on(['apps', 'extensions'], 'replicasets', read),
  on('apps', 'statefulsets', read),
  on('policy', 'poddisruptionbudgets', read),
  on('', 'persistentvolumeclaims persistentvolumes', read),
  ...delegation,
  on('storage.k8s.io', 'csinodes', read),
  on('storage.k8s.io', 'volumeattachments', read),
  on('', 'namespaces', read),
  on('storage.k8s.io', 'csidrivers', read),
  on('storage.k8s.io', 'csistoragecapacities', read),
  on('resource.k8s.io', 'deviceclasses', read),
  on('resource.k8s.io', 'resourceclaims resourceclaims/status', `${read} patch update`),
  on('', 'pods/finalizers', `${read} patch update`),
  on('resource.k8s.io', 'resourceslices devicetaintrules', read),
];

const controllerManager = [
  writeEvents,
  on('coordination.k8s.io', 'leases', 'create'),
  on('coordination.k8s.io', 'leases', 'get update', 'kube-controller-manager'),
  on('', 'secrets serviceaccounts', 'create'),
  on('', 'secrets', 'delete'),
  on('', 'configmaps namespaces secrets serviceaccounts', 'get'),
  on('', 'secrets serviceaccounts', 'update'),
  ...delegation,
  on('*', '*', 'list watch'),
  on('', 'serviceaccounts/token', 'create'),
];

const componentRoles = [
  clusterRole('system:auth-delegator', delegation),
  clusterRole('system:kube-aggregator', [on('', 'endpoints services', read)]),
  clusterRole('system:kube-controller-manager', controllerManager),
  clusterRole('system:kube-scheduler', scheduler),
  clusterRole('system:volume-scheduler', [
    on('', 'persistentvolumes', `${read} patch update`),
    on('storage.k8s.io', 'storageclasses', read),
    on('', 'persistentvolumeclaims', `${read} patch update`),
  ]),
  clusterRole('system:kube-dns', [
    on('', 'endpoints services', 'list watch'),
    on('', 'namespaces', 'list watch'),
    on('discovery.k8s.io', 'endpointslices', 'list watch'),
  ]),
  clusterRole('system:persistent-volume-provisioner', [
    on('', 'persistentvolumes', 'create delete get list watch'),
    on('', 'persistentvolumeclaims', 'get list update watch'),
    on('storage.k8s.io', 'storageclasses', read),
    on('', 'events', 'watch'),
    writeEvents,
  ]),
];

export const systemRoles = [...everybody, ...certificateRoles, ...nodeRoles, ...componentRoles];
