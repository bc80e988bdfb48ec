import { boolean, definition, list, listOf, map, ref, string } from '../../schema/schema.js';
import {
  fieldSelectorRequirement,
  labelSelectorRequirement,
} from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from './access-review-validation.js';
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from './types.js';

export const fieldSelectorAttributes = definition(
  'io.k8s.api.authorization.v1.FieldSelectorAttributes',
  'A field selector of a request, for its authorisation.',
  {
    rawSelector: string(1, 'The selector as the request had it in its query.'),
    requirements: list(2, fieldSelectorRequirement, 'The selector as single conditions.', {
      listType: 'atomic',
    }),
  },
);

export const labelSelectorAttributes = definition(
  'io.k8s.api.authorization.v1.LabelSelectorAttributes',
  'A label selector of a request, for its authorisation.',
  {
    rawSelector: string(1, 'The selector as the request had it in its query.'),
    requirements: list(2, labelSelectorRequirement, 'The selector as single conditions.', {
      listType: 'atomic',
    }),
  },
);

export const nonResourceAttributes = definition(
  'io.k8s.api.authorization.v1.NonResourceAttributes',
  'A request for a path that is no resource.',
  {
    path: string(1, 'The path.'),
    verb: string(2, 'The HTTP method in lower case.'),
  },
);

export const resourceAttributes = definition(
  'io.k8s.api.authorization.v1.ResourceAttributes',
  'A request for a resource.',
  {
    fieldSelector: ref(8, fieldSelectorAttributes, 'The field selector that narrows the request.'),
    group: string(3, 'The API group; * for all.'),
    labelSelector: ref(9, labelSelectorAttributes, 'The label selector that narrows the request.'),
    name: string(7, 'The name of the object; empty for all.'),
    namespace: string(1, 'The namespace; empty for all, or for cluster-scoped resources.'),
    resource: string(5, 'The resource in the plural; * for all.'),
    subresource: string(6, 'The subresource, if any.'),
    verb: string(2, 'The verb, such as get or list; * for all.'),
    version: string(4, 'The API version; * for all.'),
  },
);

export const subjectAccessReviewSpec = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReviewSpec',
  'Who wants to do what.',
  {
    extra: map(5, listOf('string'), 'More about the user, as the authenticator gives it.'),
    groups: list(4, 'string', 'The groups of the user.', { listType: 'atomic' }),
    nonResourceAttributes: ref(2, nonResourceAttributes, 'The request, where it is for a path.'),
    resourceAttributes: ref(1, resourceAttributes, 'The request, where it is for a resource.'),
    uid: string(6, 'The id of the user.'),
    user: string(3, 'The name of the user; without it only the groups count.'),
  },
);

export const subjectAccessReviewStatus = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReviewStatus',
  'Whether the request would be allowed.',
  {
    allowed: boolean(1, 'Whether it is allowed.', { required: true }),
    denied: boolean(4, 'Whether it is expressly denied, so that nobody else may allow it.'),
    evaluationError: string(
      3,
      'What went wrong while the answer was found; the answer may still be right.',
    ),
    reason: string(2, 'Why it is or is not allowed.'),
  },
);

export const localSubjectAccessReview = definition(
  'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  'Asks whether somebody may do something in one namespace.',
  {
    ...objectFields,
    spec: ref(2, subjectAccessReviewSpec, 'What is wanted.', { required: true }),
    status: ref(3, subjectAccessReviewStatus, 'What is; written by the system.'),
  },
);

