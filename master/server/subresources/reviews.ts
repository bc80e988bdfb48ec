/** Questions about users and what they may do: answered on the spot, never stored. */
import type {
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../../../api/authorization/v1/types.js';
import { badRequest, invalidObject } from '../../../api/meta/status-error.js';
import type { KubeObject } from '../../../api/meta/v1/types.js';
import type { ResourceDefinition, Requester } from '../../../api/schema/resource.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { Access } from '../../authz/access.js';
import type { AuthorizationRequest } from '../../authz/authorizer.js';
import { FieldOwnership } from '../../registry/field-ownership.js';
import type { ApiAnswer } from '../api-request.js';
import { askedFieldSelector, askedLabelSelector } from './review-selectors.js';
import { decodeAs, transientAnswer } from '../request-body.js';
import { expectedKindOf } from '../resource-key.js';
import { admitReview } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

export interface ReviewOptions {
  readonly resources: readonly ResourceDefinition[];
  readonly access: Access;
  readonly clock: Clock;
}

type Attributes = Pick<
  NonNullable<SubjectAccessReview['spec']>,
  'resourceAttributes' | 'nonResourceAttributes'
>;

function requestOf(user: Requester, spec: Attributes): AuthorizationRequest {
  const { resourceAttributes: wanted, nonResourceAttributes: path } = spec;
  if (wanted === undefined) return { user, verb: path?.verb ?? '', path: path?.path ?? '' };
  const { verb = '', group = '', version = '', resource = '', subresource = '' } = wanted;
  const { namespace = '', name = '' } = wanted;
  const asked = { group, version, plural: resource, subresource, namespace, name };
  const selectors = {
    fieldSelector: askedFieldSelector(wanted.fieldSelector),
    labelSelector: askedLabelSelector(wanted.labelSelector),
  };
  return { user, verb, resource: { ...asked, ...selectors } };
}

interface AccessStatus {
  readonly allowed: boolean;
  readonly denied?: true;
  readonly reason?: string;
  readonly evaluationError?: string;
}

async function decide(
  { authorizer }: Access,
  user: Requester,
  spec: Attributes,
): Promise<AccessStatus> {
  const { allowed, denied, reason, error } = await authorizer(requestOf(user, spec));
  return {
    allowed,
    ...(denied === undefined ? {} : { denied }),
    ...(reason === '' ? {} : { reason }),
    ...(error === undefined ? {} : { evaluationError: error }),
  };
}

/** Refuses a review that asks nothing, or two things. Kubernetes leaves the kind out of the message. */
function check(review: KubeObject, resource: ResourceDefinition): void {
  const errors = resource.validate(review);
  if (errors.length > 0) throw invalidObject({ group: resource.group, kind: '' }, '', errors);
}

const answer = (review: KubeObject, status: unknown): ApiAnswer =>
  transientAnswer(201, { ...review, status });

async function selfAccess(user: Requester, review: KubeObject, access: Access): Promise<ApiAnswer> {
  const { spec } = review as SelfSubjectAccessReview;
  return answer(review, await decide(access, user, spec));
}

async function subjectAccess(review: KubeObject, access: Access): Promise<ApiAnswer> {
  const { spec } = review as SubjectAccessReview;
  const { user: username = '', groups = [], uid, extra } = spec;
  return answer(review, await decide(access, { username, groups, uid, extra }, spec));
}

/** The object of a namespaced review is of the namespace in the path, and says so or nothing. Others are of none. */
function placeReview(
  { metadata }: KubeObject,
  scope: ResourceDefinition['scope'],
  namespace: string,
): void {
  if (scope === 'Cluster') {
    delete metadata.namespace;
    return;
  }
  if ((metadata.namespace ?? '') === '') metadata.namespace = namespace;
  if (metadata.namespace === namespace) return;
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  );
}

const isGiven = (list: readonly string[] | undefined): boolean => (list ?? []).length > 0;

const namespaceAskedOf = (review: KubeObject): string => {
  const { spec } = review as SelfSubjectRulesReview;
  return (spec as SelfSubjectRulesReview['spec'] | undefined)?.namespace ?? '';
};

function rulesReview(user: Requester, review: KubeObject, access: Access): ApiAnswer {
  const namespace = namespaceAskedOf(review);
  if (namespace === '') throw badRequest('no namespace on request');
  const { rules, errors, incomplete } = access.rulesFor(user, namespace);
  return answer(review, {
    resourceRules: rules
      .filter(({ resources }) => isGiven(resources))
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(isGiven(resourceNames) ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => isGiven(nonResourceURLs))
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete,
    ...(errors.length === 0 ? {} : { evaluationError: errors.join('; ') }),
  });
}

/** What is done about reviews of one kind. */
interface ReviewKind {
  /** Throws where a review makes no sense. */
  readonly check?: (review: KubeObject, resource: ResourceDefinition) => void;
  readonly answer: (user: Requester, review: KubeObject) => ApiAnswer | Promise<ApiAnswer>;
}

const reviewKinds = (access: Access): Readonly<Record<string, ReviewKind>> => ({
  selfsubjectaccessreviews: { check, answer: (user, review) => selfAccess(user, review, access) },
  subjectaccessreviews: { check, answer: (_user, review) => subjectAccess(review, access) },
  localsubjectaccessreviews: { check, answer: (_user, review) => subjectAccess(review, access) },
  selfsubjectrulesreviews: { answer: (user, review) => rulesReview(user, review, access) },
  selfsubjectreviews: { answer: (user, review) => answer(review, { userInfo: user }) },
});

/** The handlers of every review kind, by `group/version/plural`. */
export function reviewHandlers(options: ReviewOptions): ReadonlyMap<string, SubresourceHandler> {
  const { access, resources, clock } = options;
  const handlers = new Map<string, SubresourceHandler>();
  for (const [plural, kind] of Object.entries(reviewKinds(access))) {
    const resource = resources.find((candidate) => candidate.plural === plural);
    if (resource === undefined) continue;
    const owners = new FieldOwnership({ resource, clock });
    handlers.set(`${resource.group}/${resource.version}/${plural}`, async (request, context) => {
      const review = await decodeAs(request, expectedKindOf(resource), 'Warn');
      placeReview(review, resource.scope, request.target.namespace);
      owners.ofNew(review, context);
      await admitReview(context, review, () => kind.check?.(review, resource));
      return kind.answer(request.user, review);
    });
  }
  return handlers;
}
