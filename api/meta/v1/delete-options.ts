import { boolean, definition, inline, int64, list, ref, string } from '../../schema/schema.js';

export const preconditions = definition('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', '', {
  resourceVersion: string(2, ''),
  uid: string(1, ''),
});

export const deleteOptions = definition('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', '', {
  apiVersion: string(inline, ''),
  dryRun: list(5, 'string', '', { listType: 'atomic' }),
  gracePeriodSeconds: int64(1, ''),
  ignoreStoreReadErrorWithClusterBreakingPotential: boolean(6, ''),
  kind: string(inline, ''),
  orphanDependents: boolean(3, ''),
  preconditions: ref(2, preconditions, ''),
  propagationPolicy: string(4, '', { enum: ['Orphan', 'Background', 'Foreground'] }),
});
