import { definition, inline, int32, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const scaleSpec = definition(
  'io.k8s.api.autoscaling.v1.ScaleSpec',
  'The number of replicas wanted.',
  {
    replicas: int32(1, 'Number of replicas wanted.', { default: 0 }),
  },
);

export const scaleStatus = definition(
  'io.k8s.api.autoscaling.v1.ScaleStatus',
  'The number of replicas there are.',
  {
    replicas: int32(1, 'Number of replicas there are.', { required: true }),
    selector: string(2, 'Label selector of the replicas, as text.'),
  },
);

export const scale = definition(
  'io.k8s.api.autoscaling.v1.Scale',
  'The number of replicas of another object.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, scaleSpec, 'What is wanted.'),
    status: ref(3, scaleStatus, 'What there is.'),
  },
);
