import { boolean, definition, inline, map, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const configMap = definition('io.k8s.api.core.v1.ConfigMap', '', {
  apiVersion: string(inline, ''),
  binaryData: map(3, 'string', ''),
  data: map(2, 'string', ''),
  immutable: boolean(4, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
});
