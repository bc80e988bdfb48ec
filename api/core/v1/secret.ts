import { boolean, definition, inline, map, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const secret = definition('io.k8s.api.core.v1.Secret', '', {
  apiVersion: string(inline, ''),
  data: map(2, 'string', ''),
  immutable: boolean(5, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  stringData: map(4, 'string', ''),
  type: string(3, '', {
    enum: [
      'Opaque',
      'kubernetes.io/service-account-token',
      'kubernetes.io/dockercfg',
      'kubernetes.io/dockerconfigjson',
      'kubernetes.io/basic-auth',
      'kubernetes.io/ssh-auth',
      'kubernetes.io/tls',
      'bootstrap.kubernetes.io/token',
    ],
  }),
});
