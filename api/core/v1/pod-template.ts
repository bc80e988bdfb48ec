import { definition, inline, ref, string } from '../../schema/schema.js';
import { podTemplateSpec } from './pod/spec.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const podTemplate = definition(
  'io.k8s.api.core.v1.PodTemplate',
  'A pod to make copies of, stored for others to use.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    template: ref(2, podTemplateSpec, 'The pod to make copies of.'),
  },
);
