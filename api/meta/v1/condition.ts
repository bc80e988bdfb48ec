import { definition, int64, string, time } from '../../schema/schema.js';

export const condition = definition('io.k8s.apimachinery.pkg.apis.meta.v1.Condition', '', {
  lastTransitionTime: time(4, '', { required: true }),
  message: string(6, '', { required: true }),
  observedGeneration: int64(3, ''),
  reason: string(5, '', { required: true }),
  status: string(2, '', { required: true, enum: ['True', 'False', 'Unknown'] }),
  type: string(1, '', { required: true }),
});
