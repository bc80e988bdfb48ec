/** PersistentVolumeClaims: the kind and its resource, `persistentvolumeclaims`. */
import { normalizeAmounts } from './amounts.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './types.js';
import {
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from './volume-claim-validation.js';
import { accessModesText, storageClassOf, storageColumn, volumePhase } from './volume-columns.js';
import { definition, list, map, ref, string, time, keyedBy } from '../../schema/schema.js';
import { persistentVolumeClaimSpec } from './pod/volume.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { volumeClaimWarnings } from './volume-warnings.js';

export const persistentVolumeClaimCondition = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimCondition',
  "One aspect of a claim's state.",
  {
    lastProbeTime: time(3, 'When the condition was last looked at.', { nullWhenUnset: true }),
    lastTransitionTime: time(4, 'When the status last changed.', { nullWhenUnset: true }),
    message: string(6, 'Text for people that says why.'),
    reason: string(5, 'One word for programs that says why.'),
    status: string(2, 'Whether it holds: True, False or Unknown.', {
      required: true,
      enum: ['True', 'False', 'Unknown'],
    }),
    type: string(1, 'Which aspect it is about.', {
      required: true,
      enum: [
        'Resizing',
        'FileSystemResizePending',
        'ControllerResizeError',
        'NodeResizeError',
        'ModifyVolumeError',
        'ModifyingVolume',
        'Unused',
      ],
    }),
  },
);

export const modifyVolumeStatus = definition(
  'io.k8s.api.core.v1.ModifyVolumeStatus',
  "How far a change of a volume's attributes has come.",
  {
    status: string(2, 'Whether it waits, runs or cannot be done.', {
      required: true,
      enum: ['Pending', 'InProgress', 'Infeasible'],
    }),
    targetVolumeAttributesClassName: string(1, 'Class of attributes that is being changed to.'),
  },
);

export const persistentVolumeClaimStatus = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaimStatus',
  "What is known of a claim's volume.",
  {
    accessModes: list(2, 'string', 'How the volume can be mounted.', {
      enum: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
      listType: 'atomic',
    }),
    allocatedResourceStatuses: map(7, 'string', 'How far growing has come, by resource.', {
      mapType: 'granular',
    }),
    allocatedResources: map(5, 'quantity', 'Size the volume is being grown to, or has been.'),
    capacity: map(3, 'quantity', 'Size of the volume.'),
    conditions: list(
      4,
      persistentVolumeClaimCondition,
      "Aspects of the claim's state.",
      keyedBy('type'),
    ),
    currentVolumeAttributesClassName: string(8, 'Class of attributes the volume has.'),
    modifyVolumeStatus: ref(
      9,
      modifyVolumeStatus,
      "How far a change of the volume's attributes has come.",
    ),
    phase: string(1, 'Whether the claim has a volume, waits for one, or lost it.', {
      enum: ['Pending', 'Bound', 'Lost'],
    }),
  },
);

export const persistentVolumeClaim = definition(
  'io.k8s.api.core.v1.PersistentVolumeClaim',
  'Asks for a piece of storage that pods can mount.',
  {
    ...objectFields,
    spec: ref(2, persistentVolumeClaimSpec, 'What is wanted.'),
    status: ref(3, persistentVolumeClaimStatus, 'What is known of the volume.'),
  },
);

/** What is filled in of a claim wherever one is written down, in templates too. */
export function defaultClaim(draft: PersistentVolumeClaim): void {
  const partial = draft as Partial<PersistentVolumeClaim>;
  const spec = (partial.spec ??= {});
  fillZeroValues(persistentVolumeClaim, draft);
  spec.volumeMode ??= 'Filesystem';
  const { limits, requests } = (spec.resources ??= {});
  normalizeAmounts(limits, requests);
  const status = (partial.status ??= {});
  status.phase ??= 'Pending';
}

/** Old clients know `dataSource` only, new ones may give `dataSourceRef` only; each is filled from the other. */
function alignSources(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined)
    spec.dataSourceRef = { ...dataSource };
  if (dataSource !== undefined || dataSourceRef === undefined) return;
  const { namespace = '', ...reference } = dataSourceRef;
  if (namespace === '') spec.dataSource = reference;
}

/** Sources in another namespace are switched off in Kubernetes 1.36; a claim that has one from elsewhere keeps it. */
function dropForeignSource(
  spec: PersistentVolumeClaimSpec,
  stored?: PersistentVolumeClaimSpec,
): void {
  const isForeign = (of: PersistentVolumeClaimSpec | undefined): boolean =>
    (of?.dataSourceRef?.namespace ?? '') !== '';
  if (isForeign(spec) && !isForeign(stored)) delete spec.dataSourceRef;
}

/** The only sources that `dataSource` can name; anything else in it is dropped. */
const isClaimOrSnapshot = (source: { kind: string; apiGroup?: string | undefined }): boolean =>
  (source.kind === 'PersistentVolumeClaim' && (source.apiGroup ?? '') === '') ||
  (source.kind === 'VolumeSnapshot' && source.apiGroup === 'snapshot.storage.k8s.io');

export const persistentVolumeClaims = defineResource<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
  shortNames: ['pvc'],
  schema: persistentVolumeClaim,
  status: true,
  defaults: defaultClaim,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  strategy: {
    warnings: volumeClaimWarnings,
    prepareForCreate: (draft) => {
      draft.status = { phase: 'Pending' };
      const { dataSource } = draft.spec;
      if (dataSource !== undefined && !isClaimOrSnapshot(dataSource)) delete draft.spec.dataSource;
      dropForeignSource(draft.spec);
      alignSources(draft.spec);
    },
    prepareForUpdate: (draft, stored) => {
      dropForeignSource(draft.spec, stored.spec);
      alignSources(draft.spec);
    },
  },
  columns: [
    nameColumn,
    storageColumn('Status', 'Whether the claim has a volume.', volumePhase),
    storageColumn('Volume', 'The volume bound to the claim.', ({ spec }) => spec.volumeName ?? ''),
    storageColumn('Capacity', 'Size of the volume.', ({ spec, status }) =>
      (spec.volumeName ?? '') === '' ? '' : (status.capacity?.storage ?? '0'),
    ),
    storageColumn('Access Modes', 'How the volume can be mounted.', ({ spec, status }) =>
      (spec.volumeName ?? '') === '' ? '' : accessModesText(status.accessModes),
    ),
    storageColumn('StorageClass', 'Class of storage.', storageClassOf),
    storageColumn(
      'VolumeAttributesClass',
      'Class of adjustable attributes.',
      ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn,
    storageColumn(
      'VolumeMode',
      'File system or block device.',
      ({ spec }) => spec.volumeMode ?? '<unset>',
      1,
    ),
  ],
});
