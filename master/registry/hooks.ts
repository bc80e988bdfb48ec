/**
 * The seams where a resource does more than its declaration says: allocating addresses, holding deletion back. The registry
 * calls them at fixed points; `master/open-registries.ts` gives each resource its own.
 */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { Requester } from '../../api/schema/resource.js';
import type { FieldError } from '../../api/validation/field-error.js';

/** Something taken for a write. Exactly one of the two is called, once. */
export interface Reservation {
  /** The write is durable. */
  readonly commit: () => void;
  /** The write did not happen. */
  readonly release: () => void;
}

export interface ResourceHooks {
  /** What is wrong with a draft in view of other objects, beside what the declaration finds; `stored` where it is an update. */
  readonly check?: (draft: KubeObject, stored?: KubeObject) => readonly FieldError[];
  /** After admission and before validation of a create; changes the draft. */
  readonly reserveForCreate?: (draft: KubeObject, dryRun: boolean) => Reservation | undefined;
  /** The same for updates of the main resource. */
  readonly reserveForUpdate?: (
    draft: KubeObject,
    stored: KubeObject,
    dryRun: boolean,
  ) => Reservation | undefined;
  /** The object is gone from the store. */
  readonly deleted?: (object: KubeObject) => void;
  /** Whether something beside finalizers keeps the object (a namespace's content). */
  readonly holdsDeletion?: (object: KubeObject) => boolean;
  /** Changes the draft that is being marked for deletion. */
  readonly markDeleting?: (draft: KubeObject) => void;
}

/** The admission step as the registry calls it; the server binds the user. */
export interface WriteAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The draft, which `mutate` may change; absent for deletions. */
  readonly object?: KubeObject;
  readonly stored?: KubeObject;
  readonly dryRun: boolean;
  /** The options of a deletion, which come in its body; those of other writes are in the query. */
  readonly options?: object;
}

/** Nothing, or a promise where admission has to wait for something. A refusal is thrown. */
export type Admitting = void | Promise<void>;

export interface AdmissionStep {
  readonly mutate: (attributes: WriteAttributes) => Admitting;
  readonly validate: (attributes: WriteAttributes) => Admitting;
  /** Whether the write came about, once it is known; harmless where nothing had been admitted. */
  readonly settled?: (written: boolean) => void;
}

/** Admits everything. */
export const admitAll: AdmissionStep = { mutate: () => undefined, validate: () => undefined };

/** What goes with one write beside the object. */
export interface WriteContext {
  readonly dryRun: boolean;
  readonly admission: AdmissionStep;
  readonly requester: Requester;
  /** Messages for the `Warning` header are added here. */
  readonly warnings: string[];
  /** Who owns what the write changes; absent where ownership stays as it is. */
  readonly manager?: string;
  /** The write is an apply: the draft says itself who owns what, and an object that is not there is created. */
  readonly applies?: true;
  /** The write is a patch: what it says of uid is checked like any other field. */
  readonly patches?: true;
}
