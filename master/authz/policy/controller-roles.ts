/**
 * What each controller may do. A controller runs as the service account of its name in kube-system; the names are Kubernetes'
 * own, so that what is written about them holds here too.
 */
import type { Rule } from '../rules.js';
import { on, read, writeEvents } from './policy-words.js';
import { rbacGroup } from '../../../api/rbac/v1/validation.js';

const workloads = ['apps', 'extensions'];
const storage = 'storage.k8s.io';
const change = 'create delete get list patch update watch';

type ControllerRules = Readonly<Record<string, readonly Rule[]>>;

/** The three things the controller of a kind does to its objects. */
const ownStatus = (groups: string | readonly string[], plural: string, verbs = read): Rule[] => [
  on(groups, plural, verbs),
  on(groups, `${plural}/status`, 'update'),
  on(groups, `${plural}/finalizers`, 'update'),
];

const workloadControllers = {
  'cronjob-controller': [
    ...ownStatus('batch', 'cronjobs', `${read} update`),
    on('batch', 'jobs', change),
    on('', 'pods', 'delete list watch'),
    writeEvents,
  ],
  'daemon-set-controller': [
    ...ownStatus(workloads, 'daemonsets'),
    on('', 'nodes', 'list watch'),
    on('', 'pods', 'create delete list patch watch'),
    on('', 'pods/binding', 'create'),
    on('apps', 'controllerrevisions', change),
    writeEvents,
  ],
  'deployment-controller': [
    ...ownStatus(workloads, 'deployments', `${read} update`),
    on(workloads, 'replicasets', change),
    on('', 'pods', `${read} update`),
    writeEvents,
  ],
  'job-controller': [
    ...ownStatus('batch', 'jobs', `${read} patch update`),
    on('', 'pods', 'create delete list patch watch'),
    writeEvents,
  ],
  'replicaset-controller': [
    ...ownStatus(workloads, 'replicasets', `${read} update`),
    on('', 'pods', 'create delete list patch watch'),
    writeEvents,
  ],
  'replication-controller': [
    ...ownStatus('', 'replicationcontrollers', `${read} update`),
    on('', 'pods', 'create delete list patch watch'),
    writeEvents,
  ],
  'statefulset-controller': [
    on('', 'pods', 'list watch'),
    ...ownStatus('apps', 'statefulsets'),
    on('', 'pods', 'create delete get patch update'),
    on('apps', 'controllerrevisions', change),
    on('', 'persistentvolumeclaims', 'create get list watch'),
    on('', 'persistentvolumeclaims', 'delete update'),
    on('', 'pods/finalizers', 'update'),
    writeEvents,
  ],
  'ttl-after-finished-controller': [on('batch', 'jobs', 'delete get list watch'), writeEvents],
  'horizontal-pod-autoscaler': [
    on('autoscaling', 'horizontalpodautoscalers', read),
    on('autoscaling', 'horizontalpodautoscalers/status', 'update'),
    on('*', '*/scale', 'get update'),
    on('', 'pods', 'list watch'),
    on('metrics.k8s.io', 'pods', 'list watch'),
    on('custom.metrics.k8s.io', '*', read),
    on('external.metrics.k8s.io', '*', read),
    writeEvents,
  ],
  'disruption-controller': [
    on(workloads, 'deployments', read),
    on(workloads, 'replicasets', read),
    on('', 'replicationcontrollers', read),
    on('policy', 'poddisruptionbudgets', read),
    on('apps', 'statefulsets', read),
    on('policy', 'poddisruptionbudgets/status', 'update'),
    on('', 'pods/status', 'patch update'),
    on('*', '*/scale', 'get'),
    writeEvents,
  ],
} satisfies ControllerRules;

