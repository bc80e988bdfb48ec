import { definition, inline, int32, microTime, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const leaseSpec = definition('io.k8s.api.coordination.v1.LeaseSpec', '', {
  acquireTime: microTime(3, ''),
  holderIdentity: string(1, ''),
  leaseDurationSeconds: int32(2, ''),
  leaseTransitions: int32(5, ''),
  preferredHolder: string(7, ''),
  renewTime: microTime(4, ''),
  strategy: string(6, '', { enum: ['OldestEmulationVersion'] }),
});

export const lease = definition('io.k8s.api.coordination.v1.Lease', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, leaseSpec, ''),
});
