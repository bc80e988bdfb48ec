import { boolean, definition, inline, int32, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const priorityClass = definition(
  'io.k8s.api.scheduling.v1.PriorityClass',
  'Names a priority that pods can ask for.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    description: string(4, 'Text for people that says when to use it.'),
    globalDefault: boolean(3, 'Whether pods that name no class get this one.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    preemptionPolicy: string(
      5,
      'Whether pods of the class may displace others: PreemptLowerPriority or Never.',
    ),
    value: int32(2, 'The priority; a pod with a higher number goes first. It cannot be changed.'),
  },
);
