import { definition, inline, ref, string } from '../../schema/schema.js';
import { deleteOptions } from '../../meta/v1/delete-options.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const eviction = definition(
  'io.k8s.api.policy.v1.Eviction',
  'A request to remove a pod as far as its disruption budget allows.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    deleteOptions: ref(2, deleteOptions, 'How to delete the pod.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name and namespace of the pod.'),
  },
);
