/** Validating admission policies and what puts them in force. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { bindingColumns, paramKindColumn } from './policy-columns.js';
import { defaultMatch } from './policy-rules.js';
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from './types.js';
import {
  validateValidatingBinding,
  validateValidatingPolicy,
} from './validating-policy-validation.js';
import { definition, int64, list, ref, string, keyedBy } from '../../schema/schema.js';
import {
  auditAnnotation,
  paramKind,
  paramRef,
  typeChecking,
  validation,
  variable,
} from './policy-parts.js';
import { matchCondition, matchResources } from './matching.js';
import { condition } from '../../meta/v1/condition.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const validatingAdmissionPolicySpec = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec',
  'What a validating policy checks.',
  {
    auditAnnotations: list(5, auditAnnotation, 'Facts for the audit record.', {
      listType: 'atomic',
    }),
    failurePolicy: string(
      4,
      'Whether a request fails or goes on (Ignore) where an expression cannot be evaluated or the policy is not usable.',
      { enum: ['Ignore', 'Fail'] },
    ),
    matchConditions: list(
      6,
      matchCondition,
      'CEL expressions that all have to be true; where one is false the request is none of its business.',
      keyedBy('name'),
    ),
    matchConstraints: ref(2, matchResources, 'What the policy is made for.'),
    paramKind: ref(1, paramKind, 'The kind of its parameters, where it takes any.'),
    validations: list(3, validation, 'What has to be true.', { listType: 'atomic' }),
    variables: list(
      7,
      variable,
      'Named expressions for use in others; each may use those before it.',
      keyedBy('name'),
    ),
  },
);

export const validatingAdmissionPolicyStatus = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'What was found about a validating policy itself.',
  {
    conditions: list(3, condition, 'What is to be known about the policy, by type.', {
      listType: 'map',
      listMapKeys: ['type'],
    }),
    observedGeneration: int64(1, 'The generation of the policy that the status is about.'),
    typeChecking: ref(2, typeChecking, 'What the type check found.'),
  },
);

export const validatingAdmissionPolicy = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  'Checks requests with CEL expressions; in force wherever a binding says so.',
  {
    ...objectFields,
    spec: ref(2, validatingAdmissionPolicySpec, 'What is wanted.'),
    status: ref(3, validatingAdmissionPolicyStatus, 'What is; written by the system.'),
  },
);

export const validatingAdmissionPolicyBindingSpec = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'Where, with which parameters and how hard a validating policy is in force.',
  {
    matchResources: ref(3, matchResources, 'Narrows down what the policy applies to.'),
    paramRef: ref(2, paramRef, 'The parameters, where the policy takes any.'),
    policyName: string(1, 'Name of the policy.', { required: true }),
    validationActions: list(
      4,
      'string',
      'What a violation leads to: Deny, Warn or Audit; Deny and Warn exclude each other.',
      { required: true, enum: ['Deny', 'Warn', 'Audit'], listType: 'set' },
    ),
  },
);

export const validatingAdmissionPolicyBinding = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'Puts a validating policy in force.',
  {
    ...objectFields,
    spec: ref(2, validatingAdmissionPolicyBindingSpec, 'What is wanted.', { required: true }),
  },
);

/** ValidatingAdmissionPolicies: checks of requests as CEL expressions. */
export const validatingAdmissionPolicies = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: validatingAdmissionPolicy,
  status: true,
  defaults: (draft) => {
    fillZeroValues(validatingAdmissionPolicy, draft);
    const spec = ((draft as Partial<ValidatingAdmissionPolicy>).spec ??= {});
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints);
  },
  validate: validateValidatingPolicy,
  strategy: {
    statusKeeps: 'metadata',
    requiresVersion: true,
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      Reflect.deleteProperty(draft, 'status');
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Validations',
      type: 'integer',
      description: 'How many validations the policy holds.',
      priority: 0,
      cell: ({ spec }) => spec.validations?.length ?? 0,
    },
    paramKindColumn,
    ageColumn,
  ],
});

/** ValidatingAdmissionPolicyBindings: where validating policies are in force. */
export const validatingAdmissionPolicyBindings = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: validatingAdmissionPolicyBinding,
  defaults: (draft) => {
    fillZeroValues(validatingAdmissionPolicyBinding, draft);
    const loose = draft as Partial<ValidatingAdmissionPolicyBinding>;
    loose.spec ??= { policyName: '', validationActions: [] };
    defaultMatch(loose.spec.matchResources);
  },
  validate: validateValidatingBinding,
  strategy: { tracksGeneration: true, requiresVersion: true },
  columns: bindingColumns,
});
