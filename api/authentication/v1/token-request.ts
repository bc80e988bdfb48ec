import { definition, inline, int64, list, ref, string, time } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const boundObjectReference = definition(
  'io.k8s.api.authentication.v1.BoundObjectReference',
  '',
  {
    apiVersion: string(2, ''),
    kind: string(1, ''),
    name: string(3, ''),
    uid: string(inline, ''),
  },
);

export const tokenRequestSpec = definition('io.k8s.api.authentication.v1.TokenRequestSpec', '', {
  audiences: list(1, 'string', '', { listType: 'atomic' }),
  boundObjectRef: ref(3, boundObjectReference, ''),
  expirationSeconds: int64(4, ''),
});

export const tokenRequestStatus = definition(
  'io.k8s.api.authentication.v1.TokenRequestStatus',
  '',
  {
    expirationTimestamp: time(2, ''),
    token: string(1, ''),
  },
);

export const tokenRequest = definition('io.k8s.api.authentication.v1.TokenRequest', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, tokenRequestSpec, ''),
  status: ref(3, tokenRequestStatus, ''),
});
