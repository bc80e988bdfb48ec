import {
  boolean,
  definition,
  fieldsV1,
  int64,
  list,
  map,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { typeFields } from './type-meta.js';

export const managedFieldsEntry = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry',
  'Which fields one client manages, and since when.',
  {
    apiVersion: string(3, 'The version the field set is written in.'),
    fieldsType: string(6, 'The format of the field set; always FieldsV1.'),
    fieldsV1: fieldsV1(7, 'The set of fields.'),
    manager: string(1, 'The name of the client.'),
    operation: string(2, 'Apply for server-side apply, Update for all other writes.', {
      enum: ['Apply', 'Update'],
    }),
    subresource: string(8, 'The subresource that was written to; empty for the object itself.'),
    time: time(4, 'When the entry last changed.'),
  },
);

export const ownerReference = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference',
  'An object in the same namespace, or a cluster-scoped one, that this object belongs to and is deleted with.',
  {
    apiVersion: string(5, 'The API version of the owner.', { required: true }),
    blockOwnerDeletion: boolean(
      7,
      'Whether a foreground delete of the owner waits for this object.',
    ),
    controller: boolean(
      6,
      'Whether this owner is the one that manages the object; at most one is.',
    ),
    kind: string(1, 'The kind of the owner.', { required: true }),
    name: string(3, 'The name of the owner.', { required: true }),
    uid: string(4, 'The uid of the owner.', { required: true }),
  },
  { mapType: 'atomic' },
);

export const objectMeta = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  'What every stored object says about itself.',
  {
    annotations: map(12, 'string', 'Free-form notes of tools and people, not used for selection.'),
    creationTimestamp: time(
      8,
      'CreationTimestamp is a timestamp of the moment at which the server made the object.',
    ),
    deletionGracePeriodSeconds: int64(
      10,
      'Seconds the object gets to end after its deletion was asked for.',
    ),
    deletionTimestamp: time(
      9,
      'When the object is to be gone; set by the server when a delete has to wait.',
    ),
    finalizers: list(
      14,
      'string',
      'Who has to agree before the object disappears; each removes its own entry.',
      { patchStrategy: 'merge', listType: 'set' },
    ),
    generateName: string(2, 'A prefix; the server appends a random suffix where no name is given.'),
    generation: int64(7, 'Counts changes of what is wanted.'),
    labels: map(11, 'string', 'Keys and values to find and select the object by.'),
    managedFields: list(17, managedFieldsEntry, 'Which client manages which fields.', {
      listType: 'atomic',
    }),
    name: string(1, 'The name, unique among objects of its kind in its namespace; never changes.'),
    namespace: string(3, 'The namespace the object lives in; empty for cluster-scoped kinds.'),
    ownerReferences: list(
      13,
      ownerReference,
      'The objects this one belongs to; when all are gone it is deleted too.',
      keyedBy('uid'),
    ),
    resourceVersion: string(
      6,
      'The revision of this state; send it back with a change to be refused if another change came first.',
    ),
    selfLink: string(4, 'No longer used.'),
    uid: string(5, 'Unique among all objects that ever were.'),
  },
);

/** The fields that every kind begins with. */
export const objectFields = {
  ...typeFields,
  metadata: ref(1, objectMeta, 'Name, labels and what else every object has.'),
};
