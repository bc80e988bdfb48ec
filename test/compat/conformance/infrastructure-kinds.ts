/** Kinds of networks, storage, devices and runtimes. */
import { labelled, set, reports, type KindCase } from './kind-case.js';

const deviceRequest = {
  devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'none' } }] },
};

const backend = { service: { name: 'none', port: { number: 80 } } };

/** One case a kind, in the order of groups. */
export const infrastructureKinds: readonly KindCase[] = [
  {
    resource: 'ingressclasses',
    groupVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    clusterScoped: true,
    body: { spec: { controller: 'example.com/none' } },
    change: set(
      { spec: { parameters: { apiGroup: 'k8s.example.com', kind: 'Parameters', name: 'one' } } },
      'spec.parameters.name',
      'one',
    ),
  },
  {
    resource: 'ingresses',
    groupVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    body: { spec: { defaultBackend: backend } },
    change: set(
      {
        spec: {
          rules: [
            {
              host: 'one.example.com',
              http: { paths: [{ path: '/', pathType: 'Exact', backend }] },
            },
          ],
        },
      },
      'spec.rules[0].host',
      'one.example.com',
    ),
    status: set(
      { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
      'status.loadBalancer.ingress[0].ip',
      '192.0.2.1',
    ),
  },
  {
    resource: 'ipaddresses',
    groupVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    clusterScoped: true,
    names: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
    body: {
      spec: { parentRef: { group: '', resource: 'services', namespace: 'none', name: 'none' } },
    },
    change: labelled('yes'),
  },
  {
    resource: 'networkpolicies',
    groupVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    body: { spec: { podSelector: {}, ingress: [{}] } },
    change: set({ spec: { egress: [{}] } }, 'spec.egress[0]', {}),
  },
  {
    resource: 'servicecidrs',
    groupVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    clusterScoped: true,
    body: { spec: { cidrs: ['198.51.100.0/24'] } },
    change: labelled('yes'),
    status: reports(),
    statusKeepsMetadata: true,
  },
  {
    resource: 'runtimeclasses',
    groupVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    clusterScoped: true,
    body: { handler: 'none' },
    change: labelled('yes'),
  },
  {
    resource: 'deviceclasses',
    groupVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    clusterScoped: true,
    body: { spec: { selectors: [{ cel: { expression: 'device.driver == "none.example.com"' } }] } },
    change: set(
      { spec: { selectors: [{ cel: { expression: 'true' } }] } },
      'spec.selectors[0].cel.expression',
      'true',
    ),
  },
  {
    resource: 'resourceclaims',
    groupVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    body: { spec: deviceRequest },
    change: labelled('yes'),
    status: set({ status: { allocation: { devices: {} } } }, 'status.allocation', { devices: {} }),
    statusKeepsMetadata: true,
  },
  {
    resource: 'resourceclaimtemplates',
    groupVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    body: { spec: { spec: deviceRequest } },
    change: labelled('yes'),
  },
  {
    resource: 'resourceslices',
    groupVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    clusterScoped: true,
    body: {
      spec: {
        driver: 'none.example.com',
        pool: { name: 'one', generation: 1, resourceSliceCount: 1 },
        allNodes: true,
        devices: [{ name: 'a' }],
      },
    },
    change: set({ spec: { pool: { generation: 2 } } }, 'spec.pool.generation', 2),
  },
  {
    resource: 'csidrivers',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    clusterScoped: true,
    body: { spec: { attachRequired: false } },
    change: set({ spec: { podInfoOnMount: true } }, 'spec.podInfoOnMount', true),
  },
  {
    resource: 'csinodes',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    clusterScoped: true,
    body: { spec: { drivers: [] } },
    change: set(
      { spec: { drivers: [{ name: 'none.example.com', nodeID: 'one' }] } },
      'spec.drivers[0].nodeID',
      'one',
    ),
  },
  {
    resource: 'csistoragecapacities',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    body: { storageClassName: 'none', capacity: '1Gi' },
    change: set({ capacity: '2Gi' }, 'capacity', '2Gi'),
  },
  {
    resource: 'storageclasses',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    clusterScoped: true,
    body: { provisioner: 'none.example.com' },
    change: set({ allowVolumeExpansion: true }, 'allowVolumeExpansion', true),
  },
  {
    resource: 'volumeattachments',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    clusterScoped: true,
    body: {
      spec: {
        attacher: 'none.example.com',
        nodeName: 'none',
        source: { persistentVolumeName: 'none' },
      },
    },
    change: labelled('yes'),
    status: set({ status: { attached: true } }, 'status.attached', true),
    statusKeepsMetadata: true,
  },
  {
    resource: 'volumeattributesclasses',
    groupVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    clusterScoped: true,
    body: { driverName: 'none.example.com', parameters: { one: '1' } },
    change: labelled('yes'),
  },
];
