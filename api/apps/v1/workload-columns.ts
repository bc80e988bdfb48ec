/** Columns of workloads: counts of pods and, with `-o wide`, containers, images and selector. */
import type { LabelSelector } from '../../meta/v1/types.js';
import type { PodTemplateSpec } from '../../core/v1/types.js';
import type { TableColumn } from '../../schema/resource.js';
import { formatLabelSelector } from '../../selectors/label.js';

const containersOf = (
  template: PodTemplateSpec | undefined,
): readonly { name: string; image?: unknown }[] => template?.spec?.containers ?? [];

/** The names and images of a template's containers, where `templateOf` finds it in the object. */
export const templateColumns = <T>(
  templateOf: (object: T) => PodTemplateSpec | undefined,
  priority = 1,
): readonly TableColumn<T>[] => [
  {
    name: 'Containers',
    type: 'string',
    description: 'Names of the containers in the pod template.',
    priority,
    cell: (object) =>
      containersOf(templateOf(object))
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    description: 'Images of the containers in the pod template.',
    priority,
    cell: (object) =>
      containersOf(templateOf(object))
        .map(({ image }) => (typeof image === 'string' ? image : ''))
        .join(','),
  },
];

interface SelectingWorkload {
  spec: { template?: PodTemplateSpec | undefined; selector?: LabelSelector | undefined };
}

/** What `-o wide` adds for workloads with a selector of their own. */
export const wideColumns: readonly TableColumn<SelectingWorkload>[] = [
  ...templateColumns<SelectingWorkload>(({ spec }) => spec.template),
  {
    name: 'Selector',
    type: 'string',
    description: 'Label selector of the pods that belong to the object.',
    priority: 1,
    cell: ({ spec }) => formatLabelSelector(spec.selector),
  },
];

interface ReplicatedWorkload {
  readonly spec: { readonly replicas?: number | undefined };
  readonly status?:
    | { readonly replicas?: number | undefined; readonly readyReplicas?: number | undefined }
    | undefined;
}

/** How many of the pods asked for are ready. */
export const readyColumn: TableColumn<ReplicatedWorkload> = {
  name: 'Ready',
  type: 'string',
  description: 'Number of pods that are ready, of those asked for.',
  priority: 0,
  cell: ({ spec, status }) => `${String(status?.readyReplicas ?? 0)}/${String(spec.replicas ?? 0)}`,
};

const countColumn = (
  name: string,
  description: string,
  cell: (object: ReplicatedWorkload) => number,
): TableColumn<ReplicatedWorkload> => ({ name, type: 'integer', description, priority: 0, cell });

/** How many pods are asked for, exist and are ready. */
export const replicaColumns: readonly TableColumn<ReplicatedWorkload>[] = [
  countColumn('Desired', 'Number of pods asked for.', ({ spec }) => spec.replicas ?? 0),
  countColumn('Current', 'Number of pods that exist.', ({ status }) => status?.replicas ?? 0),
  countColumn(
    'Ready',
    'Number of pods that are ready.',
    ({ status }) => status?.readyReplicas ?? 0,
  ),
];
