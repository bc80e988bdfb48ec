import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { defaultPrecedence } from './limits.js';
import { validateConditionTypes } from './shared-validation.js';
import { validateFlowSchema } from './flow-schema-validation.js';
import type { FlowSchema, FlowSchemaSpec } from './types.js';
import {
  boolean,
  definition,
  int32,
  list,
  ref,
  string,
  time,
  keyedBy,
} from '../../schema/schema.js';
import { priorityLevelConfigurationReference } from './priority-level-configuration.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const flowDistinguisherMethod = definition(
  'io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod',
  'How requests of a FlowSchema are told apart into flows.',
  {
    type: string(1, 'ByUser for a flow a user, ByNamespace for a flow a namespace.', {
      required: true,
      enum: ['ByUser', 'ByNamespace'],
    }),
  },
);

export const nonResourcePolicyRule = definition(
  'io.k8s.api.flowcontrol.v1.NonResourcePolicyRule',
  'Matches requests to paths that name no resource.',
  {
    nonResourceURLs: list(
      6,
      'string',
      'Paths; a * stands for all, or at the end for everything that follows.',
      { required: true, listType: 'set' },
    ),
    verbs: list(1, 'string', 'Verbs, or * alone for all.', { required: true, listType: 'set' }),
  },
);

export const resourcePolicyRule = definition(
  'io.k8s.api.flowcontrol.v1.ResourcePolicyRule',
  'Matches requests for resources.',
  {
    apiGroups: list(2, 'string', 'API groups, or * alone for all.', {
      required: true,
      listType: 'set',
    }),
    clusterScope: boolean(4, 'Whether requests without a namespace match.'),
    namespaces: list(5, 'string', 'Namespaces, or * alone for all.', {
      listType: 'set',
      nullWhenUnset: true,
    }),
    resources: list(
      3,
      'string',
      'Resources, with subresources after a slash, or * alone for all.',
      { required: true, listType: 'set' },
    ),
    verbs: list(1, 'string', 'Verbs, or * alone for all.', { required: true, listType: 'set' }),
  },
);

export const groupSubject = definition(
  'io.k8s.api.flowcontrol.v1.GroupSubject',
  'Matches members of a group.',
  {
    name: string(1, 'The group, or * for every one.', { required: true }),
  },
);

export const serviceAccountSubject = definition(
  'io.k8s.api.flowcontrol.v1.ServiceAccountSubject',
  'Matches a service account.',
  {
    name: string(2, 'The account, or * for every one of the namespace.', { required: true }),
    namespace: string(1, 'The namespace of the account.', { required: true }),
  },
);

export const userSubject = definition('io.k8s.api.flowcontrol.v1.UserSubject', 'Matches a user.', {
  name: string(1, 'The user, or * for every one.', { required: true }),
});

export const subject = definition(
  'io.k8s.api.flowcontrol.v1.Subject',
  'Matches who sends a request.',
  {
    group: ref(3, groupSubject, 'The group; only where the kind is Group.'),
    kind: string(1, 'User, Group or ServiceAccount.', {
      required: true,
      enum: ['User', 'Group', 'ServiceAccount'],
    }),
    serviceAccount: ref(
      4,
      serviceAccountSubject,
      'The account; only where the kind is ServiceAccount.',
    ),
    user: ref(2, userSubject, 'The user; only where the kind is User.'),
  },
);

