import { definition, inline, int64, list, ref, string, time } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { maxTokenSeconds, minTokenSeconds } from './limits.js';
import type { TokenRequest } from './types.js';

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

/** How long a token lives where the request does not say: an hour. */
export const defaultTokenSeconds = 3600;

/** Fills in the lifetime of a requested token. The audience is the server's to fill in. */
export function defaultTokenRequest(draft: TokenRequest): void {
  const spec = (draft.spec as TokenRequest['spec'] | undefined) ?? {};
  spec.expirationSeconds ??= defaultTokenSeconds;
  draft.spec = spec;
}

/** Checks the lifetime of a requested token. */
export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const seconds = spec.expirationSeconds ?? defaultTokenSeconds;
  const field = 'spec.expirationSeconds';
  if (seconds < minTokenSeconds) {
    return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
  }
  return seconds > maxTokenSeconds
    ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : [];
}
