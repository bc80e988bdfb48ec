import { ageColumn, nameColumn } from '../../meta/columns.js';
import { jsonEqual } from '../../patch/json-value.js';
import { defineResource } from '../../schema/resource.js';
import type { TableColumn } from '../../schema/resource.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import {
  child,
  duplicate,
  index,
  invalid,
  notSupported,
  required,
} from '../../validation/field-error.js';
import { immutable } from '../../validation/object-meta.js';
import { shortestUpdatePeriodSeconds, tokenSeconds } from './limits.js';
import { validateDriverName } from '../../validation/driver-name.js';
import type { CSIDriver, CSIDriverSpec, TokenRequest } from './types.js';
import { boolean, definition, int64, list, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';

export const tokenRequest = definition(
  'io.k8s.api.storage.v1.TokenRequest',
  'A token that a volume driver asks for.',
  {
    audience: string(1, 'Whom the token is for.', { required: true }),
    expirationSeconds: int64(2, 'How long the token is valid.'),
  },
);

export const csiDriverSpec = definition(
  'io.k8s.api.storage.v1.CSIDriverSpec',
  'The abilities of a volume driver.',
  {
    attachRequired: boolean(
      1,
      'Whether volumes have to be attached to a node before they are mounted; never changes.',
    ),
    fsGroupPolicy: string(
      5,
      'Whether the group of the files is set on mounting: ReadWriteOnceWithFSType, File or None.',
      { enum: ['ReadWriteOnceWithFSType', 'File', 'None'] },
    ),
    nodeAllocatableUpdatePeriodSeconds: int64(
      9,
      'How often nodes ask the driver how many volumes they can have; at least 10.',
    ),
    podInfoOnMount: boolean(2, 'Whether the driver is told about the pod on mounting.'),
    preventPodSchedulingIfMissing: boolean(
      11,
      'Whether pods that use the driver stay off nodes where it does not run.',
    ),
    requiresRepublish: boolean(
      7,
      'Whether the driver is called again and again to refresh what is mounted.',
    ),
    seLinuxMount: boolean(8, 'Whether the driver can mount with a SELinux context.'),
    serviceAccountTokenInSecrets: boolean(
      10,
      'Whether tokens are handed over among the secrets rather than in the context of the volume.',
    ),
    storageCapacity: boolean(4, 'Whether the scheduler minds the capacity the driver reports.'),
    tokenRequests: list(
      6,
      tokenRequest,
      "The tokens of the pod's service account that the driver wants on mounting.",
      { listType: 'atomic' },
    ),
    volumeLifecycleModes: list(
      3,
      'string',
      'Whether volumes are Persistent, Ephemeral or both; never changes.',
      { enum: ['Persistent', 'Ephemeral'], listType: 'set' },
    ),
  },
);

export const csiDriver = definition(
  'io.k8s.api.storage.v1.CSIDriver',
  'What a volume driver can do and wants to know.',
  {
    ...objectFields,
    spec: ref(2, csiDriverSpec, 'What is wanted.', { required: true }),
  },
);

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'] as const;
// Not sorted: Kubernetes prints these in the order it was written with.
const lifecycleModes = ['Persistent', 'Ephemeral'] as const;
const needed = ['attachRequired', 'podInfoOnMount', 'storageCapacity', 'seLinuxMount'] as const;

function defaultCSIDriver(draft: CSIDriver): void {
  const spec: CSIDriverSpec = ((draft as Partial<CSIDriver>).spec ??= {});
  fillZeroValues(csiDriver, draft);
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

function validateTokenRequests(requests: readonly TokenRequest[]): FieldError[] {
  const seen = new Set<string>();
  return requests.flatMap(({ audience, expirationSeconds }, at) => {
    const path = index('spec.tokenRequests', at);
    const errors: FieldError[] = [];
    if (seen.has(audience)) return [duplicate(child(path, 'audience'), audience)];
    seen.add(audience);
    if (expirationSeconds === undefined) return errors;
    const field = child(path, 'expirationSeconds');
    if (expirationSeconds < tokenSeconds.shortest) {
      const detail = 'may not specify a duration less than 10 minutes';
      errors.push(invalid(field, expirationSeconds, detail));
    }
    if (expirationSeconds > tokenSeconds.longest) {
      const detail = 'may not specify a duration larger than 2^32 seconds';
      errors.push(invalid(field, expirationSeconds, detail));
    }
    return errors;
  });
}

function validateCSIDriver({ metadata, spec }: CSIDriver): FieldError[] {
  const errors = [
    ...validateDriverName(metadata.name, 'metadata.name'),
    ...needed.flatMap((name) => (spec[name] === undefined ? [required(child('spec', name))] : [])),
  ];
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec;
  if (fsGroupPolicy === undefined) errors.push(required('spec.fsGroupPolicy'));
  else if (!groupPolicies.some((known) => known === fsGroupPolicy)) {
    errors.push(notSupported('spec.fsGroupPolicy', fsGroupPolicy, groupPolicies));
  }
  errors.push(...validateTokenRequests(tokenRequests));
  for (const mode of volumeLifecycleModes) {
    if (!lifecycleModes.some((known) => known === mode)) {
      errors.push(notSupported('spec.volumeLifecycleModes', mode, lifecycleModes));
    }
  }
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < shortestUpdatePeriodSeconds) {
    const field = 'spec.nodeAllocatableUpdatePeriodSeconds';
    errors.push(invalid(field, period, 'must be greater than or equal to 10 seconds'));
  }
  if (spec.serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) {
    errors.push(
      invalid(
        'spec.serviceAccountTokenInSecrets',
        spec.serviceAccountTokenInSecrets,
        'must not be set without tokenRequests',
      ),
    );
  }
  return errors;
}

const yesNo = (
  name: string,
  description: string,
  cell: (spec: CSIDriverSpec) => boolean | undefined,
): TableColumn<CSIDriver> => ({
  name,
  type: 'boolean',
  description,
  priority: 0,
  cell: ({ spec }) => cell(spec) ?? false,
});

/** CSIDrivers: the volume drivers of the cluster and what they can do. */
export const csiDrivers = defineResource<CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  schema: csiDriver,
  defaults: defaultCSIDriver,
  validate: validateCSIDriver,
  validateUpdate: ({ spec }, { spec: stored }) => [
    // The path is spelt so by Kubernetes.
    ...immutable('spec.attachedRequired', spec.attachRequired, stored.attachRequired),
    ...immutable(
      'spec.volumeLifecycleModes',
      spec.volumeLifecycleModes,
      stored.volumeLifecycleModes,
    ),
  ],
  strategy: {
    requiresVersion: true,
    prepareForCreate: ({ spec }) => {
      delete spec.preventPodSchedulingIfMissing;
    },
    // New drivers have no generation; it counts changes only.
    prepareForUpdate: (draft, stored) => {
      if (stored.spec.preventPodSchedulingIfMissing === undefined) {
        delete draft.spec.preventPodSchedulingIfMissing;
      }
      if (!jsonEqual(draft.spec, stored.spec)) {
        draft.metadata.generation = (stored.metadata.generation ?? 0) + 1;
      }
    },
  },
  columns: [
    nameColumn,
    yesNo(
      'AttachRequired',
      'Whether volumes are attached before they are mounted.',
      ({ attachRequired }) => attachRequired ?? true,
    ),
    yesNo(
      'PodInfoOnMount',
      'Whether the driver is told about the pod.',
      ({ podInfoOnMount }) => podInfoOnMount,
    ),
    yesNo(
      'StorageCapacity',
      'Whether the scheduler minds the capacity.',
      ({ storageCapacity }) => storageCapacity,
    ),
    {
      name: 'TokenRequests',
      type: 'string',
      description: 'Whom the tokens that the driver wants are for.',
      priority: 0,
      cell: ({ spec }) =>
        spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    },
    yesNo(
      'RequiresRepublish',
      'Whether the driver is called again to refresh.',
      ({ requiresRepublish }) => requiresRepublish,
    ),
    {
      name: 'Modes',
      type: 'string',
      description: 'How long volumes can live.',
      priority: 0,
      cell: ({ spec }) => {
        const modes = spec.volumeLifecycleModes ?? [];
        return modes.length === 0 ? '<none>' : modes.join(',');
      },
    },
    ageColumn,
  ],
});
