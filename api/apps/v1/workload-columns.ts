/** What workloads show with `-o wide`: containers, images and selector. */
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
