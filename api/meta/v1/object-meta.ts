import {
  boolean,
  definition,
  fieldsV1,
  int64,
  list,
  map,
  string,
  time,
} from '../../schema/schema.js';

export const managedFieldsEntry = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
  '',
  {
    apiVersion: string(3, ''),
    fieldsType: string(6, ''),
    fieldsV1: fieldsV1(7, ''),
    manager: string(1, ''),
    operation: string(2, '', { enum: ['Apply', 'Update'] }),
    subresource: string(8, ''),
    time: time(4, ''),
  },
);

export const ownerReference = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  '',
  {
    apiVersion: string(5, '', { required: true }),
    blockOwnerDeletion: boolean(7, ''),
    controller: boolean(6, ''),
    kind: string(1, '', { required: true }),
    name: string(3, '', { required: true }),
    uid: string(4, '', { required: true }),
  },
);

export const objectMeta = definition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', '', {
  annotations: map(12, 'string', ''),
  creationTimestamp: time(8, ''),
  deletionGracePeriodSeconds: int64(10, ''),
  deletionTimestamp: time(9, ''),
  finalizers: list(14, 'string', '', { patchStrategy: 'merge', listType: 'set' }),
  generateName: string(2, ''),
  generation: int64(7, ''),
  labels: map(11, 'string', ''),
  managedFields: list(17, managedFieldsEntry, '', { listType: 'atomic' }),
  name: string(1, ''),
  namespace: string(3, ''),
  ownerReferences: list(13, ownerReference, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'uid',
    listType: 'map',
    listMapKeys: ['uid'],
  }),
  resourceVersion: string(6, ''),
  selfLink: string(4, ''),
  uid: string(5, ''),
});
