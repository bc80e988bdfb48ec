import { definition, list, string } from '../../schema/schema.js';

export const topologySelectorLabelRequirement = definition(
  'io.k8s.api.core.v1.TopologySelectorLabelRequirement',
  'A label that a place has to have.',
  {
    key: string(1, 'Key of the label.', { required: true }),
    values: list(2, 'string', 'Values of which it has to have one.', {
      required: true,
      listType: 'atomic',
    }),
  },
);

export const topologySelectorTerm = definition(
  'io.k8s.api.core.v1.TopologySelectorTerm',
  'Labels that a place has to have, all of them.',
  {
    matchLabelExpressions: list(1, topologySelectorLabelRequirement, 'The labels.', {
      listType: 'atomic',
    }),
  },
  { mapType: 'atomic' },
);
