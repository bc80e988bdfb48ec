import {
  boolean,
  definition,
  inline,
  list,
  listOf,
  map,
  ref,
  string,
} from '../../schema/schema.js';
import {
  fieldSelectorRequirement,
  labelSelectorRequirement,
} from '../../meta/v1/label-selector.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
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
  '',
  {
    rawSelector: string(1, ''),
    requirements: list(2, fieldSelectorRequirement, '', { listType: 'atomic' }),
  },
);

export const labelSelectorAttributes = definition(
  'io.k8s.api.authorization.v1.LabelSelectorAttributes',
  '',
  {
    rawSelector: string(1, ''),
    requirements: list(2, labelSelectorRequirement, '', { listType: 'atomic' }),
  },
);

export const nonResourceAttributes = definition(
  'io.k8s.api.authorization.v1.NonResourceAttributes',
  '',
  {
    path: string(1, ''),
    verb: string(2, ''),
  },
);

export const resourceAttributes = definition('io.k8s.api.authorization.v1.ResourceAttributes', '', {
  fieldSelector: ref(8, fieldSelectorAttributes, ''),
  group: string(3, ''),
  labelSelector: ref(9, labelSelectorAttributes, ''),
  name: string(7, ''),
  namespace: string(1, ''),
  resource: string(5, ''),
  subresource: string(6, ''),
  verb: string(2, ''),
  version: string(4, ''),
});

export const subjectAccessReviewSpec = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReviewSpec',
  '',
  {
    extra: map(5, listOf('string'), ''),
    groups: list(4, 'string', '', { listType: 'atomic' }),
    nonResourceAttributes: ref(2, nonResourceAttributes, ''),
    resourceAttributes: ref(1, resourceAttributes, ''),
    uid: string(6, ''),
    user: string(3, ''),
  },
);

export const subjectAccessReviewStatus = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReviewStatus',
  '',
  {
    allowed: boolean(1, '', { required: true }),
    denied: boolean(4, ''),
    evaluationError: string(3, ''),
    reason: string(2, ''),
  },
);

export const localSubjectAccessReview = definition(
  'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  '',
  {
    apiVersion: string(inline, ''),
    kind: string(inline, ''),
    metadata: ref(1, objectMeta, ''),
    spec: ref(2, subjectAccessReviewSpec, '', { required: true }),
    status: ref(3, subjectAccessReviewStatus, ''),
  },
);

export const nonResourceRule = definition('io.k8s.api.authorization.v1.NonResourceRule', '', {
  nonResourceURLs: list(2, 'string', '', { listType: 'atomic' }),
  verbs: list(1, 'string', '', { required: true, listType: 'atomic' }),
});

export const resourceRule = definition('io.k8s.api.authorization.v1.ResourceRule', '', {
  apiGroups: list(2, 'string', '', { listType: 'atomic' }),
  resourceNames: list(4, 'string', '', { listType: 'atomic' }),
  resources: list(3, 'string', '', { listType: 'atomic' }),
  verbs: list(1, 'string', '', { required: true, listType: 'atomic' }),
});

export const selfSubjectAccessReviewSpec = definition(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec',
  '',
  {
    nonResourceAttributes: ref(2, nonResourceAttributes, ''),
    resourceAttributes: ref(1, resourceAttributes, ''),
  },
);

export const selfSubjectAccessReview = definition(
  'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  '',
  {
    apiVersion: string(inline, ''),
    kind: string(inline, ''),
    metadata: ref(1, objectMeta, ''),
    spec: ref(2, selfSubjectAccessReviewSpec, '', { required: true }),
    status: ref(3, subjectAccessReviewStatus, ''),
  },
);

export const selfSubjectRulesReviewSpec = definition(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec',
  '',
  {
    namespace: string(1, ''),
  },
);

export const subjectRulesReviewStatus = definition(
  'io.k8s.api.authorization.v1.SubjectRulesReviewStatus',
  '',
  {
    evaluationError: string(4, ''),
    incomplete: boolean(3, '', { required: true }),
    nonResourceRules: list(2, nonResourceRule, '', { required: true, listType: 'atomic' }),
    resourceRules: list(1, resourceRule, '', { required: true, listType: 'atomic' }),
  },
);

export const selfSubjectRulesReview = definition(
  'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  '',
  {
    apiVersion: string(inline, ''),
    kind: string(inline, ''),
    metadata: ref(1, objectMeta, ''),
    spec: ref(2, selfSubjectRulesReviewSpec, '', { required: true }),
    status: ref(3, subjectRulesReviewStatus, ''),
  },
);

export const subjectAccessReview = definition(
  'io.k8s.api.authorization.v1.SubjectAccessReview',
  '',
  {
    apiVersion: string(inline, ''),
    kind: string(inline, ''),
    metadata: ref(1, objectMeta, ''),
    spec: ref(2, subjectAccessReviewSpec, '', { required: true }),
    status: ref(3, subjectAccessReviewStatus, ''),
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
