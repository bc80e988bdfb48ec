import { nameColumn } from '../../meta/columns.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { preRelease } from '../../schema/pre-release.js';
import { defineResource } from '../../schema/resource.js';
import { definition, ref, string } from '../../schema/schema.js';
import { fillZeroValues } from '../../schema/zero-values.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid } from '../../validation/field-error.js';
import { dns1123SubdomainErrors } from '../../validation/names.js';
import { immutable } from '../../validation/object-meta.js';
import { validateSignerName } from '../signer-name.js';
import { validateTrustBundle } from '../trust-bundle.js';
import type { ClusterTrustBundle } from './types.js';

export const clusterTrustBundleSpec = definition(
  'io.k8s.api.certificates.v1beta1.ClusterTrustBundleSpec',
  'Whose certificates to believe.',
  {
    signerName: string(
      1,
      'The signer whose certificates the bundle is for, if any; never changes. The name of the object begins with it.',
    ),
    trustBundle: string(2, 'The certificates of authorities, in PEM, each once.', {
      required: true,
    }),
  },
);

export const clusterTrustBundle = definition(
  'io.k8s.api.certificates.v1beta1.ClusterTrustBundle',
  'Certificates of authorities for everybody in the cluster.',
  {
    ...objectFields,
    spec: ref(2, clusterTrustBundleSpec, 'What is wanted.', { required: true }),
  },
);

const bundleField = 'spec.trustBundle';

const signerOf = ({ spec }: ClusterTrustBundle): string => spec.signerName ?? '';

/** What is wrong with the name of a bundle: one of a signer is named after it. */
export function bundleNameErrors(name: string, signerName: string): readonly string[] {
  if (signerName === '') {
    return name.includes(':')
      ? ['ClusterTrustBundle without signer name must not have ":" in its name']
      : dns1123SubdomainErrors(name);
  }
  const prefix = `${signerName.replaceAll('/', ':')}:`;
  return name.startsWith(prefix)
    ? dns1123SubdomainErrors(name.slice(prefix.length))
    : [`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`];
}

function validateBundle(object: ClusterTrustBundle, stored?: ClusterTrustBundle): FieldError[] {
  const signerName = signerOf(object);
  const { trustBundle } = object.spec;
  const isKnown = stored?.spec.trustBundle === trustBundle;
  return [
    ...bundleNameErrors(object.metadata.name, signerName).map((detail) =>
      invalid('metadata.name', object.metadata.name, detail),
    ),
    ...(signerName === '' ? [] : validateSignerName('spec.signerName', signerName)),
    ...(isKnown ? [] : validateTrustBundle(trustBundle, bundleField)),
  ];
}

/** ClusterTrustBundles: certificates of authorities for everybody in the cluster. */
export const clusterTrustBundles = defineResource<ClusterTrustBundle>({
  group: 'certificates.k8s.io',
  version: 'v1beta1',
  kind: 'ClusterTrustBundle',
  plural: 'clustertrustbundles',
  scope: 'Cluster',
  nameFormat: 'pathSegment',
  ...preRelease({
    group: 'certificates.k8s.io',
    version: 'v1beta1',
    kind: 'ClusterTrustBundle',
    deprecated: 36,
  }),
  schema: clusterTrustBundle,
  defaults: (draft) => {
    (draft as { spec?: unknown }).spec ??= {};
    fillZeroValues(clusterTrustBundle, draft);
  },
  validate: validateBundle,
  validateUpdate: (object, stored) =>
    immutable('spec.signerName', signerOf(object), signerOf(stored)),
  selectableFields: { 'spec.signerName': signerOf },
  columns: [
    nameColumn,
    {
      name: 'SignerName',
      type: 'string',
      description: 'The signer whose certificates the bundle is for.',
      priority: 0,
      cell: (object) => (signerOf(object) === '' ? '<none>' : signerOf(object)),
    },
  ],
});