const serviceControllers = {
  'endpoint-controller': [
    on('', 'pods services', read),
    on('', 'endpoints', 'create delete get list update watch'),
    on('', 'endpoints/restricted', 'create'),
    writeEvents,
  ],
  'endpointslice-controller': [
    on('', 'nodes pods services', read),
    on('', 'services/finalizers', 'update'),
    on('discovery.k8s.io', 'endpointslices', 'create delete get list update watch'),
    writeEvents,
  ],
  'endpointslicemirroring-controller': [
    on('', 'endpoints services', read),
    on('', 'services/finalizers', 'update'),
    on('', 'endpoints/finalizers', 'update'),
    on('discovery.k8s.io', 'endpointslices', 'create delete get list update watch'),
    writeEvents,
  ],
  'service-cidrs-controller': [
    on('networking.k8s.io', 'servicecidrs', `${read} patch update`),
    on('networking.k8s.io', 'servicecidrs/finalizers', 'patch update'),
    on('networking.k8s.io', 'servicecidrs/status', 'patch update'),
    on('networking.k8s.io', 'ipaddresses', read),
    writeEvents,
  ],
  'service-controller': [
    on('', 'services', read),
    on('', 'services/status', 'patch update'),
    on('', 'nodes', 'list watch'),
    writeEvents,
  ],
  'route-controller': [on('', 'nodes', 'list watch'), on('', 'nodes/status', 'patch'), writeEvents],
} satisfies ControllerRules;

const volumeControllers = {
  'attachdetach-controller': [
    on('', 'persistentvolumeclaims persistentvolumes', 'list watch'),
    on('', 'nodes', read),
    on('', 'nodes/status', 'patch update'),
    on('', 'pods', 'list watch'),
    writeEvents,
    on(storage, 'volumeattachments', 'create delete get list watch'),
    on(storage, 'csidrivers', read),
    on(storage, 'csinodes', read),
  ],
  'ephemeral-volume-controller': [
    on('', 'pods', read),
    on('', 'pods/finalizers', 'update'),
    on('', 'persistentvolumeclaims', 'create get list watch'),
    writeEvents,
  ],
  'expand-controller': [
    on('', 'persistentvolumes', `${read} patch update`),
    on('', 'persistentvolumeclaims/status', 'patch update'),
    on('', 'persistentvolumeclaims', read),
    writeEvents,
  ],
  'persistent-volume-binder': [
    on('', 'persistentvolumes', 'create delete get list update watch'),
    on('', 'persistentvolumes/status', 'update'),
    on('', 'persistentvolumeclaims', `${read} update`),
    on('', 'persistentvolumeclaims/status', 'update'),
    on('', 'pods', 'create delete get list watch'),
    on(storage, 'storageclasses', read),
    on('', 'nodes', 'list watch'),
    writeEvents,
    on('', 'events', 'watch'),
  ],
  'pv-protection-controller': [on('', 'persistentvolumes', `${read} update`), writeEvents],
  'pvc-protection-controller': [
    on('', 'persistentvolumeclaims', `${read} update`),
    on('', 'persistentvolumeclaims/status', 'update'),
    on('', 'pods', read),
    writeEvents,
  ],
  'selinux-warning-controller': [
    writeEvents,
    on('', 'persistentvolumes', read),
    on('', 'persistentvolumeclaims', read),
    on('', 'pods', read),
    on(storage, 'csidrivers', read),
  ],
  'volumeattributesclass-protection-controller': [
    on('', 'persistentvolumeclaims', read),
    on('', 'persistentvolumes', read),
    on(storage, 'volumeattributesclasses', `${read} update`),
    writeEvents,
  ],
  'resource-claim-controller': [
    on('', 'pods', read),
    on('', 'pods/finalizers', 'update'),
    on('resource.k8s.io', 'resourceclaims', 'create delete get list watch'),
    on('resource.k8s.io', 'resourceclaims resourceclaims/status', 'patch update'),
    on('resource.k8s.io', 'resourceclaimtemplates', read),
    on('', 'pods/status', 'patch update'),
    writeEvents,
    on('resource.k8s.io', 'resourceclaims/binding', 'patch update'),
  ],
  'device-taint-eviction-controller': [
    on('', 'pods', 'delete get list watch'),
    on('', 'pods/status', 'patch update'),
    on('resource.k8s.io', 'resourceclaims', read),
    on('resource.k8s.io', 'resourceslices', read),
    on('resource.k8s.io', 'deviceclasses', read),
    writeEvents,
  ],
} satisfies ControllerRules;

const certificates = 'certificates.k8s.io';
const signers =
  'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown';

