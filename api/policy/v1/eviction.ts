import { definition, ref } from '../../schema/schema.js';
import { deleteOptions } from '../../meta/v1/delete-options.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { typeFields } from '../../meta/v1/type-meta.js';

export const eviction = definition(
  'io.k8s.api.policy.v1.Eviction',
  'A request to remove a pod as far as its disruption budget allows.',
  {
    ...typeFields,
    deleteOptions: ref(2, deleteOptions, 'How to delete the pod.'),
    metadata: ref(1, objectMeta, 'Name and namespace of the pod.'),
  },
);
