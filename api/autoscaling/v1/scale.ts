import { definition, inline, int32, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const scaleSpec = definition('io.k8s.api.autoscaling.v1.ScaleSpec', '', {
  replicas: int32(1, '', { default: 0 }),
});

export const scaleStatus = definition('io.k8s.api.autoscaling.v1.ScaleStatus', '', {
  replicas: int32(1, '', { required: true }),
  selector: string(2, ''),
});

export const scale = definition('io.k8s.api.autoscaling.v1.Scale', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, scaleSpec, ''),
  status: ref(3, scaleStatus, ''),
});
