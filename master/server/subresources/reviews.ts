/** Questions about users and what they may do: answered on the spot, never stored. */
import type {
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../../api/authorization/v1/types.js';
import type { TokenReview } from '../../../api/authentication/v1/types.js';
import {
  badRequest,
  hasReason,
  invalidObject,
  isStatusError,
} from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../../api/schema/resource.js';
import { invalid, required } from '../../../api/validation/field-error.js';
import type { Authenticator, RequestUser } from '../../authn/authenticator.js';
import { defaultAudience } from '../../authn/service-account-tokens.js';
import type { Authorizer } from '../../authz/authorizer.js';
import type { ApiAnswer } from '../api-request.js';
import { decodeAs, transientAnswer } from '../request-body.js';
import { expectedKindOf } from '../resource-key.js';
import type { SubresourceHandler } from './subresource.js';

export interface ReviewOptions {
  readonly resources: readonly ResourceDefinition[];
  readonly authorizer: Authorizer;
  readonly authenticate: Authenticator;
}

type Attributes = Pick<
  NonNullable<SubjectAccessReview['spec']>,
  'resourceAttributes' | 'nonResourceAttributes'
>;

function decide(authorizer: Authorizer, user: RequestUser, spec: Attributes): ApiAnswerStatus {
  const { resourceAttributes: wanted, nonResourceAttributes: path } = spec;
  const { allowed, reason } = authorizer({
    user,
    verb: wanted?.verb ?? path?.verb ?? '',
    ...(wanted === undefined
      ? { path: path?.path ?? '' }
      : {
          resource: {
            group: wanted.group ?? '',
            version: wanted.version ?? '',
            plural: wanted.resource ?? '',
            subresource: wanted.subresource ?? '',
            namespace: wanted.namespace ?? '',
            name: wanted.name ?? '',
          },
        }),
  });
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

interface ApiAnswerStatus {
  readonly allowed: boolean;
  readonly reason?: string;
}

function checkAttributes(resource: ResourceDefinition, spec: Attributes): void {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const both = resourceAttributes !== undefined && nonResourceAttributes !== undefined;
  const none = resourceAttributes === undefined && nonResourceAttributes === undefined;
  if (!both && !none) return;
  const field = 'spec.resourceAttributes';
  throw invalidObject(resource, '', [
    both
      ? invalid(
          'spec.nonResourceAttributes',
          nonResourceAttributes,
          'cannot be specified in combination with resourceAttributes',
        )
      : invalid(
          field,
          null,
          'exactly one of nonResourceAttributes or resourceAttributes must be specified',
        ),
  ]);
}

const answer = (review: KubeObject, status: unknown): ApiAnswer =>
  transientAnswer(201, { ...review, status });

async function selfAccess(
  user: RequestUser,
  review: KubeObject,
  resource: ResourceDefinition,
  authorizer: Authorizer,
): Promise<ApiAnswer> {
  const { spec } = review as unknown as SelfSubjectAccessReview;
  checkAttributes(resource, spec);
  return Promise.resolve(answer(review, decide(authorizer, user, spec)));
}

function subjectAccess(
  review: KubeObject,
  resource: ResourceDefinition,
  authorizer: Authorizer,
  namespace: string | undefined,
): ApiAnswer {
  const { spec } = review as unknown as SubjectAccessReview;
  checkAttributes(resource, spec);
  const { user = '', groups = [] } = spec;
  if (user === '' && groups.length === 0) {
    throw invalidObject(resource, '', [
      invalid('spec.user', user, 'at least one of user or group must be specified'),
    ]);
  }
  const asked = spec.resourceAttributes?.namespace;
  if (namespace !== undefined && spec.nonResourceAttributes !== undefined) {
    throw invalidObject(resource, '', [
      invalid(
        'spec.nonResourceAttributes',
        spec.nonResourceAttributes,
        'disallowed on this kind of request',
      ),
    ]);
  }
  if (namespace !== undefined && asked !== namespace) {
    throw invalidObject(resource, '', [
      invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'),
    ]);
  }
  return answer(review, decide(authorizer, { username: user, groups }, spec));
}

function rules(user: RequestUser, review: KubeObject, authorizer: Authorizer): ApiAnswer {
  const { spec } = review as unknown as SelfSubjectRulesReview;
  const { namespace = '' } = spec;
  if (namespace === '') throw badRequest('no namespace on request');
  const everything = {
    group: '*',
    version: '*',
    plural: '*',
    subresource: '',
    namespace,
    name: '',
  };
  const { allowed } = authorizer({ user, verb: '*', resource: everything });
  const all = ['*'];
  return answer(review, {
    resourceRules: allowed ? [{ verbs: all, apiGroups: all, resources: all }] : [],
    nonResourceRules: allowed ? [{ verbs: all, nonResourceURLs: all }] : [],
    incomplete: false,
  });
}

async function tokenReview(
  review: KubeObject,
  resource: ResourceDefinition,
  authenticate: Authenticator,
): Promise<ApiAnswer> {
  const { spec } = review as unknown as TokenReview;
  const { token, audiences = [] } = spec as Partial<TokenReview['spec']>;
  if (token === undefined || token === '') {
    throw invalidObject(resource, '', [required('spec.token')]);
  }
  try {
    const user = await authenticate({ authorization: `Bearer ${token}` });
    if (audiences.length > 0 && !audiences.includes(defaultAudience)) {
      return answer(review, { user: {}, error: 'token audiences are not among those asked for' });
    }
    return answer(review, { authenticated: true, user, audiences: [defaultAudience] });
  } catch (error) {
    if (!hasReason(error, 'Unauthorized')) throw error;
    const why = isStatusError(error) ? error.message : '';
    return answer(review, { user: {}, error: `[invalid bearer token, ${why}]` });
  }
}

/** The handlers of every review kind, by `group/version/plural`. */
export function reviewHandlers(options: ReviewOptions): ReadonlyMap<string, SubresourceHandler> {
  const { authorizer, authenticate } = options;
  const handlers = new Map<string, SubresourceHandler>();
  const add = (
    plural: string,
    handle: (
      user: RequestUser,
      review: KubeObject,
      resource: ResourceDefinition,
      namespace: string,
    ) => ApiAnswer | Promise<ApiAnswer>,
  ): void => {
    const resource = options.resources.find((candidate) => candidate.plural === plural);
    if (resource === undefined) return;
    handlers.set(`${resource.group}/${resource.version}/${plural}`, async (request) => {
      const review = await decodeAs(request, expectedKindOf(resource), 'Warn');
      return handle(request.user, review, resource, request.target.namespace);
    });
  };
  add('selfsubjectaccessreviews', (user, review, resource) =>
    selfAccess(user, review, resource, authorizer),
  );
  add('subjectaccessreviews', (_user, review, resource) =>
    subjectAccess(review, resource, authorizer, undefined),
  );
  add('localsubjectaccessreviews', (_user, review, resource, namespace) =>
    subjectAccess(review, resource, authorizer, namespace),
  );
  add('selfsubjectrulesreviews', (user, review) => rules(user, review, authorizer));
  add('selfsubjectreviews', (user, review) => answer(review, { userInfo: user }));
  add('tokenreviews', (_user, review, resource) => tokenReview(review, resource, authenticate));
  return handlers;
}
