import { ageColumn, nameColumn } from '../../meta/columns.js';
import { jsonEqual } from '../../patch/json-value.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  invalidBecause,
  index,
  invalid,
  required,
} from '../../validation/field-error.js';
import { byteLength, qualifiedNameErrors } from '../../validation/names.js';
import { maxNodeIdBytes } from './limits.js';
import { validateDriverName } from '../../validation/driver-name.js';
import type { CSINode, CSINodeDriver } from './types.js';
import { definition, int32, list, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const volumeNodeResources = definition(
  'io.k8s.api.storage.v1.VolumeNodeResources',
  'Limits of a node for volumes.',
  {
    count: int32(1, 'How many volumes of the driver can be in use at once; unlimited when absent.'),
  },
);

export const csiNodeDriver = definition(
  'io.k8s.api.storage.v1.CSINodeDriver',
  'What a volume driver knows of a node.',
  {
    allocatable: ref(4, volumeNodeResources, 'How many volumes of the driver the node can have.'),
    name: string(1, 'The name of the driver.', { required: true }),
    nodeID: string(2, 'How the driver calls the node.', { required: true }),
    topologyKeys: list(
      3,
      'string',
      'The labels of the node that say where volumes can be reached.',
      { listType: 'atomic' },
    ),
  },
);

export const csiNodeSpec = definition(
  'io.k8s.api.storage.v1.CSINodeSpec',
  'The volume drivers of a node.',
  {
    drivers: list(1, csiNodeDriver, 'Each driver with its facts about the node.', {
      required: true,
      patchStrategy: 'merge',
      patchMergeKey: 'name',
      listType: 'map',
      listMapKeys: ['name'],
      nullWhenUnset: true,
    }),
  },
);

export const csiNode = definition(
  'io.k8s.api.storage.v1.CSINode',
  'The volume drivers that run on a node; named like the node.',
  {
    ...objectFields,
    spec: ref(2, csiNodeSpec, 'What is wanted.', { required: true }),
  },
);

function validateDriver(driver: CSINodeDriver, field: string): FieldError[] {
  const { name, nodeID, topologyKeys = [], allocatable } = driver;
  const idPath = child(field, 'nodeID');
  const errors = validateDriverName(name, child(field, 'name'));
  if (nodeID === '') errors.push(required(idPath));
  else if (byteLength(nodeID) > maxNodeIdBytes) {
    const detail = `must be ${String(maxNodeIdBytes)} characters or less`;
    errors.push(invalid(idPath, nodeID, detail));
  }
  const count = allocatable?.count ?? 0;
  if (count < 0) {
    const path = child(field, 'allocatable', 'count');
    errors.push(invalid(path, count, 'must be greater than or equal to 0'));
  }
  // Kubernetes reports keys at the driver.
  topologyKeys.forEach((key, at) => {
    if (key === '') errors.push(required(field));
    if (topologyKeys.indexOf(key) < at) errors.push(duplicate(field, key));
    errors.push(...invalidBecause(field, key, qualifiedNameErrors(key)));
  });
  return errors;
}

function validateCSINode({ spec }: CSINode): FieldError[] {
  const seen = new Set<string>();
  return spec.drivers.flatMap((driver, at) => {
    const path = index('spec.drivers', at);
    const errors = validateDriver(driver, path);
    if (seen.has(driver.name)) errors.push(duplicate(child(path, 'name'), driver.name));
    seen.add(driver.name);
    return errors;
  });
}

/** A driver keeps its facts while it is listed; only what the node can have may change. */
function validateDriversUpdate(object: CSINode, stored: CSINode): FieldError[] {
  const facts = ({ name, nodeID, topologyKeys }: CSINodeDriver): unknown => ({
    name,
    nodeID,
    topologyKeys: topologyKeys ?? [],
  });
  return object.spec.drivers.flatMap((driver) => {
    const before = stored.spec.drivers.find(({ name }) => name === driver.name);
    return before === undefined || jsonEqual(facts(driver), facts(before))
      ? []
      : [invalid('spec.drivers', driver, 'field is immutable')];
  });
}

/** CSINodes: the volume drivers that run on each node. */
export const csiNodes = defineResource<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  schema: csiNode,
  defaults: (draft) => {
    (draft as { spec?: Partial<CSINode['spec']> }).spec ??= {};
    fillZeroValues(csiNode, draft);
  },
  strategy: { requiresVersion: true },
  validate: validateCSINode,
  validateUpdate: validateDriversUpdate,
  columns: [
    nameColumn,
    {
      name: 'Drivers',
      type: 'integer',
      description: 'How many drivers run on the node.',
      priority: 0,
      cell: ({ spec }) => spec.drivers.length,
    },
    ageColumn,
  ],
});