export const nonResourceRule = definition(
  'io.k8s.api.authorization.v1.NonResourceRule',
  'What may be done with paths that are no resources.',
  {
    nonResourceURLs: list(2, 'string', 'The paths; * at the end stands for anything.', {
      listType: 'atomic',
    }),
    verbs: list(1, 'string', 'The HTTP methods in lower case; * for all.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const resourceRule = definition(
  'io.k8s.api.authorization.v1.ResourceRule',
  'What may be done with resources.',
  {
    apiGroups: list(2, 'string', 'The API groups; * for all.', { listType: 'atomic' }),
    resourceNames: list(4, 'string', 'The names of objects the rule is for; all if empty.', {
      listType: 'atomic',
    }),
    resources: list(3, 'string', 'The resources; * for all.', { listType: 'atomic' }),
    verbs: list(1, 'string', 'The verbs; * for all.', { required: true, listType: 'atomic' }),
  },
);

export const selfSubjectAccessReviewSpec = definition(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec',
  'What the asker wants to do.',
  {
    nonResourceAttributes: ref(2, nonResourceAttributes, 'The request, where it is for a path.'),
    resourceAttributes: ref(1, resourceAttributes, 'The request, where it is for a resource.'),
  },
);

export const selfSubjectAccessReview = definition(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  'Asks whether the asker may do something.',
  {
    ...objectFields,
    spec: ref(2, selfSubjectAccessReviewSpec, 'What is wanted.', { required: true }),
    status: ref(3, subjectAccessReviewStatus, 'What is; written by the system.'),
  },
);

export const selfSubjectRulesReviewSpec = definition(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec',
  'Which rules are asked for.',
  {
    namespace: string(1, 'The namespace to list the rules of.'),
  },
);

export const subjectRulesReviewStatus = definition(
  'io.k8s.api.authorization.v1.SubjectRulesReviewStatus',
  'What the asker may do.',
  {
    evaluationError: string(4, 'What went wrong while the rules were listed.'),
    incomplete: boolean(3, 'Whether rules may be missing.', { required: true }),
    nonResourceRules: list(2, nonResourceRule, 'What may be done with paths.', {
      required: true,
      listType: 'atomic',
    }),
    resourceRules: list(1, resourceRule, 'What may be done with resources.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const selfSubjectRulesReview = definition(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  'Asks for everything the asker may do in a namespace.',
  {
    ...objectFields,
    spec: ref(2, selfSubjectRulesReviewSpec, 'What is wanted.', { required: true }),
    status: ref(3, subjectRulesReviewStatus, 'What is; written by the system.'),
  },
);

export const subjectAccessReview = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReview',
  'Asks whether somebody may do something.',
  {
    ...objectFields,
    spec: ref(2, subjectAccessReviewSpec, 'What is wanted.', { required: true }),
    status: ref(3, subjectAccessReviewStatus, 'What is; written by the system.'),
  },
);

const groupVersion = { group: 'authorization.k8s.io', version: 'v1' } as const;

/** SubjectAccessReviews: ask whether somebody may do something. Answered, never stored. */
export const subjectAccessReviews = defineResource<SubjectAccessReview>({
  ...groupVersion,
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  schema: subjectAccessReview,
  verbs: ['create'],
  validate: validateSubjectAccessReview,
});

/** SelfSubjectAccessReviews: ask whether the asker may do something. Answered, never stored. */
export const selfSubjectAccessReviews = defineResource<SelfSubjectAccessReview>({
  ...groupVersion,
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  schema: selfSubjectAccessReview,
  verbs: ['create'],
  validate: validateSelfSubjectAccessReview,
});

/** LocalSubjectAccessReviews: ask whether somebody may do something in one namespace. Answered, never stored. */
export const localSubjectAccessReviews = defineResource<LocalSubjectAccessReview>({
  ...groupVersion,
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  schema: localSubjectAccessReview,
  verbs: ['create'],
  validate: validateLocalSubjectAccessReview,
});

/** SelfSubjectRulesReviews: ask for everything the asker may do in a namespace. Answered, never stored. */
export const selfSubjectRulesReviews = defineResource<SelfSubjectRulesReview>({
  ...groupVersion,
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  schema: selfSubjectRulesReview,
  verbs: ['create'],
  validate: () => [],
});
