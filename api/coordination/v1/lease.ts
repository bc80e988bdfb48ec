import { definition, inline, int32, microTime, ref, string } from '../../schema/schema.js';
import { objectMeta } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid, required } from '../../validation/field-error.js';
import type { Lease } from './types.js';

export const leaseSpec = definition('io.k8s.api.coordination.v1.LeaseSpec', '', {
  acquireTime: microTime(3, ''),
  holderIdentity: string(1, ''),
  leaseDurationSeconds: int32(2, ''),
  leaseTransitions: int32(5, ''),
  preferredHolder: string(7, ''),
  renewTime: microTime(4, ''),
  strategy: string(6, '', { enum: ['OldestEmulationVersion'] }),
});

export const lease = definition('io.k8s.api.coordination.v1.Lease', '', {
  apiVersion: string(inline, ''),
  kind: string(inline, ''),
  metadata: ref(1, objectMeta, ''),
  spec: ref(2, leaseSpec, ''),
});

function validateLease(object: Lease): FieldError[] {
  // The type has a spec always, what a client sends may not.
  const given = object.spec as Lease['spec'] | undefined;
  const errors: FieldError[] = [];
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = given ?? {};
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(
      invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'),
    );
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(
      invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'),
    );
  }
  if ((preferredHolder ?? '') !== '' && strategy === undefined) {
    errors.push(required('spec.strategy', 'must be specified when `spec.preferredHolder` is set'));
  }
  return errors;
}

/** Leases: who holds a lock and until when; also the heartbeat of nodes. */
export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  schema: lease,
  validate: validateLease,
  strategy: { allowCreateOnUpdate: true },
  columns: [
    nameColumn,
    {
      name: 'Holder',
      type: 'string',
      description: 'Who holds the lease.',
      priority: 0,
      cell: ({ spec }) => (spec as Lease['spec'] | undefined)?.holderIdentity ?? '',
    },
    ageColumn,
  ],
});
