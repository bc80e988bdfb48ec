import { definition, int64, ref, string } from '../../schema/schema.js';
import { shardInfo } from './discovery.js';

export const listMeta = definition('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', '', {
  continue: string(3, ''),
  remainingItemCount: int64(4, ''),
  resourceVersion: string(2, ''),
  selfLink: string(1, ''),
  shardInfo: ref(5, shardInfo, ''),
});
