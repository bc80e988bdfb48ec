import { definition, inline, ref, string } from '../../schema/schema.js';
import { deleteOptions } from '../../meta/v1/delete-options.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const eviction = definition('io.k8s.api.policy.v1.Eviction', '', {
  apiVersion: string(inline, ''),
  deleteOptions: ref(2, deleteOptions, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
});
