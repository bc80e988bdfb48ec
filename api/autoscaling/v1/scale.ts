import { definition, int32, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

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
    ...objectFields,
    spec: ref(2, scaleSpec, 'What is wanted.'),
    status: ref(3, scaleStatus, 'What there is.'),
  },
);
