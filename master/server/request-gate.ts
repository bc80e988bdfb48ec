/**
 * Between who asks and what is done: impersonation, authorisation, and the hand-over to the resource handler. The same gate
 * stands before requests from the network and from in-process clients.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '../../api/meta/status-error.js';
import type { RequestUser } from '../authn/authenticator.js';
import type { AuthorizationRequest, Authorizer } from '../authz/authorizer.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import type { ResourceRequest } from './request-info.js';
import type { ResourceHandler } from './resource-handler.js';

export interface RequestGate {
  /** Whom the request is to be made as; 403 for a user who may not speak for others. */
  readonly impersonate: (user: RequestUser, headers: IncomingHttpHeaders) => RequestUser;
  /** Throws a 403. */
  readonly authorize: (
    user: RequestUser,
    method: string,
    arrival: { readonly path: string; readonly target: ResourceRequest | undefined },
  ) => void;
  readonly handle: (request: ApiRequest) => Promise<ApiAnswer>;
}

const streams = new Set(['exec', 'attach', 'portforward']);

/** The words in which Kubernetes refuses. */
function forbidden(request: AuthorizationRequest, reason: string): Error {
  const { user, verb, resource, path = '' } = request;
  const who = `User ${JSON.stringify(user.username)} cannot`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (resource === undefined) {
    const message = `forbidden: ${who} ${verb} path ${JSON.stringify(path)}${because}`;
    return failure({ code: 403, reason: 'Forbidden', message, details: {} });
  }
  const { group, plural, subresource, namespace, name } = resource;
  const target = group === '' ? plural : `${plural}.${group}`;
  const named = name === '' ? target : `${target} ${JSON.stringify(name)}`;
  const what = subresource === '' ? plural : `${plural}/${subresource}`;
  const where =
    namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return failure({
    code: 403,
    reason: 'Forbidden',
    message: `${named} is forbidden: ${who} ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${because}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: plural,
    },
  });
}

function check(authorizer: Authorizer, request: AuthorizationRequest): void {
  const { allowed, reason } = authorizer(request);
  if (!allowed) throw forbidden(request, reason);
}

const headerList = (value: string | string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? value.split(/,\s*/) : value;

/** Follows the `Impersonate-*` headers where the authoriser lets the user. */
function impersonate(
  authorizer: Authorizer,
  user: RequestUser,
  headers: IncomingHttpHeaders,
): RequestUser {
  const name = headers['impersonate-user'];
  if (name === undefined || Array.isArray(name)) return user;
  const groups = headerList(headers['impersonate-group']);
  const targets = [
    { plural: 'users', name },
    ...groups.map((group) => ({ plural: 'groups', name: group })),
  ];
  for (const target of targets) {
    const resource = { group: '', version: 'v1', subresource: '', namespace: '', ...target };
    check(authorizer, { user, verb: 'impersonate', resource });
  }
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name);
  const implied =
    groups.length === 0 && account !== null
      ? ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`]
      : groups;
  const everyone = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return { username: name, groups: [...new Set([...implied, everyone])] };
}

export function createRequestGate(authorizer: Authorizer, handler: ResourceHandler): RequestGate {
  return {
    impersonate: (user, headers) => impersonate(authorizer, user, headers),
    authorize: (user, method, { path, target }) => {
      if (target === undefined) {
        check(authorizer, { user, verb: method === 'HEAD' ? 'get' : method.toLowerCase(), path });
        return;
      }
      const { group, version, plural, subresource, name } = target;
      const namespace = plural === 'namespaces' ? target.name : target.namespace;
      const resource = { group, version, plural, subresource, namespace, name };
      // A stream opened by GET does what a POST would.
      const verb = target.verb === 'get' && streams.has(subresource) ? 'create' : target.verb;
      check(authorizer, { user, verb, resource });
    },
    handle: (request) => handler.handle(request),
  };
}
