/** Mutating admission policies and what puts them in force. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { bindingColumns, paramKindColumn } from './policy-columns.js';
import { defaultMatch } from './policy-rules.js';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from './types.js';
import { validateMutatingBinding, validateMutatingPolicy } from './mutating-policy-validation.js';
import { definition, list, ref, string, keyedBy } from '../../schema/schema.js';
import { matchCondition, matchResources } from './matching.js';
import { mutation, paramKind, paramRef, variable } from './policy-parts.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const mutatingAdmissionPolicySpec = definition(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec',
  'What a mutating policy changes.',
  {
    failurePolicy: string(
      5,
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
    mutations: list(4, mutation, 'The changes, made one after another.', { listType: 'atomic' }),
    paramKind: ref(1, paramKind, 'The kind of its parameters, where it takes any.'),
    reinvocationPolicy: string(
      7,
      'Whether it is asked again (IfNeeded) where others changed the object after it.',
      { enum: ['Never', 'IfNeeded'] },
    ),
    variables: list(
      3,
      variable,
      'Named expressions for use in others; each may use those before it.',
      { listType: 'atomic' },
    ),
  },
);

export const mutatingAdmissionPolicy = definition(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  'Changes objects with CEL expressions; in force wherever a binding says so.',
  {
    ...objectFields,
    spec: ref(2, mutatingAdmissionPolicySpec, 'What is wanted.'),
  },
);

export const mutatingAdmissionPolicyBindingSpec = definition(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'Where and with which parameters a mutating policy is in force.',
  {
    matchResources: ref(3, matchResources, 'Narrows down what the policy applies to.'),
    paramRef: ref(2, paramRef, 'The parameters, where the policy takes any.'),
    policyName: string(1, 'Name of the policy.'),
  },
);

export const mutatingAdmissionPolicyBinding = definition(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  'Puts a mutating policy in force.',
  {
    ...objectFields,
    spec: ref(2, mutatingAdmissionPolicyBindingSpec, 'What is wanted.'),
  },
);

/** MutatingAdmissionPolicies: changes of objects as CEL expressions. */
export const mutatingAdmissionPolicies = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: mutatingAdmissionPolicy,
  defaults: (draft) => {
    fillZeroValues(mutatingAdmissionPolicy, draft);
    const spec = ((draft as Partial<MutatingAdmissionPolicy>).spec ??= {});
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints);
  },
  validate: validateMutatingPolicy,
  strategy: { tracksGeneration: true, requiresVersion: true },
  columns: [
    nameColumn,
    {
      name: 'Mutations',
      type: 'integer',
      description: 'How many changes the policy makes.',
      priority: 0,
      cell: ({ spec }) => spec.mutations?.length ?? 0,
    },
    paramKindColumn,
    ageColumn,
  ],
});

/** MutatingAdmissionPolicyBindings: where mutating policies are in force. */
export const mutatingAdmissionPolicyBindings = defineResource<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: mutatingAdmissionPolicyBinding,
  defaults: (draft) => {
    fillZeroValues(mutatingAdmissionPolicyBinding, draft);
    const spec = ((draft as Partial<MutatingAdmissionPolicyBinding>).spec ??= {});
    defaultMatch(spec.matchResources);
  },
  validate: validateMutatingBinding,
  strategy: { tracksGeneration: true, requiresVersion: true },
  columns: bindingColumns,
});
