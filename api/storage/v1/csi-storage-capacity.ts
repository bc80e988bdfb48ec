import { nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { validateLabelSelector } from '../../validation/label-selector.js';
import { dns1123SubdomainErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { invalidBecause } from '../../validation/field-error.js';
import { nonNegativeQuantity } from './storage-checks.js';
import type { CSIStorageCapacity } from './types.js';
import { definition, quantity, ref, string } from '../../schema/schema.js';
import { labelSelector } from '../../meta/v1/label-selector.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const csiStorageCapacity = definition(
  'io.k8s.api.storage.v1.CSIStorageCapacity',
  'How much storage a class has left in a part of the cluster.',
  {
    ...objectFields,
    capacity: quantity(4, 'What is left, in bytes.'),
    maximumVolumeSize: quantity(5, 'The largest volume that can be made.'),
    nodeTopology: ref(2, labelSelector, 'The nodes that can reach the storage; none when absent.'),
    storageClassName: string(3, 'The class of the storage; never changes.', { required: true }),
  },
);

/** CSIStorageCapacities: what each class of storage has left where. */
export const csiStorageCapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  schema: csiStorageCapacity,
  defaults: (draft) => {
    fillZeroValues(csiStorageCapacity, draft);
  },
  strategy: { requiresVersion: true },
  validate: ({ nodeTopology, storageClassName, capacity }) => [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalidBecause(
      'storageClassName',
      storageClassName,
      dns1123SubdomainErrors(storageClassName),
    ),
    ...nonNegativeQuantity(capacity, 'capacity'),
  ],
  validateUpdate: (object, stored) => [
    ...immutable('nodeTopology', object.nodeTopology, stored.nodeTopology),
    ...immutable('storageClassName', object.storageClassName, stored.storageClassName),
  ],
  columns: [
    nameColumn,
    {
      name: 'StorageClassName',
      type: 'string',
      description: 'The class of the storage.',
      priority: 0,
      cell: ({ storageClassName }) => storageClassName,
    },
    {
      name: 'Capacity',
      type: 'string',
      description: 'What is left.',
      priority: 0,
      cell: ({ capacity }) => capacity ?? '<unset>',
    },
  ],
});
