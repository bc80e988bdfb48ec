import { foregroundFinalizer, orphanFinalizer } from '../../meta/finalizers.js';
import { definition, list, ref, string, time, keyedBy } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { partOf } from '../../meta/part.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../validation/names.js';
import type { Namespace } from './types.js';

export const namespaceSpec = definition(
  'io.k8s.api.core.v1.NamespaceSpec',
  'What is wanted of a namespace.',
  {
    finalizers: list(
      1,
      'string',
      'Who has to agree before the namespace disappears; kubernetes waits until it is empty.',
      { enum: ['kubernetes'], listType: 'atomic' },
    ),
  },
);

export const namespaceCondition = definition(
  'io.k8s.api.core.v1.NamespaceCondition',
  'One aspect of the removal of a namespace.',
  {
    lastTransitionTime: time(4, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(6, 'What stands in the way, for people.'),
    reason: string(5, 'What stands in the way, as one word.'),
    status: string(2, 'Whether the condition holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which condition this is.', {
      required: true,
      enum: [
        'NamespaceDeletionDiscoveryFailure',
        'NamespaceDeletionContentFailure',
        'NamespaceDeletionGroupVersionParsingFailure',
        'NamespaceContentRemaining',
        'NamespaceFinalizersRemaining',
      ],
    }),
  },
);

export const namespaceStatus = definition(
  'io.k8s.api.core.v1.NamespaceStatus',
  'How far a namespace is in its life.',
  {
    conditions: list(
      2,
      namespaceCondition,
      'What holds up the removal of the namespace, if anything.',
      keyedBy('type'),
    ),
    phase: string(1, 'Active, or Terminating while its content is being removed.', {
      enum: ['Active', 'Terminating'],
    }),
  },
);

export const namespace = definition(
  'io.k8s.api.core.v1.Namespace',
  'A room that other objects live in, with names of its own.',
  {
    ...objectFields,
    spec: ref(2, namespaceSpec, 'What is wanted.'),
    status: ref(3, namespaceStatus, 'What is; written by the system.'),
  },
);

/** The label every namespace carries with its own name, so that selectors can pick namespaces by name. */
const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** The finalizer that keeps a namespace until the namespace controller has emptied it. */
export const namespaceFinalizer = 'kubernetes';

/** Finalizers that have no domain. */
const standardFinalizers = new Set([namespaceFinalizer, orphanFinalizer, foregroundFinalizer]);

/** Checks `spec.finalizers`: qualified names, or standard names without a domain. */
const validateNamespace = (object: Namespace): FieldError[] =>
  (partOf(object.spec).finalizers ?? []).flatMap((finalizer: string) => {
    const details = qualifiedNameErrors(finalizer);
    const isKnown = finalizer.includes('/') || standardFinalizers.has(finalizer);
    if (details.length === 0 && !isKnown) {
      details.push('name is neither a standard finalizer name nor is it fully qualified');
    }
    return details.map((detail) => invalid('spec.finalizers', finalizer, detail));
  });

/** A namespace is Terminating from the moment its deletion was asked for, and not before. */
function validateNamespaceStatus({ metadata, status }: Namespace): FieldError[] {
  const deleting = metadata.deletionTimestamp !== undefined;
  const due = deleting ? 'Terminating' : 'Active';
  const { phase } = partOf(status);
  if (phase === due) return [];
  const why = `may only be '${due}' if \`deletionTimestamp\` is ${deleting ? 'not empty' : 'empty'}`;
  return [invalid('status.Phase', phase ?? '', why)];
}

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
    const { phase = 'Active' } = partOf(draft.status);
    draft.status = { ...draft.status, phase };
    const { name } = draft.metadata as Partial<Namespace['metadata']>;
    // A name that is no label is reported as a bad name, not as a bad label too.
    if (name === undefined || dns1123LabelErrors(name).length > 0) return;
    draft.metadata.labels = { ...draft.metadata.labels, [namespaceNameLabel]: name };
  },
  validate: validateNamespace,
  validateStatusUpdate: validateNamespaceStatus,
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
  selectableFields: { 'status.phase': ({ status }) => status.phase ?? '' },
});
