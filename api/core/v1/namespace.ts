import { definition, inline, list, ref, string, time } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { index, invalid } from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import type { Namespace } from './types.js';

export const namespaceSpec = definition('io.k8s.api.core.v1.NamespaceSpec', '', {
  finalizers: list(1, 'string', '', { enum: ['kubernetes'], listType: 'atomic' }),
});

export const namespaceCondition = definition('io.k8s.api.core.v1.NamespaceCondition', '', {
  lastTransitionTime: time(4, ''),
  message: string(6, ''),
  reason: string(5, ''),
  status: string(2, '', { required: true, enum: ['True', 'False', 'Unknown'] }),
  type: string(1, '', {
    required: true,
    enum: [
      'NamespaceDeletionDiscoveryFailure',
      'NamespaceDeletionContentFailure',
      'NamespaceDeletionGroupVersionParsingFailure',
      'NamespaceContentRemaining',
      'NamespaceFinalizersRemaining',
    ],
  }),
});

export const namespaceStatus = definition('io.k8s.api.core.v1.NamespaceStatus', '', {
  conditions: list(2, namespaceCondition, '', {
    patchStrategy: 'merge',
    patchMergeKey: 'type',
    listType: 'map',
    listMapKeys: ['type'],
  }),
  phase: string(1, '', { enum: ['Active', 'Terminating'] }),
});

export const namespace = definition('io.k8s.api.core.v1.Namespace', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, namespaceSpec, ''),
  status: ref(3, namespaceStatus, ''),
});

/** The label every namespace carries with its own name, so that selectors can pick namespaces by name. */
export const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** The finalizer that keeps a namespace until the namespace controller has emptied it. */
export const namespaceFinalizer = 'kubernetes';

/** Checks `spec.finalizers`: qualified names, or the one standard name without a domain. */
export const validateNamespace = (object: Namespace): FieldError[] =>
  ((object.spec as Namespace['spec'] | undefined)?.finalizers ?? []).flatMap(
    (finalizer: string, position) => {
      const details = qualifiedNameErrors(finalizer);
      if (details.length === 0 && !finalizer.includes('/') && finalizer !== namespaceFinalizer) {
        details.push('name is neither a standard finalizer name nor is it fully qualified');
      }
      const field = index('spec.finalizers', position);
      return details.map((detail) => invalid(field, finalizer, detail));
    },
  );

function prepareNamespaceForCreate(draft: Namespace): void {
  const finalizers = (draft.spec as Namespace['spec'] | undefined)?.finalizers ?? [];
  draft.spec = { finalizers: [...new Set([...finalizers, namespaceFinalizer] as const)] };
  draft.status = { phase: 'Active' };
}

/** Namespaces: the rooms that other objects live in. */
export const namespaces = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  scope: 'Cluster',
  shortNames: ['ns'],
  schema: namespace,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  status: true,
  nameFormat: 'label',
  defaults: (draft) => {
    const { name } = draft.metadata as Partial<Namespace['metadata']>;
    if (name === undefined || name === '') return;
    draft.metadata.labels = { ...draft.metadata.labels, [namespaceNameLabel]: name };
  },
  validate: validateNamespace,
  strategy: {
    prepareForCreate: prepareNamespaceForCreate,
    prepareForUpdate: (draft, stored) => {
      // Only the finalize subresource changes spec.finalizers.
      draft.spec = stored.spec;
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Active, or Terminating while its content is being removed.',
      priority: 0,
      cell: ({ status }) => status.phase ?? '',
    },
    ageColumn,
  ],
  subresources: [
    {
      name: 'finalize',
      group: '',
      version: 'v1',
      kind: 'Namespace',
      verbs: ['update'],
      schema: namespace,
    },
  ],
  selectableFields: {
    name: ({ metadata }) => metadata.name,
    'status.phase': ({ status }) => status.phase ?? '',
  },
});
