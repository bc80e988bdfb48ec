import { definition, inline, ref, string } from '../../../schema/schema.js';
import { podSpec } from './spec.js';
import { podStatus } from './status.js';
import { objectMeta } from '../../../meta/v1/object-meta.js';

export const pod = definition('io.k8s.api.core.v1.Pod', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, podSpec, ''),
  status: ref(3, podStatus, ''),
});
