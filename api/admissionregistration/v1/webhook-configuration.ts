/** The two lists of webhooks: those that may change objects and those that only check them. */
import { ageColumn, nameColumn } from '../../meta/columns.js';
import type { KubeObject } from '../../meta/v1/types.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from './types.js';
import { defaultWebhook, validateWebhooks } from './webhook-configuration-rules.js';
import { definition, int32, list, ref, string, keyedBy } from '../../schema/schema.js';
import { matchCondition, ruleWithOperations, webhookClientConfig } from './matching.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

/** What both sorts of webhooks are told by, under the same numbers. */
const commonFields = {
  admissionReviewVersions: list(
    8,
    'string',
    'Versions of AdmissionReview it understands; the first one known here is used.',
    { required: true, listType: 'atomic' },
  ),
  clientConfig: ref(2, webhookClientConfig, 'Where it is served.', { required: true }),
  failurePolicy: string(
    4,
    'Whether a request fails or goes on (Ignore) where the webhook cannot be asked or answers nonsense.',
    { enum: ['Ignore', 'Fail'] },
  ),
  matchPolicy: string(
    9,
    'Whether rules are meant to the letter (Exact) or also cover other versions and groups of the same resource (Equivalent).',
    { enum: ['Exact', 'Equivalent'] },
  ),
  namespaceSelector: ref(
    5,
    labelSelector,
    'Labels of the namespace the object is in, or of the namespace itself; other cluster-scoped objects always match.',
  ),
  rules: list(3, ruleWithOperations, 'What it is called for; one of the rules has to match.', {
    listType: 'atomic',
  }),
  sideEffects: string(
    6,
    'Whether asking it changes anything elsewhere; one with side effects is not asked in a dry run.',
    { required: true, enum: ['Unknown', 'None', 'Some', 'NoneOnDryRun'] },
  ),
  timeoutSeconds: int32(7, 'How long to wait for its answer, from 1 to 30 seconds.'),
};

const matchConditionsField = (number: number) =>
  list(
    number,
    matchCondition,
    'CEL expressions that all have to be true; where one is false the request is none of its business.',
    keyedBy('name'),
  );

const objectSelectorField = (number: number) =>
  ref(
    number,
    labelSelector,
    'Labels of the object; either the new or the old one has to have them.',
  );

export const mutatingWebhook = definition(
  'io.k8s.api.admissionregistration.v1.MutatingWebhook',
  'A webhook that may change objects, and what it is called for.',
  {
    ...commonFields,
    matchConditions: matchConditionsField(12),
    name: string(1, 'Full name of the webhook, such as inject.example.com.', { required: true }),
    objectSelector: objectSelectorField(11),
    reinvocationPolicy: string(
      10,
      'Whether it is asked again (IfNeeded) where others changed the object after it.',
      { enum: ['Never', 'IfNeeded'] },
    ),
  },
);

export const mutatingWebhookConfiguration = definition(
  'io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration',
  'A list of webhooks that may change or refuse objects.',
  {
    ...objectFields,
    webhooks: list(2, mutatingWebhook, 'The webhooks.', keyedBy('name')),
  },
);

export const validatingWebhook = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhook',
  'A webhook that may refuse requests, and what it is called for.',
  {
    ...commonFields,
    matchConditions: matchConditionsField(11),
    name: string(1, 'Full name of the webhook, such as check.example.com.', { required: true }),
    objectSelector: objectSelectorField(10),
  },
);

export const validatingWebhookConfiguration = definition(
  'io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration',
  'A list of webhooks that may refuse requests but change nothing.',
  {
    ...objectFields,
    webhooks: list(2, validatingWebhook, 'The webhooks.', keyedBy('name')),
  },
);

const group = 'admissionregistration.k8s.io';

const webhooksColumn: TableColumn<
  { readonly webhooks?: readonly unknown[] | undefined } & KubeObject
> = {
  name: 'Webhooks',
  type: 'integer',
  description: 'How many webhooks the configuration holds.',
  priority: 0,
  cell: ({ webhooks }) => webhooks?.length ?? 0,
};

/** MutatingWebhookConfigurations: webhooks that may change or refuse objects. */
export const mutatingWebhookConfigurations = defineResource<MutatingWebhookConfiguration>({
  group,
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: mutatingWebhookConfiguration,
  defaults: (draft) => {
    fillZeroValues(mutatingWebhookConfiguration, draft);
    for (const webhook of draft.webhooks ?? []) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  strategy: { tracksGeneration: true, requiresVersion: true },
  columns: [nameColumn, webhooksColumn, ageColumn],
});

/** ValidatingWebhookConfigurations: webhooks that may refuse requests. */
export const validatingWebhookConfigurations = defineResource<ValidatingWebhookConfiguration>({
  group,
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  scope: 'Cluster',
  categories: ['api-extensions'],
  schema: validatingWebhookConfiguration,
  defaults: (draft) => {
    fillZeroValues(validatingWebhookConfiguration, draft);
    for (const webhook of draft.webhooks ?? []) defaultWebhook(webhook);
  },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  strategy: { tracksGeneration: true, requiresVersion: true },
  columns: [nameColumn, webhooksColumn, ageColumn],
});
