import { definition, int32, microTime, ref, string } from '../../schema/schema.js';
import { objectFields } from '../../meta/v1/object-meta.js';
import { ageColumn, nameColumn } from '../../meta/columns.js';
import { defineResource } from '../../schema/resource.js';
import type { FieldError } from '../../validation/field-error.js';
import { invalid, required } from '../../validation/field-error.js';
import type { Lease } from './types.js';

export const leaseSpec = definition(
  'io.k8s.api.coordination.v1.LeaseSpec',
  'Who holds a lease and until when.',
  {
    acquireTime: microTime(3, 'When the present holder got the lease.'),
    holderIdentity: string(1, 'Who holds the lease.'),
    leaseDurationSeconds: int32(
      2,
      'Seconds after the last renewal for which nobody else may take the lease.',
    ),
    leaseTransitions: int32(5, 'How often the lease has changed hands.'),
    preferredHolder: string(7, 'To whom the holder should hand the lease over.'),
    renewTime: microTime(4, 'When the holder last renewed the lease.'),
    strategy: string(6, 'How the holder is chosen where candidates coordinate.', {
      enum: ['OldestEmulationVersion'],
    }),
  },
);

export const lease = definition(
  'io.k8s.api.coordination.v1.Lease',
  'A lock with an expiry; also the heartbeat of a node.',
  {
    ...objectFields,
    spec: ref(2, leaseSpec, 'What is wanted.'),
  },
);

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

/** The fields of coordinated leader election, which Kubernetes has off: they stay only where they are. */
function dropElection({ spec }: Lease, stored?: Lease): void {
  const [next, last] = [spec as Lease['spec'] | undefined, stored?.spec];
  if (last?.strategy === undefined) delete next?.strategy;
  if (last?.preferredHolder === undefined) delete next?.preferredHolder;
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
  strategy: {
    allowCreateOnUpdate: true,
    requiresVersion: true,
    prepareForCreate: (draft) => {
      dropElection(draft);
    },
    prepareForUpdate: dropElection,
  },
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
