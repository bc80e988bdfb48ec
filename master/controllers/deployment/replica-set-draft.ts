/** A ReplicaSet as one reconcile wants it: what is stored, with the changes decided so far. */
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.js';
import type { Action } from '../../../machinery/controller/controller.js';
import type { Annotations } from './annotations.js';

export class ReplicaSetDraft {
  /** As stored; for one that does not exist yet, as it is to be made. */
  readonly stored: ReplicaSet;
  readonly isNew: boolean;
  replicas: number;
  annotations: Annotations;
  minReadySeconds: number;

  constructor(stored: ReplicaSet, options: { readonly isNew: boolean } = { isNew: false }) {
    this.stored = stored;
    this.isNew = options.isNew;
    this.replicas = stored.spec.replicas ?? 1;
    this.annotations = stored.metadata.annotations ?? {};
    this.minReadySeconds = stored.spec.minReadySeconds ?? 0;
  }

  get name(): string {
    return this.stored.metadata.name;
  }

  get available(): number {
    return this.stored.status.availableReplicas ?? 0;
  }

  annotate(annotations: Annotations): void {
    this.annotations = { ...this.annotations, ...annotations };
  }

  /** The write that makes it so, if anything is to change; told as an event of the Deployment when the size does. */
  action(deployment: Deployment): Action | undefined {
    return this.isNew ? this.creation(deployment) : this.change(deployment);
  }

  private creation(deployment: Deployment): Action {
    const { apiVersion, kind, metadata, spec } = this.stored;
    const { namespace, name, labels, ownerReferences } = metadata;
    const { annotations, replicas } = this;
    return {
      type: 'create',
      resource: replicaSets,
      object: {
        apiVersion,
        kind,
        metadata: { namespace, name, labels, ownerReferences, annotations },
        spec: { ...spec, replicas },
      },
      announce: {
        regarding: deployment,
        ...(replicas > 0 ? { success: this.scalingEvent(0) } : {}),
        failure: {
          eventReason: 'ReplicaSetCreateError',
          message: `Failed to create new replica set ${JSON.stringify(name)}: {error}`,
        },
      },
      reason: 'no replica set has the template',
    };
  }

  private change(deployment: Deployment): Action | undefined {
    const { metadata, spec } = this.stored;
    const before = spec.replicas ?? 1;
    const annotations = Object.fromEntries(
      Object.entries(this.annotations).filter(
        ([name, value]) => metadata.annotations?.[name] !== value,
      ),
    );
    const resized = before !== this.replicas;
    const waitsOtherwise = (spec.minReadySeconds ?? 0) !== this.minReadySeconds;
    if (!resized && !waitsOtherwise && Object.keys(annotations).length === 0) return undefined;
    return {
      type: 'patch',
      resource: replicaSets,
      namespace: metadata.namespace,
      name: this.name,
      patchType: 'merge',
      body: {
        metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, annotations },
        spec: {
          ...(resized ? { replicas: this.replicas } : {}),
          ...(waitsOtherwise ? { minReadySeconds: this.minReadySeconds } : {}),
        },
      },
      ...(resized
        ? { announce: { regarding: deployment, success: this.scalingEvent(before) } }
        : {}),
      reason: resized ? 'the rollout needs another size' : 'the deployment says otherwise',
    };
  }

  private scalingEvent(before: number): { eventReason: string; message: string } {
    const direction = this.replicas > before ? 'up' : 'down';
    return {
      eventReason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${this.name} from ${String(before)} to ${String(this.replicas)}`,
    };
  }
}

/** The sizes of all together. */
export const totalReplicas = (drafts: readonly ReplicaSetDraft[]): number =>
  drafts.reduce((sum, draft) => sum + draft.replicas, 0);

/** The available pods of all together. */
export const totalAvailable = (drafts: readonly ReplicaSetDraft[]): number =>
  drafts.reduce((sum, draft) => sum + draft.available, 0);

/** Oldest first; of one age by name. */
export const byAge = (left: ReplicaSet, right: ReplicaSet): number => {
  const [a, b] = [left.metadata, right.metadata];
  if (a.creationTimestamp !== b.creationTimestamp) {
    return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  }
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
};
