/** `POST serviceaccounts/NAME/token`: a signed token for an account, bound to a pod, node or secret where asked. */
import {
  defaultTokenRequest,
  tokenRequest,
  validateTokenRequest,
} from '../../../api/authentication/v1/token-request.js';
import type { TokenRequest } from '../../../api/authentication/v1/types.js';
import type { Pod } from '../../../api/core/v1/types.js';
import {
  badRequest,
  conflict,
  invalidObject,
  methodNotAllowed,
} from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { invalid } from '../../../api/validation/field-error.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { BoundObject, NamedObject } from '../../authn/service-account-claims.js';
import type { TokenIssuer } from '../../authn/service-account-tokens.js';
import type { StoreKey } from '../../registry/object-key.js';
import type { Registries } from '../../registry/registries.js';
import type { ApiAnswer } from '../api-request.js';
import { decodeAs, transientAnswer } from '../request-body.js';
import { keyOf } from '../resource-key.js';
import type { SubresourceHandler } from './subresource.js';

const expected = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: tokenRequest,
};

/** Names the token in the audit record of the request that made it. */
const issuedCredentialKey = 'authentication.kubernetes.io/issued-credential-id';

const boundKinds = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;
const isBoundKind = (kind: string): kind is keyof typeof boundKinds =>
  Object.hasOwn(boundKinds, kind);

/** What a token is bound to, and for a pod the node it runs on. */
interface Binding {
  readonly bound?: BoundObject;
  readonly node?: NamedObject;
}

/** Places the request at the account of the URL, and refuses one that says it is for another. */
function placeRequest(body: TokenRequest, { namespace, name }: StoreKey): void {
  const metadata = (body.metadata as Partial<TokenRequest['metadata']> | undefined) ?? {};
  const place = { namespace, name };
  for (const field of ['name', 'namespace'] as const) {
    const said = metadata[field] ?? '';
    if (said === '' || said === place[field]) continue;
    const why = `must match the service account ${field} if specified`;
    throw invalidObject(expected, name, [invalid(`metadata.${field}`, said, why)]);
  }
  Object.assign(body, { metadata: { ...metadata, ...place } });
}

/** Refuses a lifetime that no token may have. */
function checkRequest(body: TokenRequest): void {
  const errors = validateTokenRequest(body);
  if (errors.length > 0) throw invalidObject(expected, '', errors);
}

function nodeOf(registries: Registries, { spec }: Pod): NamedObject | undefined {
  const { nodeName: name = '' } = spec;
  if (name === '') return undefined;
  const found = registries.of('', 'nodes').find({ namespace: '', name })?.object;
  return { name, uid: found?.metadata.uid ?? '' };
}

function checkAccount(object: KubeObject, account: string): void {
  if (((object as Pod).spec.serviceAccountName ?? '') === account) return;
  throw badRequest(
    `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
  );
}

async function bindingOf(
  registries: Registries,
  key: StoreKey,
  { spec }: TokenRequest,
): Promise<Binding> {
  const reference = spec.boundObjectRef;
  if (reference === undefined) return {};
  const { kind = '', apiVersion = '', name = '', uid = '' } = reference;
  if (!isBoundKind(kind) || apiVersion !== 'v1') {
    const type = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`cannot bind token to object of type ${type}, Kind=${kind}`);
  }
  const registry = registries.of('', boundKinds[kind]);
  const { object } = await registry.get({ namespace: kind === 'Node' ? '' : key.namespace, name });
  if (kind === 'Pod') checkAccount(object, key.name);
  if (uid !== '' && uid !== object.metadata.uid) {
    throw conflict(
      { group: '', plural: kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const node = kind === 'Pod' ? nodeOf(registries, object as Pod) : undefined;
  const bound = { kind, name, uid: object.metadata.uid };
  return { bound, ...(node === undefined ? {} : { node }) };
}

/** The answer to a request: itself as it was meant, with the token. */
function issuedAnswer(body: TokenRequest, token: string, expiryMs: number): ApiAnswer {
  const { audiences = [], expirationSeconds = 0, boundObjectRef = null } = body.spec;
  return transientAnswer(201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      ...body.metadata,
      creationTimestamp: timestamp(expiryMs - expirationSeconds * 1000),
    },
    spec: { audiences, expirationSeconds, boundObjectRef },
    status: { token, expirationTimestamp: timestamp(expiryMs) },
  });
}

export function tokenHandler(registries: Registries, tokens: TokenIssuer): SubresourceHandler {
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const key = keyOf(request);
    const { admission, dryRun } = context;
    const body = (await decodeAs(request, expected)) as TokenRequest;
    defaultTokenRequest(body);
    const attributes = { operation: 'CREATE', subresource: 'token', ...key, object: body } as const;
    await admission.mutate({ ...attributes, dryRun });
    const { object: account } = await registries.of('', 'serviceaccounts').get(key);
    if ((body.spec.audiences ?? []).length === 0) body.spec.audiences = [tokens.issuer];
    placeRequest(body, key);
    await admission.validate({ ...attributes, dryRun });
    checkRequest(body);
    const binding = await bindingOf(registries, key, body);
    const { expirationSeconds = 0, audiences = [] } = body.spec;
    const { token, expiryMs, id } = await tokens.issue({
      subject: { namespace: key.namespace, name: key.name, uid: account.metadata.uid },
      audiences,
      expirationSeconds,
      ...binding,
    });
    request.auditAnnotations?.set(issuedCredentialKey, `JTI=${id}`);
    // A dry run hands out nothing that works.
    return issuedAnswer(body, dryRun ? '' : token, expiryMs);
  };
}
