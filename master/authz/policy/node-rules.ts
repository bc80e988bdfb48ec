/** What the agent of a node may do, before the node authoriser looks closer at what belongs to which node. Pure. */
import type { Rule } from '../rules.js';
import { on, read } from './policy-words.js';

export const nodeRules: readonly Rule[] = [
  on('authentication.k8s.io', 'tokenreviews', 'create'),
  on('authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews', 'create'),
  on('', 'services', read),
  on('', 'nodes', 'create get list watch'),
  on('', 'nodes/status', 'patch update'),
  on('', 'nodes', 'patch update'),
  on('', 'events', 'create patch update'),
  on('', 'pods', read),
  on('', 'pods', 'create delete'),
  on('', 'pods/status', 'patch update'),
  on('', 'pods/eviction', 'create'),
  on('', 'configmaps secrets', read),
  on('', 'persistentvolumeclaims persistentvolumes', 'get'),
  on('', 'endpoints', 'get'),
  on('certificates.k8s.io', 'certificatesigningrequests', 'create get list watch'),
  on('coordination.k8s.io', 'leases', 'create delete get patch update'),
  on('storage.k8s.io', 'volumeattachments', 'get'),
  on('', 'serviceaccounts/token', 'create'),
  on('', 'persistentvolumeclaims/status', 'get patch update'),
  on('storage.k8s.io', 'csidrivers', read),
  on('storage.k8s.io', 'csinodes', 'create delete get patch update'),
  on('node.k8s.io', 'runtimeclasses', read),
  on('resource.k8s.io', 'resourceclaims', 'get'),
  on(
    'resource.k8s.io',
    'resourceslices',
    'create delete deletecollection get list patch update watch',
  ),
  on('certificates.k8s.io', 'clustertrustbundles', read),
  on('certificates.k8s.io', 'podcertificaterequests', 'create get list watch'),
  on('', 'serviceaccounts', 'get'),
];
