/** Pods: the kind and its resource, `pods`. */
import { defineResource } from '../../../schema/resource.js';
import type { NamedSubresource } from '../../../schema/resource.js';
import { definition, ref } from '../../../schema/schema.js';
import { eviction } from '../../../policy/v1/eviction.js';
import { binding } from '../binding.js';
import type { Pod, PodStatus } from '../types.js';
import { podColumns, podCompletion } from './columns.js';
import { defaultPod } from './defaults.js';
import { podStrategy } from './strategy.js';
import { validatePod } from './validate-spec.js';
import { validatePodStatusUpdate } from './validate-status.js';
import { validatePodUpdate } from './validate-update.js';
import { podSpec } from './spec.js';
import { podStatus } from './status.js';
import { objectFields } from '../../../meta/v1/object-meta.js';

export const pod = definition(
  'io.k8s.api.core.v1.Pod',
  'Containers that run together on one node and share its network and volumes.',
  {
    ...objectFields,
    spec: ref(2, podSpec, 'What is wanted of the pod.'),
    status: ref(3, podStatus, 'What the node last reported of the pod.'),
  },
);

const coreV1 = { group: '', version: 'v1' } as const;
const stream = (name: string, kind: string): NamedSubresource => ({
  ...coreV1,
  name,
  kind,
  verbs: ['create', 'get'],
});
const wholePod = (name: string): NamedSubresource => ({
  ...coreV1,
  name,
  kind: 'Pod',
  verbs: ['get', 'patch', 'update'],
  schema: pod,
});

const statusOf = (object: { readonly status?: PodStatus }): PodStatus => object.status ?? {};

export const pods = defineResource<Pod>({
  ...coreV1,
  kind: 'Pod',
  plural: 'pods',
  scope: 'Namespaced',
  shortNames: ['po'],
  categories: ['all'],
  schema: pod,
  status: true,
  subresources: [
    stream('attach', 'PodAttachOptions'),
    { ...coreV1, name: 'binding', kind: 'Binding', verbs: ['create'], schema: binding },
    wholePod('ephemeralcontainers'),
    {
      name: 'eviction',
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
      schema: eviction,
    },
    stream('exec', 'PodExecOptions'),
    { ...coreV1, name: 'log', kind: 'Pod', verbs: ['get'] },
    stream('portforward', 'PodPortForwardOptions'),
    {
      ...coreV1,
      name: 'proxy',
      kind: 'PodProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    },
    wholePod('resize'),
  ],
  defaults: defaultPod,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  strategy: podStrategy,
  columns: podColumns,
  completion: podCompletion,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    // What it was called before v1.
    'spec.host': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': (object) => statusOf(object).phase ?? '',
    'status.podIP': (object) => statusOf(object).podIPs?.[0]?.ip ?? statusOf(object).podIP ?? '',
    // Taken, but never read, in Kubernetes as well.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (object) => statusOf(object).nominatedNodeName ?? '',
  },
});
