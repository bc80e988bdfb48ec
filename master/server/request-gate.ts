/**
 * Between who asks and what is done: impersonation, authorisation, and the hand-over to the resource handler. The same gate
 * stands before requests from the network and from in-process clients.
 */
import type { IncomingMessage } from 'node:http';
import { failure } from '../../api/meta/status-error.js';
import { withAnswers } from '../../machinery/with-answers.js';
import { pathSegmentNameErrors } from '../../api/validation/names.js';
import { parseFieldSelector } from '../../api/selectors/field.js';
import { SelectorError } from '../../api/selectors/label.js';
import type {
  Authorization,
  AuthorizationRequest,
  Authorizer,
  Decision,
  ResourceAttributes,
} from '../authz/authorizer.js';
import type { Clock } from '../../machinery/clock/clock.js';
import type { AccessMetrics } from './access-metrics.js';
import type { ApiAnswer, ApiRequest } from './api-request.js';
import { impersonate, isImpersonation } from './impersonation.js';
import type { Impersonation } from './impersonation.js';
import type { ResourceRequest } from './request-info.js';
import type { ResourceHandler } from './resource-handler.js';
import type { Requester } from '../../api/schema/resource.js';

/** What a request asks for, as far as authorisation looks at it. */
export interface Arrival {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined for paths that are no resources. */
  readonly target: ResourceRequest | undefined;
}

export interface RequestGate {
  /** Whom the request is to be made as; 403 for a user who may not speak for others. */
  readonly impersonate: (
    user: Requester,
    request: Pick<IncomingMessage, 'headers' | 'headersDistinct' | 'method'>,
    arrival: Arrival,
  ) => Impersonation | Promise<Impersonation>;
  /** Throws a 403, or rejects with it. How it was decided is noted for the audit record, where one is kept. */
  readonly authorize: (
    user: Requester,
    method: string,
    arrival: Arrival,
    annotations?: Map<string, string>,
  ) => void | Promise<void>;
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

/** The answer where an authoriser that had to be asked could not be. */
const undecided = (error: string): Error =>
  failure({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: authorization: ${error}`,
    details: { causes: [{ message: error }] },
  });

function note({ allowed, reason, error }: Decision, annotations: Map<string, string>): void {
  if (allowed || error === undefined) {
    annotations.set('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    annotations.set('authorization.k8s.io/reason', reason);
  } else annotations.set('authorization.k8s.io/reason', 'internal error');
}

/** The 403 for a request that is not allowed, or the 500 for one that cannot be decided; undefined for one that is allowed. */
function refusalOf(
  authorizer: Authorizer,
  request: AuthorizationRequest,
  annotations?: Map<string, string>,
): Error | undefined {
  const decision = authorizer(request);
  if (annotations !== undefined) note(decision, annotations);
  const { allowed, reason, error } = decision;
  if (allowed) return undefined;
  return error === undefined ? forbidden(request, reason) : undecided(error);
}

/** Throws where a request is not allowed, or cannot be decided. */
export function requireAllowed(
  authorizer: Authorizer,
  request: AuthorizationRequest,
  annotations?: Map<string, string>,
): void {
  const refusal = refusalOf(authorizer, request, annotations);
  if (refusal !== undefined) throw refusal;
}

/** The one name a field selector leaves; empty where it leaves more. A selector that cannot be read is refused later. */
export function selectedName(fieldSelector: string): string {
  if (!fieldSelector.includes('metadata.name')) return '';
  try {
    const requirement = parseFieldSelector(fieldSelector).find(
      ({ field, operator }) => field === 'metadata.name' && operator === '=',
    );
    const name = requirement?.value ?? '';
    return pathSegmentNameErrors(name).length === 0 ? name : '';
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

/** A list or watch of one name asks for that object, so that rules which name objects can allow it. */
function attributesOf(target: ResourceRequest, query: URLSearchParams): ResourceAttributes {
  const { group, version, plural, subresource, namespace, name } = target;
  const plain = { group, version, plural, subresource, namespace, name };
  if (name !== '' || query.size === 0) return plain;
  const fieldSelector = query.get('fieldSelector') ?? undefined;
  const labelSelector = query.get('labelSelector') ?? undefined;
  if (fieldSelector === undefined && labelSelector === undefined) return plain;
  const selected = fieldSelector === undefined ? name : selectedName(fieldSelector);
  return { ...plain, name: selected, fieldSelector, labelSelector };
}

/** What a user would do by a request. */
function requestOf(
  user: Requester,
  method: string,
  { path, query, target }: Arrival,
): AuthorizationRequest {
  if (target === undefined) {
    return { user, verb: method === 'HEAD' ? 'get' : method.toLowerCase(), path };
  }
  return { user, verb: target.verb, resource: attributesOf(target, query) };
}

export interface RequestGateOptions {
  readonly authorization: Authorization;
  readonly handler: Pick<ResourceHandler, 'handle'>;
  readonly metrics: AccessMetrics;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** Asks on behalf of requests themselves, which is counted. */
const counting =
  ({ authorization, metrics, clock }: RequestGateOptions): Authorization =>
  (request) => {
    const startMs = clock.monotonicMs();
    const note = (decision: Decision): Decision => {
      metrics.authorized(decision, clock.monotonicMs() - startMs);
      return decision;
    };
    const decision = authorization(request);
    return decision instanceof Promise ? decision.then(note) : note(decision);
  };

export function createRequestGate(options: RequestGateOptions): RequestGate {
  const { authorization, handler } = options;
  const counted = counting(options);
  return {
    impersonate: (sender, request, arrival) => {
      if (!isImpersonation(request)) return { user: sender };
      return withAnswers(authorization, (authorizer) =>
        impersonate(request, {
          sender,
          refusal: (verb, resource, user = sender) =>
            refusalOf(authorizer, { user, verb, resource }),
          actionRefusal: (verbFrom, user = sender) => {
            const action = requestOf(user, request.method ?? 'GET', arrival);
            return refusalOf(authorizer, { ...action, verb: verbFrom(action.verb) });
          },
          forbidden: (verb, resource, why) => forbidden({ user: sender, verb, resource }, why),
        }),
      );
    },
    authorize: (user, method, arrival, annotations) => {
      const request = requestOf(user, method, arrival);
      const { target } = arrival;
      return withAnswers(counted, (authorizer) => {
        requireAllowed(authorizer, request, annotations);
        // A stream opened by GET does what a POST would, so it takes the same right.
        if (target?.verb === 'get' && streams.has(target.subresource)) {
          requireAllowed(authorizer, { ...request, verb: 'create' }, annotations);
        }
      });
    },
    handle: (request) => handler.handle(request),
  };
}
