/** The kinds of the core group, and those that are written most often beside them. */
import {
  lifecycleNamespace,
  labelled,
  set,
  reports,
  podSpec,
  template,
  type KindCase,
} from './kind-case.js';

const volume = {
  capacity: { storage: '1Gi' },
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'none',
  persistentVolumeReclaimPolicy: 'Retain',
  csi: { driver: 'none.example.com', volumeHandle: 'none' },
};

const event = {
  regarding: { namespace: lifecycleNamespace, kind: 'Pod', name: 'none' },
  reason: 'Conformance',
  type: 'Normal',
  reportingController: 'example.com/conformance',
  reportingInstance: 'one',
  action: 'Testing',
  eventTime: '2026-01-01T00:00:00.000000Z',
};

/** One case a kind, in the order of groups. */
export const coreKinds: readonly KindCase[] = [
  {
    resource: 'configmaps',
    groupVersion: 'v1',
    kind: 'ConfigMap',
    body: { data: { one: '1' } },
    change: set({ data: { one: '2' } }, 'data.one', '2'),
  },
  {
    resource: 'endpoints',
    groupVersion: 'v1',
    kind: 'Endpoints',
    body: { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] },
    change: set(
      { subsets: [{ addresses: [{ ip: '192.0.2.2' }], ports: [{ port: 80 }] }] },
      'subsets[0].addresses[0].ip',
      '192.0.2.2',
    ),
  },
  {
    resource: 'events',
    groupVersion: 'v1',
    kind: 'Event',
    body: { involvedObject: { namespace: lifecycleNamespace }, reason: 'Conformance', count: 1 },
    change: set({ message: 'said again' }, 'message', 'said again'),
  },
  {
    resource: 'limitranges',
    groupVersion: 'v1',
    kind: 'LimitRange',
    body: { spec: { limits: [{ type: 'Container', max: { cpu: '4' } }] } },
    change: set(
      { spec: { limits: [{ type: 'Container', max: { cpu: '3' } }] } },
      'spec.limits[0].max.cpu',
      '3',
    ),
  },
  {
    resource: 'namespaces',
    groupVersion: 'v1',
    kind: 'Namespace',
    clusterScoped: true,
    body: {},
    change: labelled('yes'),
    status: reports(),
    noCollectionDelete: true,
  },
  {
    resource: 'nodes',
    groupVersion: 'v1',
    kind: 'Node',
    clusterScoped: true,
    body: { spec: { unschedulable: true } },
    change: set({ spec: { unschedulable: false } }, 'spec.unschedulable', undefined),
    status: set(
      { status: { capacity: { 'example.com/widgets': '5' } } },
      "status.capacity['example.com/widgets']",
      '5',
    ),
  },
  {
    resource: 'persistentvolumes',
    groupVersion: 'v1',
    kind: 'PersistentVolume',
    clusterScoped: true,
    body: { spec: volume },
    change: set(
      { spec: { persistentVolumeReclaimPolicy: 'Delete' } },
      'spec.persistentVolumeReclaimPolicy',
      'Delete',
    ),
    status: set(
      { status: { message: 'said', reason: 'Conformance' } },
      'status.reason',
      'Conformance',
    ),
  },
  {
    resource: 'persistentvolumeclaims',
    groupVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    body: {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'none',
        resources: { requests: { storage: '1Gi' } },
      },
    },
    change: labelled('yes'),
    status: reports(),
  },
  {
    resource: 'pods',
    groupVersion: 'v1',
    kind: 'Pod',
    body: { spec: podSpec },
    change: set({ spec: { activeDeadlineSeconds: 3600 } }, 'spec.activeDeadlineSeconds', 3600),
    status: set(
      { status: { message: 'said', reason: 'Conformance' } },
      'status.reason',
      'Conformance',
    ),
  },
  {
    resource: 'podtemplates',
    groupVersion: 'v1',
    kind: 'PodTemplate',
    body: { template },
    change: set({ template: { spec: { hostNetwork: true } } }, 'template.spec.hostNetwork', true),
  },
  {
    resource: 'replicationcontrollers',
    groupVersion: 'v1',
    kind: 'ReplicationController',
    body: { spec: { replicas: 0, selector: { app: 'none' }, template } },
    change: set({ spec: { minReadySeconds: 5 } }, 'spec.minReadySeconds', 5),
    status: reports(),
    scales: true,
  },
  {
    resource: 'resourcequotas',
    groupVersion: 'v1',
    kind: 'ResourceQuota',
    body: { spec: { hard: { 'count/things.example.com': '4' } } },
    change: set(
      { spec: { hard: { 'count/things.example.com': '5' } } },
      "spec.hard['count/things.example.com']",
      '5',
    ),
    status: set({ status: { hard: { pods: '7' } } }, 'status.hard.pods', '7'),
    statusIsWrittenByOthers: true,
  },
  {
    resource: 'secrets',
    groupVersion: 'v1',
    kind: 'Secret',
    body: { stringData: { one: '1' } },
    change: set({ data: { one: 'Mg==' } }, 'data.one', 'Mg=='),
  },
  {
    resource: 'serviceaccounts',
    groupVersion: 'v1',
    kind: 'ServiceAccount',
    body: {},
    change: set({ automountServiceAccountToken: false }, 'automountServiceAccountToken', false),
  },
  {
    resource: 'services',
    groupVersion: 'v1',
    kind: 'Service',
    body: { spec: { ports: [{ port: 80 }] } },
    change: set({ spec: { ports: [{ port: 81 }] } }, 'spec.ports[0].port', 81),
    status: reports(),
  },
  {
    resource: 'events',
    groupVersion: 'events.k8s.io/v1',
    kind: 'Event',
    body: event,
    change: set(
      { series: { count: 2, lastObservedTime: '2026-01-02T03:04:05.000006Z' } },
      'series.count',
      2,
    ),
  },
  {
    resource: 'leases',
    groupVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    body: { spec: { holderIdentity: 'one', leaseDurationSeconds: 30, leaseTransitions: 0 } },
    change: set({ spec: { holderIdentity: 'two' } }, 'spec.holderIdentity', 'two'),
  },
  {
    resource: 'endpointslices',
    groupVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    body: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }] },
    change: set(
      { endpoints: [{ addresses: ['192.0.2.2'] }] },
      'endpoints[0].addresses[0]',
      '192.0.2.2',
    ),
  },
];
