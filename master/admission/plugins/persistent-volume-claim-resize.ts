/** PersistentVolumeClaimResize: a claim grows only once it is bound, and where its storage class allows it. */
import type { KubeObject } from '../../../api/meta/v1/types.js';
import { compareQuantities } from '../../../api/quantity.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsResource } from '../sorts.js';
import { storageClassAnnotation } from '../../../api/core/v1/volume-columns.js';

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  };
  readonly status?: { readonly phase?: string };
}

const sizeOf = ({ spec }: Claim): string => spec?.resources?.requests?.storage ?? '0';

const classOf = ({ metadata, spec }: Claim): string =>
  metadata.annotations?.[storageClassAnnotation] ?? spec?.storageClassName ?? '';

export const persistentVolumeClaimResize = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'PersistentVolumeClaimResize',
  concerns: concernsResource('', 'persistentvolumeclaims', ['UPDATE']),
  validate: (attributes) => {
    const [claim, before] = [attributes.object as Claim, attributes.stored as Claim];
    if (compareQuantities(sizeOf(claim), sizeOf(before)) <= 0) return;
    if (before.status?.phase !== 'Bound') {
      throw refusal(attributes, 'Only bound persistent volume claims can be expanded');
    }
    const name = classOf(claim);
    const found = reader.find('storage.k8s.io', 'storageclasses', { namespace: '', name });
    const grows = (found as { allowVolumeExpansion?: boolean } | undefined)?.allowVolumeExpansion;
    if (name !== '' && name === classOf(before) && grows === true) return;
    throw refusal(
      attributes,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
});
