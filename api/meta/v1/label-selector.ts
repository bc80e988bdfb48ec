import { definition, list, map, string } from '../../schema/schema.js';

export const fieldSelectorRequirement = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  '',
  {
    key: string(1, '', { required: true }),
    operator: string(2, '', { required: true, enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }),
    values: list(3, 'string', '', { listType: 'atomic' }),
  },
);

export const labelSelectorRequirement = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  '',
  {
    key: string(1, '', { required: true }),
    operator: string(2, '', { required: true, enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] }),
    values: list(3, 'string', '', { listType: 'atomic' }),
  },
);

export const labelSelector = definition('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector', '', {
  matchExpressions: list(2, labelSelectorRequirement, '', { listType: 'atomic' }),
  matchLabels: map(1, 'string', ''),
});
