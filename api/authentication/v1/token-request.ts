import { definition, int64, list, ref, string, time } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { maxTokenSeconds, minTokenSeconds } from './limits.js';
import type { TokenRequest } from './types.js';

export const boundObjectReference = definition(
  'io.k8s.api.authentication.v1.BoundObjectReference',
  'An object whose end also ends a token.',
  {
    apiVersion: string(2, 'The API version of the object.'),
    kind: string(1, 'The kind of the object: Pod, Secret or Node.'),
    name: string(3, 'The name of the object.'),
    uid: string(4, 'The uid of the object.'),
  },
);

export const tokenRequestSpec = definition(
  'io.k8s.api.authentication.v1.TokenRequestSpec',
  'What token is asked for.',
  {
    audiences: list(
      1,
      'string',
      'For whom the token is meant; a server refuses tokens that do not name it.',
      { listType: 'atomic' },
    ),
    boundObjectRef: ref(3, boundObjectReference, 'The object whose end ends the token.'),
    expirationSeconds: int64(4, 'Seconds the token should live; the server may shorten it.'),
  },
);

export const tokenRequestStatus = definition(
  'io.k8s.api.authentication.v1.TokenRequestStatus',
  'The token that was issued.',
  {
    expirationTimestamp: time(2, 'When the token ends.'),
    token: string(1, 'The token.'),
  },
);

export const tokenRequest = definition(
  'io.k8s.api.authentication.v1.TokenRequest',
  'Asks for a token of a ServiceAccount.',
  {
    ...objectFields,
    spec: ref(2, tokenRequestSpec, 'What is wanted.'),
    status: ref(3, tokenRequestStatus, 'What is; written by the system.'),
  },
);

/** How long a token lives where the request does not say: an hour. */
const defaultTokenSeconds = 3600;

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
