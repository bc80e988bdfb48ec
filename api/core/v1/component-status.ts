import { definition, inline, list, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

export const componentCondition = definition(
  'io.k8s.api.core.v1.ComponentCondition',
  'Whether a part of the control plane is well.',
  {
    error: string(4, 'Error code of the check.'),
    message: string(3, 'What the check found.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which condition it is.', { required: true, enum: ['Healthy'] }),
  },
);

export const componentStatus = definition(
  'io.k8s.api.core.v1.ComponentStatus',
  'How a part of the control plane is; kept for old clients.',
  {
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    conditions: list(2, componentCondition, 'What is known of the part.', {
      patchStrategy: 'merge',
      patchMergeKey: 'type',
      listType: 'map',
      listMapKeys: ['type'],
    }),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
  },
);
