import { ageColumn, plainNameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { definition, int32, ref, string } from '../../schema/schema.js';
import type { Scale } from './types.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const scaleSpec = definition(
  'io.k8s.api.autoscaling.v1.ScaleSpec',
  'The number of replicas wanted.',
  {
    replicas: int32(1, 'Number of replicas wanted.', { default: 0 }),
  },
);

export const scaleStatus = definition(
  'io.k8s.api.autoscaling.v1.ScaleStatus',
  'The number of replicas there are.',
  {
    replicas: int32(1, 'Number of replicas there are.', { required: true }),
    selector: string(2, 'Label selector of the replicas, as text.'),
  },
);

export const scale = definition(
  'io.k8s.api.autoscaling.v1.Scale',
  'The number of replicas of another object.',
  {
    ...objectFields,
    spec: ref(2, scaleSpec, 'What is wanted.'),
    status: ref(3, scaleStatus, 'What there is.'),
  },
);

const count = (
  name: string,
  description: string,
  cell: TableColumn<Scale>['cell'],
): TableColumn<Scale> => ({ name, type: 'integer', description, priority: 0, cell });

/** What `/scale` of any resource answers with. It has no path of its own. */
export const scales = defineResource<Scale>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  plural: 'scales',
  scope: 'Namespaced',
  schema: scale,
  validate: () => [],
  columns: [
    plainNameColumn,
    count('Desired', 'Replicas that are wanted.', ({ spec }) => spec.replicas ?? 0),
    count('Available', 'Replicas that there are.', ({ status }) => status.replicas),
    ageColumn,
  ],
});
