import { definition, inline, list, map, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const limitRangeItem = definition(
  'io.k8s.api.core.v1.LimitRangeItem',
  'Bounds for one type of thing.',
  {
    default: map(4, 'quantity', 'Limits that containers get which name none.'),
    defaultRequest: map(5, 'quantity', 'Requests that containers get which name none.'),
    max: map(2, 'quantity', 'Most of each resource.'),
    maxLimitRequestRatio: map(
      6,
      'quantity',
      'Most by which a limit may exceed its request, as a factor.',
    ),
    min: map(3, 'quantity', 'Least of each resource.'),
    type: string(1, 'What is bounded: pods, containers or claims.', {
      required: true,
      enum: ['Pod', 'Container', 'PersistentVolumeClaim'],
    }),
  },
);

export const limitRangeSpec = definition(
  'io.k8s.api.core.v1.LimitRangeSpec',
  'What is wanted of a LimitRange.',
  {
    limits: list(1, limitRangeItem, 'The bounds.', { required: true, listType: 'atomic' }),
  },
);

export const limitRange = definition(
  'io.k8s.api.core.v1.LimitRange',
  'Bounds what each pod, container or claim of a namespace may use.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, limitRangeSpec, 'What is wanted.'),
  },
);
