/** The columns that workloads share: name, age, and with `-o wide` containers, images and selector. */
import { ageText } from '../../age.js';
import type { KubeObject, LabelSelector } from '../../meta/v1/types.js';
import type { PodTemplateSpec } from '../../core/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';
import { formatLabelSelector } from '../../selectors/label.js';

/** A workload with a pod template. */
export interface TemplatedWorkload extends KubeObject {
  spec: { template?: PodTemplateSpec | undefined; selector?: LabelSelector | undefined };
}

export const nameColumn: TableColumn<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique in its namespace.',
  priority: 0,
  cell: ({ metadata }) => metadata.name,
};

export const ageColumn: TableColumn<KubeObject> = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  priority: 0,
  cell: ({ metadata }, now) => ageText(metadata.creationTimestamp, now),
};

const containersOf = (workload: TemplatedWorkload): readonly { name: string; image?: unknown }[] =>
  workload.spec.template?.spec?.containers ?? [];

export const wideColumns: readonly TableColumn<TemplatedWorkload>[] = [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of the containers in the pod template.',
    priority: 1,
    cell: (workload) =>
      containersOf(workload)
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images of the containers in the pod template.',
    priority: 1,
    cell: (workload) =>
      containersOf(workload)
        .map(({ image }) => (typeof image === 'string' ? image : ''))
        .join(','),
  },
  {
    name: 'Selector',
    type: 'string',
    description: 'Label selector of the pods that belong to the object.',
    priority: 1,
    cell: ({ spec }) => formatLabelSelector(spec.selector),
  },
];
