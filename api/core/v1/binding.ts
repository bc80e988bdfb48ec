import { definition, inline, ref, string } from '../../schema/schema.js';
import { objectReference } from './references.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const binding = definition('io.k8s.api.core.v1.Binding', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  target: ref(2, objectReference, '', { required: true }),
});
