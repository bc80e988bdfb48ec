/** ResourceQuotas: the kind and its resource, `resourcequotas`. */
import { normalizeAmounts } from './amounts.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import {
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from './resource-quota-validation.js';
import type { ResourceQuota } from './types.js';
import { definition, list, map, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const scopedResourceSelectorRequirement = definition(
  'io.k8s.api.core.v1.ScopedResourceSelectorRequirement',
  'A condition on a property of the objects that a quota counts.',
  {
    operator: string(2, 'How the property relates to the values.', {
      required: true,
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
    }),
    scopeName: string(1, 'The property.', {
      required: true,
      enum: [
        'Terminating',
        'NotTerminating',
        'BestEffort',
        'NotBestEffort',
        'PriorityClass',
        'CrossNamespacePodAffinity',
        'VolumeAttributesClass',
      ],
    }),
    values: list(3, 'string', 'The values for In and NotIn; empty for the others.', {
      listType: 'atomic',
    }),
  },
);

export const scopeSelector = definition(
  'io.k8s.api.core.v1.ScopeSelector',
  'Which objects a quota counts, by their properties; all conditions have to hold.',
  {
    matchExpressions: list(1, scopedResourceSelectorRequirement, 'The conditions.', {
      listType: 'atomic',
    }),
  },
);

export const resourceQuotaSpec = definition(
  'io.k8s.api.core.v1.ResourceQuotaSpec',
  'What is wanted of a ResourceQuota.',
  {
    hard: map(1, 'quantity', 'Most of each resource, by name.'),
    scopeSelector: ref(3, scopeSelector, 'Which objects are counted, with operators.'),
    scopes: list(2, 'string', 'Properties that objects need to be counted.', {
      enum: [
        'Terminating',
        'NotTerminating',
        'BestEffort',
        'NotBestEffort',
        'PriorityClass',
        'CrossNamespacePodAffinity',
        'VolumeAttributesClass',
      ],
      listType: 'atomic',
    }),
  },
);

export const resourceQuotaStatus = definition(
  'io.k8s.api.core.v1.ResourceQuotaStatus',
  'What of a quota is in force and used.',
  {
    hard: map(1, 'quantity', 'Most of each resource, as the controller has taken it up.'),
    used: map(2, 'quantity', 'Amount of each resource in use.'),
  },
);

export const resourceQuota = definition(
  'io.k8s.api.core.v1.ResourceQuota',
  'Bounds what all objects of a namespace together may use.',
  {
    ...objectFields,
    spec: ref(2, resourceQuotaSpec, 'What is wanted.'),
    status: ref(3, resourceQuotaStatus, 'What is in force and used.'),
  },
);

/** Used and allowed amounts of the resources that are limits, or of the others. */
function amountsText({ status }: ResourceQuota, isLimit: boolean): string {
  return Object.entries(status.hard ?? {})
    .filter(([name]) => name.startsWith('limits.') === isLimit)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status.used?.[name] ?? '0'}/${hard}`)
    .join(', ');
}

export const resourceQuotas = defineResource<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  shortNames: ['quota'],
  schema: resourceQuota,
  status: true,
  defaults: (draft) => {
    const partial = draft as Partial<ResourceQuota>;
    partial.spec ??= {};
    partial.status ??= {};
    fillZeroValues(resourceQuota, draft);
    normalizeAmounts(draft.spec.hard, draft.status.hard, draft.status.used);
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatus,
  strategy: {
    prepareForCreate: (draft) => {
      draft.status = {};
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Request',
      type: 'string',
      description: 'Used and allowed amounts of requests and objects.',
      priority: 0,
      cell: (object) => amountsText(object, false),
    },
    {
      name: 'Limit',
      type: 'string',
      description: 'Used and allowed amounts of limits.',
      priority: 0,
      cell: (object) => amountsText(object, true),
    },
    ageColumn,
  ],
});
