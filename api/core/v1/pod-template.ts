/** PodTemplates: the kind and its resource, `podtemplates`. */
import { templateColumns } from '../../apps/v1/workload-columns.js';
import { labelsText, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { defaultPodTemplate } from './pod/defaults.js';
import { dropDisabledTemplateFields } from './pod/disabled-fields.js';
import { validatePodTemplate } from './pod/validate-spec.js';
import { templateWarnings } from './pod/warnings.js';
import type { PodTemplate } from './types.js';
import { definition, ref } from '../../schema/schema.js';
import { podTemplateSpec } from './pod/spec.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const podTemplate = definition(
  'io.k8s.api.core.v1.PodTemplate',
  'A pod to make copies of, stored for others to use.',
  {
    ...objectFields,
    template: ref(2, podTemplateSpec, 'The pod to make copies of.'),
  },
);

export const podTemplates = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  schema: podTemplate,
  defaults: (draft) => {
    defaultPodTemplate((draft.template ??= {}));
  },
  validate: ({ template }, stored) => validatePodTemplate(template, 'template', stored?.template),
  strategy: {
    tracksGeneration: true,
    prepareForCreate: ({ template }) => {
      dropDisabledTemplateFields(template);
    },
    prepareForUpdate: ({ template }, stored) => {
      dropDisabledTemplateFields(template, stored.template);
    },
    warnings: ({ template }, stored) => templateWarnings(template, stored?.template, 'template'),
  },
  columns: [
    nameColumn,
    ...templateColumns<PodTemplate>(({ template }) => template, 0),
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'Labels of the pods made from the template.',
      priority: 0,
      cell: ({ template }) => labelsText(template?.metadata?.labels),
    },
  ],
});
