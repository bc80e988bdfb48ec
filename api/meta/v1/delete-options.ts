import { boolean, definition, int64, list, ref, string } from '../../schema/schema.js';
import { typeFields } from './type-meta.js';

export const preconditions = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions',
  'What has to be true of the stored object for a delete to go ahead.',
  {
    resourceVersion: string(2, 'The revision the object must still have.'),
    uid: string(1, 'The uid the object must have.'),
  },
);

export const deleteOptions = definition(
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  'How to delete an object.',
  {
    ...typeFields,
    dryRun: list(
      5,
      'string',
      'With the value All the request is checked in full but nothing is deleted.',
      { listType: 'atomic' },
    ),
    gracePeriodSeconds: int64(
      1,
      "Seconds the object gets to end by itself; zero deletes at once, absent takes the kind's own value.",
    ),
    ignoreStoreReadErrorWithClusterBreakingPotential: boolean(
      6,
      'Deletes an object that can no longer be read from the store, without its finalizers; use only as a last resort.',
    ),
    orphanDependents: boolean(
      3,
      'Old form of propagationPolicy: true leaves the dependents, false deletes them.',
    ),
    preconditions: ref(
      2,
      preconditions,
      'Conditions the stored object must meet, or the request fails with a conflict.',
    ),
    propagationPolicy: string(
      4,
      'What becomes of the dependents: Orphan leaves them, Background deletes them afterwards, Foreground deletes them first.',
      { enum: ['Orphan', 'Background', 'Foreground'] },
    ),
  },
);
