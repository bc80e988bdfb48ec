import { definition, list, map, string } from '../../schema/schema.js';

export const fieldSelectorRequirement = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement',
  'A condition on the value of a field.',
  {
    key: string(1, 'The field, by the name field selectors give it.', { required: true }),
    operator: string(2, 'How the field relates to the values: In, NotIn, Exists or DoesNotExist.', {
      required: true,
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
    }),
    values: list(3, 'string', 'The values for In and NotIn; empty for the others.', {
      listType: 'atomic',
    }),
  },
);

export const labelSelectorRequirement = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement',
  'A condition on the value of a label.',
  {
    key: string(1, 'The key of the label.', { required: true }),
    operator: string(2, 'How the label relates to the values: In, NotIn, Exists or DoesNotExist.', {
      required: true,
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
    }),
    values: list(3, 'string', 'The values for In and NotIn; empty for the others.', {
      listType: 'atomic',
    }),
  },
);

export const labelSelector = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector',
  'Picks objects by their labels; all conditions have to hold, and none at all picks everything.',
  {
    matchExpressions: list(2, labelSelectorRequirement, 'Conditions with an operator.', {
      listType: 'atomic',
    }),
    matchLabels: map(1, 'string', 'Labels the object must have with exactly these values.'),
  },
  { mapType: 'atomic' },
);
