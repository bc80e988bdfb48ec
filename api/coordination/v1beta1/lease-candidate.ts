import { ageColumn, nameColumn } from '../../meta/columns.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { preRelease } from '../../schema/pre-release.js';
import { defineResource } from '../../schema/resource.js';
import { definition, microTime, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import { compareSemanticVersions, parseSemanticVersion } from '../../semantic-version.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalidBecause, invalid, notSupported, required } from '../../validation/field-error.js';
import { qualifiedNameErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import type { LeaseCandidate, LeaseCandidateSpec } from './types.js';

export const leaseCandidateSpec = definition(
  'io.k8s.api.coordination.v1beta1.LeaseCandidateSpec',
  'Who would hold a lease, and what speaks for them.',
  {
    binaryVersion: string(4, 'The version the candidate was built as, such as 1.36.0.', {
      required: true,
    }),
    emulationVersion: string(5, 'The version the candidate behaves as; its own or an earlier one.'),
    leaseName: string(1, 'Name of the lease in the same namespace; never changes.', {
      required: true,
    }),
    pingTime: microTime(2, 'When the candidate was last asked whether it is still there.'),
    renewTime: microTime(3, 'When the candidate last said that it is.'),
    strategy: string(6, 'How the holder is chosen among the candidates.', { required: true }),
  },
);

export const leaseCandidate = definition(
  'io.k8s.api.coordination.v1beta1.LeaseCandidate',
  'One of those who would hold a lease whose holder is chosen.',
  {
    ...objectFields,
    spec: ref(2, leaseCandidateSpec, 'What is wanted.', { required: true }),
  },
);

const oldestEmulation = 'OldestEmulationVersion';
const notSemantic = 'must be a valid semantic version';

function validateVersions({ binaryVersion, emulationVersion = '' }: LeaseCandidateSpec) {
  const field = { binary: 'spec.binaryVersion', emulation: 'spec.emulationVersion' };
  const emulated = parseSemanticVersion(emulationVersion);
  const errors: FieldError[] = [];
  if (emulationVersion !== '' && emulated === undefined) {
    errors.push(invalid(field.emulation, emulationVersion, notSemantic));
  }
  const built = parseSemanticVersion(binaryVersion);
  if (binaryVersion === '') errors.push(required(field.binary));
  else if (built === undefined) errors.push(invalid(field.binary, binaryVersion, notSemantic));
  if (built !== undefined && emulated !== undefined && compareSemanticVersions(built, emulated) < 0)
    errors.push(
      invalid(field.binary, binaryVersion, 'must be greater than or equal to `emulationVersion`'),
    );
  return errors;
}

/** Strategies without a domain are Kubernetes' own. */
function validateStrategy({ strategy, emulationVersion = '' }: LeaseCandidateSpec): FieldError[] {
  const field = 'spec.strategy';
  if (strategy === '') return [required(field)];
  // Kubernetes names the field twice here.
  if (strategy.includes('/'))
    return invalidBecause(`${field}.strategy`, strategy, qualifiedNameErrors(strategy));
  if (strategy !== oldestEmulation) {
    return [notSupported(`${field}.strategy`, strategy, [oldestEmulation])];
  }
  const detail = "must be specified when `strategy` is 'OldestEmulationVersion'";
  const isGiven = parseSemanticVersion(emulationVersion)?.numbers.some((number) => number > 0n);
  return isGiven === true ? [] : [required('spec.emulationVersion', detail)];
}

const validateCandidate = ({ spec }: LeaseCandidate): FieldError[] => [
  ...(spec.leaseName === '' ? [required('spec.leaseName')] : []),
  ...validateVersions(spec),
  ...validateStrategy(spec),
];

/** LeaseCandidates: who would hold a lease whose holder is chosen. */
export const leaseCandidates = defineResource<LeaseCandidate>({
  group: 'coordination.k8s.io',
  version: 'v1beta1',
  kind: 'LeaseCandidate',
  plural: 'leasecandidates',
  scope: 'Namespaced',
  nameFormat: 'configMapKey',
  ...preRelease({
    group: 'coordination.k8s.io',
    version: 'v1beta1',
    kind: 'LeaseCandidate',
    deprecated: 36,
  }),
  schema: leaseCandidate,
  defaults: (draft) => {
    (draft as { spec?: unknown }).spec ??= {};
    fillZeroValues(leaseCandidate, draft);
  },
  validate: validateCandidate,
  validateUpdate: ({ spec }, stored) =>
    immutable('spec.leaseName', spec.leaseName, stored.spec.leaseName),
  strategy: { allowCreateOnUpdate: true, requiresVersion: true },
  selectableFields: { 'spec.leaseName': ({ spec }) => spec.leaseName },
  columns: [
    nameColumn,
    {
      name: 'LeaseName',
      type: 'string',
      description: 'The lease.',
      priority: 0,
      cell: ({ spec }) => spec.leaseName,
    },
    {
      name: 'BinaryVersion',
      type: 'string',
      description: 'The version the candidate was built as.',
      priority: 0,
      cell: ({ spec }) => spec.binaryVersion,
    },
    {
      name: 'EmulationVersion',
      type: 'string',
      description: 'The version the candidate behaves as.',
      priority: 0,
      cell: ({ spec }) => spec.emulationVersion ?? '',
    },
    ageColumn,
  ],
});