export const policyRulesWithSubjects = definition(
  'io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects',
  'Matches requests by who sends them and what they ask for.',
  {
    nonResourceRules: list(
      3,
      nonResourcePolicyRule,
      'Requests to paths that name no resource, any of which matches.',
      { listType: 'atomic' },
    ),
    resourceRules: list(2, resourcePolicyRule, 'Requests for resources, any of which matches.', {
      listType: 'atomic',
    }),
    subjects: list(1, subject, 'Who sends the request; any of them matches.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const flowSchemaSpec = definition(
  'io.k8s.api.flowcontrol.v1.FlowSchemaSpec',
  'Which requests belong to a FlowSchema and what priority they have.',
  {
    distinguisherMethod: ref(
      3,
      flowDistinguisherMethod,
      'How its requests are told apart into flows; one flow when absent.',
    ),
    matchingPrecedence: int32(2, 'The order in which FlowSchemas are tried; lower comes first.'),
    priorityLevelConfiguration: ref(
      1,
      priorityLevelConfigurationReference,
      'The priority level of its requests.',
      { required: true },
    ),
    rules: list(
      4,
      policyRulesWithSubjects,
      'Requests that belong to it; any of the rules matches.',
      { listType: 'atomic' },
    ),
  },
);

export const flowSchemaCondition = definition(
  'io.k8s.api.flowcontrol.v1.FlowSchemaCondition',
  'One thing that is or is not the case about a FlowSchema.',
  {
    lastTransitionTime: time(3, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(5, 'The reason in words for people.'),
    reason: string(4, 'The reason as one CamelCase word.'),
    status: string(2, 'True, False or Unknown.', { enum: ['True', 'False', 'Unknown'] }),
    type: string(1, 'What the condition is about, such as Dangling.'),
  },
);

export const flowSchemaStatus = definition(
  'io.k8s.api.flowcontrol.v1.FlowSchemaStatus',
  'What is known of a FlowSchema.',
  {
    conditions: list(1, flowSchemaCondition, 'What is currently the case.', keyedBy('type')),
  },
);

export const flowSchema = definition(
  'io.k8s.api.flowcontrol.v1.FlowSchema',
  'Gives requests of some users and kinds a priority level.',
  {
    ...objectFields,
    spec: ref(2, flowSchemaSpec, 'What is wanted.'),
    status: ref(3, flowSchemaStatus, 'What is known to be the case.'),
  },
);

function fillDefaults(draft: FlowSchema): void {
  fillZeroValues(flowSchema, draft);
  // Validation says what is missing of an absent spec.
  const spec: Partial<FlowSchemaSpec> = ((draft as Partial<FlowSchema>).spec ??=
    {} as FlowSchemaSpec);
  (draft as Partial<FlowSchema>).status ??= {};
  spec.priorityLevelConfiguration ??= { name: '' };
  if ((spec.matchingPrecedence ?? 0) === 0) spec.matchingPrecedence = defaultPrecedence;
}

function missingLevelText({ status }: FlowSchema): string {
  const dangling = status.conditions?.find(({ type }) => type === 'Dangling');
  return dangling?.status ?? '?';
}

/** As they are tried: by precedence, and by name where that is the same. */
function compareRows(a: FlowSchema, b: FlowSchema): number {
  const difference = (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0);
  return difference === 0 ? (a.metadata.name < b.metadata.name ? -1 : 1) : difference;
}

/** FlowSchemas: which requests belong to which priority level. */
export const flowSchemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  schema: flowSchema,
  status: true,
  defaults: fillDefaults,
  validate: validateFlowSchema,
  validateStatusUpdate: validateConditionTypes,
  strategy: {
    statusKeeps: 'metadata',
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  compareRows,
  columns: [
    nameColumn,
    {
      name: 'PriorityLevel',
      type: 'string',
      description: 'The priority level of its requests.',
      priority: 0,
      cell: ({ spec }) => spec.priorityLevelConfiguration.name,
    },
    {
      name: 'MatchingPrecedence',
      type: 'string',
      description: 'The order in which schemas are tried; lower comes first.',
      priority: 0,
      cell: ({ spec }) => spec.matchingPrecedence ?? 0,
    },
    {
      name: 'DistinguisherMethod',
      type: 'string',
      description: 'How its requests are told apart into flows.',
      priority: 0,
      cell: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    },
    ageColumn,
    {
      name: 'MissingPL',
      type: 'string',
      description: 'Whether its priority level does not exist.',
      priority: 0,
      cell: missingLevelText,
    },
  ],
});
