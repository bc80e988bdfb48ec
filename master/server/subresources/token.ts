/** `POST serviceaccounts/NAME/token`: a signed token for an account, bound to a pod, node or secret where asked. */
import { tokenRequest } from '../../../api/authentication/v1/token-request.js';
import type { TokenRequest } from '../../../api/authentication/v1/types.js';
import {
  badRequest,
  conflict,
  invalidObject,
  methodNotAllowed,
} from '../../../api/meta/status-error.js';
import { invalid } from '../../../api/validation/field-error.js';
import { timestamp } from '../../../machinery/clock/clock.js';
import { defaultAudience } from '../../authn/service-account-tokens.js';
import type { BoundObject, TokenKeeper } from '../../authn/service-account-tokens.js';
import type { Registries } from '../../registry/registries.js';
import { decodeAs, transientAnswer } from '../request-body.js';
import { keyOf } from '../resource-key.js';
import { admit } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

const expected = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: tokenRequest,
};

/** A client may leave out what the type calls required. */
type TokenRequestBody = Partial<Pick<TokenRequest, 'spec'>>;

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;

const boundKinds = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;
const isBoundKind = (kind: string): kind is keyof typeof boundKinds =>
  Object.hasOwn(boundKinds, kind);

function secondsOf({ spec }: TokenRequestBody): number {
  const seconds = spec?.expirationSeconds ?? defaultSeconds;
  const field = 'spec.expirationSeconds';
  const errors =
    seconds < minSeconds
      ? [invalid(field, seconds, 'may not specify a duration less than 10 minutes')]
      : seconds > maxSeconds
        ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
        : [];
  if (errors.length > 0) throw invalidObject(expected, '', errors);
  return seconds;
}

async function boundObject(
  registries: Registries,
  namespace: string,
  { spec }: TokenRequestBody,
): Promise<BoundObject | undefined> {
  const reference = spec?.boundObjectRef;
  if (reference === undefined) return undefined;
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference;
  if (!isBoundKind(kind) || apiVersion !== 'v1') {
    throw badRequest(`cannot bind token to object of type /${apiVersion}, Kind=${kind}`);
  }
  const registry = registries.of('', boundKinds[kind]);
  const { object } = await registry.get({ namespace: kind === 'Node' ? '' : namespace, name });
  if (uid !== '' && uid !== object.metadata.uid) {
    throw conflict(
      { group: '', plural: boundKinds[kind] },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { kind, name, uid: object.metadata.uid };
}

export function tokenHandler(registries: Registries, tokens: TokenKeeper): SubresourceHandler {
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const key = keyOf(request);
    const object = await decodeAs(request, expected);
    const { object: account } = await registries.of('', 'serviceaccounts').get(key);
    await admit(context, { operation: 'CREATE', subresource: 'token', ...key, object });
    const body = object as TokenRequestBody;
    const expirationSeconds = secondsOf(body);
    const bound = await boundObject(registries, key.namespace, body);
    const asked = body.spec?.audiences ?? [];
    const audiences = asked.length === 0 ? [defaultAudience] : asked;
    const issued = await tokens.issue({
      subject: { namespace: key.namespace, name: key.name, uid: account.metadata.uid },
      audiences,
      expirationSeconds,
      bound,
    });
    return transientAnswer(201, {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {
        name: key.name,
        namespace: key.namespace,
        creationTimestamp: timestamp(issued.expiryMs - expirationSeconds * 1000),
      },
      spec: { audiences, expirationSeconds, boundObjectRef: body.spec?.boundObjectRef ?? null },
      status: { token: issued.token, expirationTimestamp: timestamp(issued.expiryMs) },
    });
  };
}
