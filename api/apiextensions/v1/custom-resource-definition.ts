/** CustomResourceDefinitions: kinds that users add to the API. The kind and its resource, `customResourceDefinitions`. */
import {
  boolean,
  bytes,
  definition,
  inline,
  int32,
  int64,
  list,
  ref,
  string,
  time,
} from '../../schema/schema.js';
import { jsonSchemaProps } from './json-schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { CustomResourceDefinition } from './types.js';
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
  validateDefinitionStatus,
  validateNewDefinition,
} from './validation.js';
import { formatWarnings } from './format-warnings.js';
import { typeFields } from '../../meta/v1/type-meta.js';

export const customResourceColumnDefinition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition',
  'A column that lists of the resource show.',
  {
    description: string(inline, 'Text for people that says what the column shows.'),
    format: string(inline, 'How a value of the type is written.'),
    jsonPath: string(inline, 'Where the value is found in an object.', { required: true }),
    name: string(inline, 'Title of the column.', { required: true }),
    priority: int32(inline, '0 is shown always, anything above in wide lists only.'),
    type: string(inline, 'Type of the values.', { required: true }),
  },
);

export const serviceReference = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference',
  'Refers to a Service.',
  {
    name: string(inline, 'Name of the Service.', { required: true }),
    namespace: string(inline, 'Namespace of the Service.', { required: true }),
    path: string(inline, 'Path of the URL that is called.'),
    port: int32(inline, 'Port of the Service; 443 when absent.'),
  },
);

export const webhookClientConfig = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig',
  'Tells how to reach a webhook.',
  {
    caBundle: bytes(
      inline,
      'Certificates, in PEM, that the certificate of the webhook is checked against.',
    ),
    service: ref(inline, serviceReference, 'The Service that serves the webhook.'),
    url: string(inline, 'URL of the webhook.'),
  },
);

export const webhookConversion = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion',
  'Tells how to call the webhook that converts.',
  {
    clientConfig: ref(inline, webhookClientConfig, 'How to reach the webhook.'),
    conversionReviewVersions: list(
      inline,
      'string',
      'Versions of ConversionReview that the webhook understands, best first.',
      { required: true, listType: 'atomic' },
    ),
  },
);

export const customResourceConversion = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion',
  'Tells how objects get from one version to another.',
  {
    strategy: string(inline, 'None changes the apiVersion alone, Webhook asks a webhook.', {
      required: true,
      enum: ['None', 'Webhook'],
    }),
    webhook: ref(inline, webhookConversion, 'How to call the webhook.'),
  },
);

export const customResourceDefinitionNames = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames',
  'The names a custom resource goes by.',
  {
    categories: list(inline, 'string', 'Groups of resources it belongs to, such as all.', {
      listType: 'atomic',
    }),
    kind: string(inline, 'Name of the kind, in CamelCase.', { required: true }),
    listKind: string(inline, 'Name of the kind of its lists.'),
    plural: string(inline, 'Name in paths.', { required: true }),
    shortNames: list(inline, 'string', 'Abbreviations for the command line.', {
      listType: 'atomic',
    }),
    singular: string(inline, 'Name of one, in lower case.'),
  },
);

export const customResourceSubresourceScale = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale',
  'Tells where the numbers of replicas are found.',
  {
    labelSelectorPath: string(
      inline,
      'Path of the label selector, in its text form, in the status.',
    ),
    specReplicasPath: string(inline, 'Path of the number wanted in the spec.', { required: true }),
    statusReplicasPath: string(inline, 'Path of the number present in the status.', {
      required: true,
    }),
  },
);

export const customResourceSubresourceStatus = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
  'Makes the status a subresource; has no settings.',
  {},
);

export const customResourceSubresources = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources',
  'The subresources a custom resource has.',
  {
    scale: ref(inline, customResourceSubresourceScale, 'Serves /scale.'),
    status: ref(
      inline,
      customResourceSubresourceStatus,
      'Serves /status and keeps it apart from the rest.',
    ),
  },
);

export const customResourceValidation = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation',
  'Tells what objects look like.',
  {
    openAPIV3Schema: ref(inline, jsonSchemaProps, 'Schema that objects must follow.'),
  },
);

export const selectableField = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField',
  'A field that field selectors may name.',
  {
    jsonPath: string(inline, 'Path of the field, which must be a text, number or boolean.', {
      required: true,
    }),
  },
);

export const customResourceDefinitionVersion = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion',
  'One version of a custom resource.',
  {
    additionalPrinterColumns: list(
      inline,
      customResourceColumnDefinition,
      'Columns that lists show beside the name.',
      { listType: 'atomic' },
    ),
    deprecated: boolean(inline, 'Whether users are warned of using the version.'),
    deprecationWarning: string(inline, 'What the warning says.'),
    name: string(inline, 'Name of the version, such as v1.', { required: true }),
    schema: ref(inline, customResourceValidation, 'What objects look like.'),
    selectableFields: list(inline, selectableField, 'Fields that field selectors may name.', {
      listType: 'atomic',
    }),
    served: boolean(inline, 'Whether the API serves the version.', { required: true }),
    storage: boolean(inline, 'Whether objects are stored in the version; true for exactly one.', {
      required: true,
    }),
    subresources: ref(inline, customResourceSubresources, 'The subresources of the version.'),
  },
);

