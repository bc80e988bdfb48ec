import { boolean, definition, inline, list, ref, string } from '../../schema/schema.js';

export const groupVersionForDiscovery = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery',
  '',
  {
    groupVersion: string(1, '', { required: true }),
    version: string(2, '', { required: true }),
  },
);

export const serverAddressByClientCIDR = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR',
  '',
  {
    clientCIDR: string(1, '', { required: true }),
    serverAddress: string(2, '', { required: true }),
  },
);

export const apiGroup = definition('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  name: string(1, '', { required: true }),
  preferredVersion: ref(3, groupVersionForDiscovery, ''),
  serverAddressByClientCIDRs: list(4, serverAddressByClientCIDR, '', { listType: 'atomic' }),
  versions: list(2, groupVersionForDiscovery, '', { required: true, listType: 'atomic' }),
});

export const apiGroupList = definition('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList', '', {
  apiVersion: string(inline, ''),
  groups: list(1, apiGroup, '', { required: true, listType: 'atomic' }),
  kind: string(inline, ''),
});

export const apiResource = definition('io.k8s.apimachinery.pkg.apis.meta.v1.APIResource', '', {
  categories: list(7, 'string', '', { listType: 'atomic' }),
  group: string(8, ''),
  kind: string(3, '', { required: true }),
  name: string(1, '', { required: true }),
  namespaced: boolean(2, '', { required: true }),
  shortNames: list(5, 'string', '', { listType: 'atomic' }),
  singularName: string(6, '', { required: true }),
  storageVersionHash: string(10, ''),
  verbs: list(4, 'string', '', { required: true }),
  version: string(9, ''),
});

export const apiResourceList = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList',
  '',
  {
    apiVersion: string(inline, ''),
    groupVersion: string(1, '', { required: true }),
    kind: string(inline, ''),
    resources: list(2, apiResource, '', { required: true, listType: 'atomic' }),
  },
);

export const apiVersions = definition('io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  serverAddressByClientCIDRs: list(2, serverAddressByClientCIDR, '', {
    required: true,
    listType: 'atomic',
  }),
  versions: list(1, 'string', '', { required: true, listType: 'atomic' }),
});

export const shardInfo = definition('io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo', '', {
  selector: string(1, '', { required: true }),
});
