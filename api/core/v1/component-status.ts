/** ComponentStatuses: the kind and its resource, `componentstatuses`, which the server answers and nobody writes. */
import { nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import type { ComponentCondition, ComponentStatus } from './types.js';
import { definition, list, string, keyedBy } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

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
    ...objectFields,
    conditions: list(2, componentCondition, 'What is known of the part.', keyedBy('type')),
  },
);

/** There is no other condition than that of being well. */
const healthOf = ({ conditions }: ComponentStatus): ComponentCondition | undefined =>
  conditions?.at(0);

const healthColumn = (
  name: string,
  description: string,
  cell: (health: ComponentCondition | undefined) => string,
): TableColumn<ComponentStatus> => ({
  name,
  type: 'string',
  description,
  priority: 0,
  cell: (object) => cell(healthOf(object)),
});

export const componentStatuses = defineResource<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  plural: 'componentstatuses',
  scope: 'Cluster',
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  schema: componentStatus,
  validate: () => [],
  columns: [
    nameColumn,
    healthColumn('Status', 'Whether the part is well.', (health) =>
      health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy',
    ),
    healthColumn('Message', 'What the check found.', (health) => health?.message ?? ''),
    healthColumn('Error', 'Error code of the check.', (health) => health?.error ?? ''),
  ],
});
