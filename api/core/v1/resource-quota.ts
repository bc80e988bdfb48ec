import { definition, inline, list, map, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';

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
    apiVersion: string(inline, 'Group and version of the schema that the object is written in.'),
    kind: string(inline, 'Name of the kind of object.'),
    metadata: ref(1, objectMeta, 'Name, namespace, labels and the other facts every object has.'),
    spec: ref(2, resourceQuotaSpec, 'What is wanted.'),
    status: ref(3, resourceQuotaStatus, 'What is in force and used.'),
  },
);
