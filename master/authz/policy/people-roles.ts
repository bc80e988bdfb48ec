/** The ClusterRoles that people are given: cluster-admin, and admin, edit and view for a namespace. As Kubernetes has them. */
import { clusterRole, collectedRole, on, paths, read, readWrite, write } from './policy-words.js';
import { rbacGroup } from '../../../api/rbac/v1/validation.js';

const view = [
  on(
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    read,
  ),
  on(
    '',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    read,
  ),
  on('', 'namespaces', read),
  on('discovery.k8s.io', 'endpointslices', read),
  on(
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
    read,
  ),
  on('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', read),
  on('batch', 'cronjobs cronjobs/status jobs jobs/status', read),
  on(
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
    read,
  ),
  on('policy', 'poddisruptionbudgets poddisruptionbudgets/status', read),
  on('networking.k8s.io', 'ingresses ingresses/status networkpolicies', read),
  on('resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates', read),
];

const edit = [
  on('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', read),
  on('', 'serviceaccounts', 'impersonate'),
  on('', 'pods pods/attach pods/exec pods/portforward pods/proxy', write),
  on('', 'pods/eviction', 'create'),
  on(
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    write,
  ),
  on('', 'serviceaccounts/token', 'create'),
  on(
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
    write,
  ),
  on('autoscaling', 'horizontalpodautoscalers', write),
  on('batch', 'cronjobs jobs', write),
  on(
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
    write,
  ),
  on('policy', 'poddisruptionbudgets', write),
  on('networking.k8s.io', 'ingresses networkpolicies', write),
  on('coordination.k8s.io', 'leases', readWrite),
  on('resource.k8s.io', 'resourceclaims resourceclaimtemplates', write),
];

const admin = [
  on('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
  on(rbacGroup, 'rolebindings roles', readWrite),
];

export const peopleRoles = [
  clusterRole('cluster-admin', [on('*', '*', '*'), paths('*', '*')]),
  collectedRole('admin'),
  collectedRole('edit', 'admin'),
  collectedRole('view', 'edit'),
  clusterRole('system:aggregate-to-admin', admin, 'admin'),
  clusterRole('system:aggregate-to-edit', edit, 'edit'),
  clusterRole('system:aggregate-to-view', view, 'view'),
];
