import { persistentVolumeSpec } from '../../core/v1/persistent-volume.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { jsonEqual } from '../../patch/json-value.js';
import { defineResource } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  invalidBecause,
  forbidden,
  invalid,
  required,
  tooLong,
} from '../../validation/field-error.js';
import { byteLength, dns1123SubdomainErrors } from '../../validation/names.js';
import { maxAttachmentBytes, maxErrorMessageBytes } from './limits.js';
import { validateDriverName } from '../../validation/driver-name.js';
import type { PersistentVolumeSpec } from '../../core/v1/types.js';
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from './types.js';
import { boolean, definition, int32, map, ref, string, time } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const volumeAttachmentSource = definition(
  'io.k8s.api.storage.v1.VolumeAttachmentSource',
  'A volume, by name or in full.',
  {
    inlineVolumeSpec: ref(
      2,
      persistentVolumeSpec,
      'The volume in full, for volumes that stand in a pod.',
    ),
    persistentVolumeName: string(1, 'The name of the PersistentVolume.'),
  },
);

export const volumeAttachmentSpec = definition(
  'io.k8s.api.storage.v1.VolumeAttachmentSpec',
  'Which volume goes where, by whom.',
  {
    attacher: string(1, 'The driver that attaches the volume.', { required: true }),
    nodeName: string(3, 'The node to attach to.', { required: true }),
    source: ref(2, volumeAttachmentSource, 'The volume.', { required: true }),
  },
);

export const volumeError = definition(
  'io.k8s.api.storage.v1.VolumeError',
  'A failure of a driver.',
  {
    errorCode: int32(3, 'The gRPC code of the failure.'),
    message: string(2, 'What went wrong; must hold no secrets.'),
    time: time(1, 'When it happened.', { nullWhenUnset: true }),
  },
);

export const volumeAttachmentStatus = definition(
  'io.k8s.api.storage.v1.VolumeAttachmentStatus',
  'What came of an attachment.',
  {
    attachError: ref(3, volumeError, 'The last failure to attach.'),
    attached: boolean(1, 'Whether the volume is attached.', { required: true }),
    attachmentMetadata: map(
      2,
      'string',
      'What the driver wants to be told when the volume is mounted.',
    ),
    detachError: ref(4, volumeError, 'The last failure to detach.'),
  },
);

export const volumeAttachment = definition(
  'io.k8s.api.storage.v1.VolumeAttachment',
  'The wish that a volume be attached to a node, and what came of it.',
  {
    ...objectFields,
    spec: ref(2, volumeAttachmentSpec, 'What is wanted.', { required: true }),
    status: ref(3, volumeAttachmentStatus, 'What is the case; written by controllers.'),
  },
);

const notInline = [
  'capacity',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
] as const;

/** A volume that stands in a pod has nothing to do with claims and classes, and a driver. */
function validateInlineSpec(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const unwanted = notInline.filter((name) => {
    const value: unknown = spec[name] ?? '';
    return typeof value === 'object' ? Object.keys(value ?? {}).length > 0 : value !== '';
  });
  return [
    ...unwanted.map((name) =>
      forbidden(child(field, name), 'may not be specified in the context of inline volumes'),
    ),
    ...((spec.accessModes ?? []).length === 0 ? [required(child(field, 'accessModes'))] : []),
    ...(spec.csi === undefined
      ? [required(child(field, 'csi'), 'has to be specified in the context of inline volumes')]
      : []),
  ];
}

function validateSource(source: VolumeAttachmentSource): FieldError[] {
  const field = 'spec.source';
  const { persistentVolumeName: name, inlineVolumeSpec } = source;
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined) {
    return inlineVolumeSpec === undefined
      ? [required(field, detail)]
      : validateInlineSpec(inlineVolumeSpec, child(field, 'inlineVolumeSpec'));
  }
  if (inlineVolumeSpec !== undefined) return [forbidden(field, detail)];
  const path = child(field, 'persistentVolumeName');
  return name === ''
    ? [required(path, 'must specify non empty persistentVolumeName')]
    : invalidBecause(path, name, dns1123SubdomainErrors(name));
}

function validateError(error: VolumeError | undefined, field: string): FieldError[] {
  const { message = '', errorCode = 0 } = error ?? {};
  const code = child(field, 'errorCode');
  return [
    // Kubernetes names another limit than it holds messages to.
    ...(byteLength(message) > maxErrorMessageBytes
      ? [tooLong(child(field, 'message'), maxAttachmentBytes)]
      : []),
    ...(errorCode < 0
      ? [invalid(code, errorCode, 'must be between 0 and 2147483647, inclusive')]
      : []),
  ];
}

function validateMetadata(metadata: Readonly<Record<string, string>>): FieldError[] {
  const entries = Object.entries(metadata);
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return bytes > maxAttachmentBytes
    ? [tooLong('status.attachmentMetadata', maxAttachmentBytes)]
    : [];
}

function validateVolumeAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  return [
    ...validateDriverName(spec.attacher, 'spec.attacher'),
    ...validateSource(spec.source),
    ...invalidBecause('spec.nodeName', spec.nodeName, dns1123SubdomainErrors(spec.nodeName)),
    ...validateMetadata(status.attachmentMetadata ?? {}),
    ...validateError(status.attachError, 'status.attachError'),
    ...validateError(status.detachError, 'status.detachError'),
  ];
}

/** VolumeAttachments: which volumes are attached to which nodes. */
export const volumeAttachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  schema: volumeAttachment,
  status: true,
  defaults: (draft) => {
    const partial = draft as {
      spec?: Partial<VolumeAttachment['spec']>;
      status?: Partial<VolumeAttachment['status']>;
    };
    (partial.spec ??= {}).source ??= {};
    partial.status ??= {};
    fillZeroValues(volumeAttachment, draft);
  },
  validate: validateVolumeAttachment,
  validateUpdate: (object, stored) =>
    jsonEqual(object.spec, stored.spec) ? [] : [invalid('spec', object.spec, 'field is immutable')],
  validateStatusUpdate: validateVolumeAttachment,
  strategy: {
    statusKeeps: 'metadata',
    requiresVersion: true,
    prepareForCreate: (draft) => {
      draft.status = { attached: false };
    },
  },
  columns: [
    nameColumn,
    {
      name: 'Attacher',
      type: 'string',
      format: 'name',
      description: 'The driver that attaches the volume.',
      priority: 0,
      cell: ({ spec }) => spec.attacher,
    },
    {
      name: 'PV',
      type: 'string',
      description: 'The PersistentVolume.',
      priority: 0,
      cell: ({ spec }) => spec.source.persistentVolumeName ?? '',
    },
    {
      name: 'Node',
      type: 'string',
      description: 'The node the volume is attached to.',
      priority: 0,
      cell: ({ spec }) => spec.nodeName,
    },
    {
      name: 'Attached',
      type: 'boolean',
      description: 'Whether the volume is attached.',
      priority: 0,
      cell: ({ status }) => status.attached,
    },
    ageColumn,
  ],
});