export const customResourceDefinitionSpec = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec',
  'What is wanted of a custom resource.',
  {
    conversion: ref(
      inline,
      customResourceConversion,
      'How objects get from one version to another.',
    ),
    group: string(inline, 'API group of the resource.', { required: true }),
    names: ref(inline, customResourceDefinitionNames, 'The names it goes by.', { required: true }),
    preserveUnknownFields: boolean(inline, 'Must be false; there for older clients.'),
    scope: string(inline, 'Whether objects live in namespaces.', {
      required: true,
      enum: ['Cluster', 'Namespaced'],
    }),
    versions: list(inline, customResourceDefinitionVersion, 'All versions of the resource.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const customResourceDefinitionCondition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition',
  "One aspect of a CustomResourceDefinition's state.",
  {
    lastTransitionTime: time(inline, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(inline, 'Text for people that says why.'),
    observedGeneration: int64(inline, 'Generation the condition is about.'),
    reason: string(inline, 'One word for programs that says why.'),
    status: string(inline, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(inline, 'Which aspect it is about.', {
      required: true,
      enum: [
        'Established',
        'NamesAccepted',
        'NonStructuralSchema',
        'Terminating',
        'KubernetesAPIApprovalPolicyConformant',
        'StorageMigrating',
      ],
    }),
  },
);

export const customResourceDefinitionStatus = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus',
  'What is known of a custom resource.',
  {
    acceptedNames: ref(inline, customResourceDefinitionNames, 'The names it is served under.'),
    conditions: list(inline, customResourceDefinitionCondition, 'Aspects of its state.', {
      listType: 'map',
      listMapKeys: ['type'],
      nullWhenUnset: true,
    }),
    observedGeneration: int64(inline, 'Generation that has been taken up.'),
    storedVersions: list(inline, 'string', 'Versions that objects have ever been stored in.', {
      listType: 'atomic',
      nullWhenUnset: true,
    }),
  },
);

export const customResourceDefinition = definition(
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  'Adds a resource to the API.',
  {
    ...typeFields,
    metadata: ref(inline, objectMeta, 'Name, labels and what else every object has.'),
    spec: ref(inline, customResourceDefinitionSpec, 'What is wanted.', { required: true }),
    status: ref(inline, customResourceDefinitionStatus, 'What is known.'),
  },
);

/** Holds a definition that is deleted until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** Fills in names that follow from others, and what only older clients leave out. */
function defaultCustomResourceDefinition(draft: CustomResourceDefinition): void {
  const partial = draft as {
    spec?: Partial<CustomResourceDefinition['spec']>;
    status?: Partial<CustomResourceDefinition['status']>;
  };
  (partial.spec ??= {}).names ??= { plural: '', kind: '' };
  partial.status ??= {};
  fillZeroValues(customResourceDefinition, draft);
  const { spec } = draft;
  spec.conversion ??= { strategy: 'None' };
  const { service } = spec.conversion.webhook?.clientConfig ?? {};
  if (service !== undefined) service.port ??= 443;
  const { names } = spec;
  if ((names.singular ?? '') === '') names.singular = names.kind.toLowerCase();
  if ((names.listKind ?? '') === '' && names.kind !== '') names.listKind = `${names.kind}List`;
}

const withoutStatus = (draft: CustomResourceDefinition, versions: readonly string[]): void => {
  draft.status = { acceptedNames: { plural: '', kind: '' }, storedVersions: [...versions] };
};

const storageVersion = ({ spec }: CustomResourceDefinition): readonly string[] =>
  spec.versions.filter(({ storage }) => storage).map(({ name }) => name);

/** A version that objects were ever stored in stays named until somebody has moved them all. */
function keepStoredVersions(
  draft: CustomResourceDefinition,
  stored: CustomResourceDefinition,
): void {
  const before = stored.status.storedVersions ?? [];
  const added = storageVersion(draft).filter((name) => !before.includes(name));
  if (added.length === 0) return;
  draft.status = { ...draft.status, storedVersions: [...before, ...added] };
}

/** CustomResourceDefinitions as a resource of the API. */
export const customResourceDefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  schema: customResourceDefinition,
  status: true,
  anyFinalizers: true,
  defaults: defaultCustomResourceDefinition,
  validate: validateCustomResourceDefinition,
  validateCreate: validateNewDefinition,
  validateUpdate: validateCustomResourceDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatus,
  strategy: {
    statusKeeps: 'metadata',
    requiresVersion: true,
    tracksGeneration: true,
    prepareForCreate: (draft) => {
      withoutStatus(draft, storageVersion(draft));
    },
    prepareForUpdate: keepStoredVersions,
    warnings: formatWarnings,
  },
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'The name of the object.',
      priority: 0,
      cell: ({ metadata }) => metadata.name,
    },
    {
      name: 'Created At',
      type: 'date',
      description: 'When the object was created.',
      priority: 0,
      cell: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
});
