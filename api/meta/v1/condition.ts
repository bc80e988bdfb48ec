import { definition, int64, string, time } from '../../schema/schema.js';

export const condition = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Condition',
  'One aspect of the state of an object, at its last change.',
  {
    lastTransitionTime: time(4, 'When the status last changed from one value to another.', {
      required: true,
      nullWhenUnset: true,
    }),
    message: string(6, 'What the change was about, for people; may be empty.', { required: true }),
    observedGeneration: int64(3, 'The generation of the object that the condition was set for.'),
    reason: string(5, 'Why the status last changed, as one CamelCase word for programs.', {
      required: true,
    }),
    status: string(2, 'Whether the condition holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which condition this is, in CamelCase or as domain/CamelCase.', {
      required: true,
    }),
  },
);
