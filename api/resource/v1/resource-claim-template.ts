import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateAnnotations, validateLabels } from '../../validation/labels.js';
import { immutable } from '../../validation/object-meta.js';
import { defaultClaimSpec } from './claim-defaults.js';
import { validateDeviceClaim } from './claim-validation.js';
import type { ResourceClaimTemplate } from './types.js';
import { definition, ref } from '../../schema/schema.js';
import { resourceClaimSpec } from './resource-claim.js';
import { objectFields, objectMeta } from '../../meta/v1/object-meta.js';

export const resourceClaimTemplateSpec = definition(
  'io.k8s.api.resource.v1.ResourceClaimTemplateSpec',
  'The claim to be made; never changes.',
  {
    metadata: ref(1, objectMeta, 'Labels and annotations the claim gets.'),
    spec: ref(2, resourceClaimSpec, 'The wish of the claim.', { required: true }),
  },
);

export const resourceClaimTemplate = definition(
  'io.k8s.api.resource.v1.ResourceClaimTemplate',
  'What the claims that are made for pods look like.',
  {
    ...objectFields,
    spec: ref(2, resourceClaimTemplateSpec, 'What is wanted.', { required: true }),
  },
);

/** ResourceClaimTemplates: what the claims made for pods look like. */
export const resourceClaimTemplates = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  schema: resourceClaimTemplate,
  defaults: (draft) => {
    const partial = draft as { spec?: Partial<ResourceClaimTemplate['spec']> };
    const spec = (partial.spec ??= {});
    defaultClaimSpec((spec.spec ??= {}));
    fillZeroValues(resourceClaimTemplate, draft);
  },
  validate: () => [],
  validateCreate: ({ spec: { metadata, spec } }) => [
    ...validateLabels(metadata?.labels, 'spec.metadata.labels'),
    ...validateAnnotations(metadata?.annotations, 'spec.metadata.annotations'),
    ...validateDeviceClaim(spec.devices ?? {}, 'spec.spec.devices'),
  ],
  // What is stored never changes, so it is not checked again.
  validateUpdate: (object, stored) => immutable('spec', object.spec, stored.spec),
});
