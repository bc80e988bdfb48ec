import { definition, inline, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const binding = definition(
  'io.k8s.api.core.v1.Binding',
  'The decision that a pod runs on a node.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    target: ref(2, objectReference, 'The node.', { required: true }),
  },
);
