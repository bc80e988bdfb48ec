import { boolean, definition, inline, list, ref, string } from '../../schema/schema.js';
import { localObjectReference, objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const serviceAccount = definition('io.k8s.api.core.v1.ServiceAccount', '', {
  apiVersion: string(inline, ''),
  automountServiceAccountToken: boolean(4, ''),
  imagePullSecrets: list(3, localObjectReference, '', { listType: 'atomic' }),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  secrets: list(2, objectReference, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    listType: 'map',
    listMapKeys: ['name'],
  }),
});
