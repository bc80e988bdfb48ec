import { boolean, definition, list, ref, string } from '../../schema/schema.js';
import { typeFields } from './type-meta.js';

export const groupVersionForDiscovery = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery',
  'A version of an API group.',
  {
    groupVersion: string(1, 'The group and version as group/version.', { required: true }),
    version: string(2, 'The version without its group.', { required: true }),
  },
);

export const serverAddressByClientCIDR = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR',
  'Under which address the clients of one network reach the server.',
  {
    clientCIDR: string(1, 'The network the client is in.', { required: true }),
    serverAddress: string(2, 'The address, as a host name, IP or IP and port.', { required: true }),
  },
);

export const apiGroup = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup',
  'An API group with the versions it is served in.',
  {
    ...typeFields,
    name: string(1, 'The name of the group.', { required: true }),
    preferredVersion: ref(
      3,
      groupVersionForDiscovery,
      'The version that a client should take if it can choose.',
    ),
    serverAddressByClientCIDRs: list(
      4,
      serverAddressByClientCIDR,
      'Server addresses for clients of certain networks.',
      { listType: 'atomic' },
    ),
    versions: list(2, groupVersionForDiscovery, 'All versions of the group that are served.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const apiGroupList = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList',
  'All API groups of the server.',
  {
    ...typeFields,
    groups: list(1, apiGroup, 'The groups.', { required: true, listType: 'atomic' }),
  },
);

export const apiResource = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIResource',
  'A resource of an API version, and what can be done with it.',
  {
    categories: list(7, 'string', 'Names for sets of resources, such as all.', {
      listType: 'atomic',
    }),
    group: string(8, 'The group of the kind where it differs from that of the list.'),
    kind: string(3, 'The kind of the objects.', { required: true }),
    name: string(1, 'The plural name, as paths have it.', { required: true }),
    namespaced: boolean(2, 'Whether the objects live in namespaces.', { required: true }),
    shortNames: list(5, 'string', 'Shorter names that kubectl takes.', { listType: 'atomic' }),
    singularName: string(6, 'The name of one object of the resource.', { required: true }),
    storageVersionHash: string(
      10,
      'Changes when objects of the resource are stored in another version.',
    ),
    verbs: list(
      4,
      'string',
      'What can be done: get, list, watch, create, update, patch, delete, deletecollection.',
      { required: true },
    ),
    version: string(9, 'The version of the kind where it differs from that of the list.'),
  },
);

export const apiResourceList = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList',
  'The resources of one API version.',
  {
    ...typeFields,
    groupVersion: string(1, 'The group and version the resources belong to.', { required: true }),
    resources: list(2, apiResource, 'The resources and subresources.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const apiVersions = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions',
  'The versions of the core group.',
  {
    ...typeFields,
    serverAddressByClientCIDRs: list(
      2,
      serverAddressByClientCIDR,
      'Server addresses for clients of certain networks.',
      {
        required: true,
        listType: 'atomic',
      },
    ),
    versions: list(1, 'string', 'The versions that are served.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const shardInfo = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo',
  'Which part of a sharded list this is.',
  {
    selector: string(1, 'The selector of the shard that the client asked for.', { required: true }),
  },
);
