/**
 * A controller is snapshot in, actions out. `snapshot` reads caches only; `reconcile` is pure and level-based. The driver
 * (`driver.ts`) owns cache sync, one worker a key, back-off, expectations, metrics and the recorder of snapshot → actions.
 *
 * Called by `master/controllers/<name>/`; a controller never calls the API itself.
 */
import type { KubeObject, NewObject } from '../../api/meta/v1/types.js';
import type { ResourceRef } from '../../api/schema/resource.js';
import type { PatchType } from '../client/client.js';
import type { Listers } from '../informer/lister.js';

interface Target {
  readonly resource: ResourceRef;
  readonly namespace?: string | undefined;
  readonly name: string;
}

type Regarding = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

/** Events told once a write is done. In a message `{name}` stands for the object's name and `{error}` for the failure. */
export interface Announcement {
  readonly regarding: Regarding;
  readonly success?: { readonly eventReason: string; readonly message: string };
  readonly failure?: { readonly eventReason: string; readonly message: string };
}

/** One thing to do, with the reason it is done; the reason goes to logs and records. */
export type Action =
  | {
      readonly type: 'create';
      readonly resource: ResourceRef;
      readonly object: NewObject<KubeObject> & Record<string, unknown>;
      readonly announce?: Announcement;
      readonly reason: string;
    }
  | (Target & {
      readonly type: 'patch';
      readonly patchType: PatchType;
      readonly body: unknown;
      readonly subresource?: string;
      readonly announce?: Announcement;
      readonly reason: string;
    })
  | {
      /** PUT of a whole object; the resourceVersion it carries guards it. */
      readonly type: 'update';
      readonly resource: ResourceRef;
      readonly object: KubeObject;
      readonly subresource?: 'finalize' | 'approval';
      readonly reason: string;
    }
  | {
      /** PUT to `/status`. */
      readonly type: 'updateStatus';
      readonly resource: ResourceRef;
      readonly object: KubeObject;
      readonly reason: string;
    }
  | (Target & {
      readonly type: 'delete';
      /** The object is deleted only if it still has this uid. */
      readonly uid: string;
      /** The deletion is decided on this state; where there is a newer one, it is a conflict. */
      readonly resourceVersion?: string;
      readonly gracePeriodSeconds?: number;
      readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
      readonly announce?: Announcement;
      readonly reason: string;
    })
  | {
      /** Deletes whatever the server has of a resource in a namespace, for content no cache follows. */
      readonly type: 'deleteCollection';
      readonly resource: ResourceRef;
      readonly namespace: string;
      readonly reason: string;
    }
  | {
      /** Asks the server whether a namespace has none of a resource; if it has, the snapshot is stale and nothing after it is done. */
      readonly type: 'verifyEmpty';
      readonly resource: ResourceRef;
      readonly namespace: string;
      readonly reason: string;
    }
  | (Target & {
      /** Asks the server whether the object of this uid is gone; if it is not, the snapshot is stale and nothing after it is done. */
      readonly type: 'verifyGone';
      readonly uid: string;
      readonly reason: string;
    })
  | {
      /**
       * What no write alone can do, such as signing or asking: the controller's effect of that name is given the object and
       * says what is to be done next. So neither secrets nor waiting are in `reconcile`, in snapshots or in records.
       */
      readonly type: 'effect';
      readonly effect: string;
      readonly object: KubeObject;
      readonly args?: readonly string[];
      readonly reason: string;
    }
  | {
      readonly type: 'event';
      readonly regarding: Regarding;
      readonly eventType: 'Normal' | 'Warning';
      /** CamelCase, as `kubectl describe` shows it. */
      readonly eventReason: string;
      readonly message: string;
      readonly reason: string;
    };

/** A write of the last attempt at a key that the server refused. */
export interface ActionFailure {
  readonly type: 'create' | 'patch' | 'update' | 'updateStatus' | 'delete';
  readonly plural: string;
  /** The Status reason, such as `Forbidden`; `InternalError` for anything else. */
  readonly reason: string;
  readonly message: string;
}

/** What a snapshot may know beside the caches. */
export interface SnapshotContext {
  /** Writes that failed in the last attempt at this key; conflicts are not among them. */
  readonly failures: readonly ActionFailure[];
}

/** A failure that trying again cannot mend; the key is left alone until something changes. */
export class TerminalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

export interface ReconcileResult {
  /**
   * Done in order. Neighbouring creations are done in batches of 1, 2, 4, … that stop at the first failure; neighbouring
   * deletions at once. Later actions are done even when creations or deletions failed; nothing is after a conflict.
   */
  readonly actions: readonly Action[];
  readonly requeueAfterMs?: number;
}

/** Does what a controller decided and the API cannot; gives the actions that follow from it. Failures are tried again. */
export type Effect = (object: KubeObject, args: readonly string[]) => Promise<readonly Action[]>;

/** What a change of a watched object makes the controller look at: keys `namespace/name` or `name`. */
export interface WatchRule<W extends KubeObject = KubeObject> {
  readonly resource: ResourceRef<W>;
  /** `previous` is undefined for additions. Called for deletions too. */
  readonly enqueue: (object: W, listers: Listers, previous: W | undefined) => readonly string[];
  /** Extra cache indexes by name; each gives the values an object is found under. */
  readonly indexes?: Readonly<Record<string, (object: W) => readonly string[]>>;
}

/** Resources that come and go while the controller runs; objects of another resource tell of them. */
export interface DiscoveryRule {
  readonly source: ResourceRef;
  /** The resource an object tells of; undefined while it tells of none. */
  readonly resourceOf: (object: KubeObject) => ResourceRef | undefined;
  readonly watch: (resource: ResourceRef) => WatchRule;
}

export interface ControllerDefinition<P extends KubeObject, S> {
  readonly name: string;
  /** The component its events name, where Kubernetes has another than `<name>-controller`. */
  readonly component?: string;
  readonly primary: ResourceRef<P>;
  readonly watches: readonly WatchRule[];
  readonly discovers?: DiscoveryRule;
  /** How many keys are worked on at once. */
  readonly workers?: number;
  /**
   * Undefined when there is nothing to reconcile any more. `nowMs` is milliseconds since the epoch. Must be plain JSON, so
   * that it can be recorded and replayed.
   */
  readonly snapshot: (
    key: string,
    listers: Listers,
    nowMs: number,
    context: SnapshotContext,
  ) => S | undefined;
  readonly reconcile: (snapshot: S) => ReconcileResult;
  /** What `effect` actions name. */
  readonly effects?: Readonly<Record<string, Effect>>;
}

/** Declares a watch with the object's type inferred from its resource. */
export const watchOf = <W extends KubeObject>(rule: WatchRule<W>): WatchRule =>
  rule as unknown as WatchRule;

/** Checks the definition's types against one another and returns it. */
export const defineController = <P extends KubeObject, S>(
  definition: ControllerDefinition<P, S>,
): ControllerDefinition<P, S> => definition;