const clusterControllers = {
  'certificate-controller': [
    on(certificates, 'certificatesigningrequests', 'delete get list watch'),
    on(
      certificates,
      'certificatesigningrequests/approval certificatesigningrequests/status',
      'update',
    ),
    on(certificates, 'signers', 'approve', 'kubernetes.io/kube-apiserver-client-kubelet'),
    on(certificates, 'signers', 'sign', signers),
    on('authorization.k8s.io', 'subjectaccessreviews', 'create'),
    writeEvents,
  ],
  'clusterrole-aggregation-controller': [
    on(rbacGroup, 'clusterroles', 'escalate get list patch update watch'),
  ],
  'generic-garbage-collector': [on('*', '*', 'delete get list patch update watch'), writeEvents],
  'legacy-service-account-token-cleaner': [
    on('', 'configmaps', 'get', 'kube-apiserver-legacy-service-account-token-tracking'),
    on('', 'secrets', 'delete patch'),
  ],
  'namespace-controller': [
    on('', 'namespaces', 'delete get list watch'),
    on('', 'namespaces/finalize namespaces/status', 'update'),
    on('*', '*', 'delete deletecollection get list watch'),
  ],
  'node-controller': [
    on('', 'nodes', 'delete get list patch update watch'),
    on('', 'nodes/status', 'patch update'),
    on('', 'pods/status', 'patch update'),
    on('', 'pods', 'delete get list watch'),
    writeEvents,
  ],
  'pod-garbage-collector': [
    on('', 'pods', 'delete list watch'),
    on('', 'nodes', read),
    on('', 'pods/status', 'patch'),
  ],
  'resourcequota-controller': [
    on('*', '*', 'list watch'),
    on('', 'resourcequotas/status', 'update'),
    writeEvents,
  ],
  'root-ca-cert-publisher': [on('', 'configmaps', 'create update'), writeEvents],
  'service-account-controller': [on('', 'serviceaccounts', 'create'), writeEvents],
  'ttl-controller': [on('', 'nodes', 'list patch update watch'), writeEvents],
  'validatingadmissionpolicy-status-controller': [
    on('admissionregistration.k8s.io', 'validatingadmissionpolicies', read),
    on('admissionregistration.k8s.io', 'validatingadmissionpolicies/status', 'get patch update'),
    writeEvents,
  ],
} satisfies ControllerRules;

/** The rules of every controller as Kubernetes has them, by the name of its account. */
export const controllerRules = {
  ...workloadControllers,
  ...serviceControllers,
  ...volumeControllers,
  ...clusterControllers,
} satisfies ControllerRules;

/** What our controllers do beside, for which they have roles of their own. */
const moreRules = {
  // Serving certificates of nodes are approved too, which Kubernetes leaves to people.
  'certificate-controller': [
    on(certificates, 'signers', 'approve', 'kubernetes.io/kubelet-serving'),
  ],
  // Publishes the root certificate too, for which Kubernetes has a controller of its own.
  'service-account-controller': [on('', 'configmaps', 'create delete get update')],
  // Kubernetes lets its controller manager do this with rights of its own.
  'service-account-token-controller': [
    on('', 'secrets', 'delete get patch'),
    on('', 'serviceaccounts', 'get'),
    writeEvents,
  ],
} satisfies ControllerRules;

/** Ours patch where Kubernetes' update, and the other way round, which comes to the same. */
function otherWay(rule: Rule): readonly Rule[] {
  const patches = rule.verbs.includes('patch');
  if (patches === rule.verbs.includes('update')) return [];
  return [{ ...rule, verbs: [patches ? 'update' : 'patch'] }];
}

/** What a controller of ours needs beyond Kubernetes' rules for it: all of them report events. */
function beyond(name: string): readonly Rule[] {
  const rules: readonly Rule[] = (controllerRules as ControllerRules)[name] ?? [];
  const more: readonly Rule[] = (moreRules as ControllerRules)[name] ?? [];
  const reports = rules.includes(writeEvents) || more.includes(writeEvents);
  return [...[...rules, ...more].flatMap(otherWay), ...more, ...(reports ? [] : [writeEvents])];
}

/** The rules of every controller that Kubernetes' roles for it have not, by the name of its account. */
export const ownControllerRules: ReadonlyMap<string, readonly Rule[]> = new Map(
  [...new Set([...Object.keys(controllerRules), ...Object.keys(moreRules)])]
    .map((name): [string, readonly Rule[]] => [name, beyond(name)])
    .filter(([, rules]) => rules.length > 0),
);

/** The accounts controllers may run as. */
export type ControllerAccount =
  | keyof typeof controllerRules
  | keyof typeof moreRules
  // Its role is one of kube-system alone.
  | 'bootstrap-signer'
  | 'token-cleaner';
