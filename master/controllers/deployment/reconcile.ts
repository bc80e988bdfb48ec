/**
 * What a Deployment needs done: the ReplicaSet of its template made, sizes moved towards it, revisions kept, status
 * written. One step of the rollout at a time; the next follows when the caches show this one. Pure.
 */
import { jsonEqual } from '../../../api/patch/json-value.js';
import { deployments } from '../../../api/apps/v1/deployment.js';
import { replicaSets } from '../../../api/apps/v1/replica-set.js';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/apps/v1/types.js';
import type { Pod } from '../../../api/core/v1/types.js';
import {
  adoptionPatch,
  controllerOf,
  controllerReference,
  isControlledBy,
  releasePatch,
} from '../../../api/meta/controller-ref.js';
import {
  labelMatcherFrom,
  matchesEverything,
  matchesLabels,
} from '../../../api/selectors/label.js';
import type {
  Action,
  ActionFailure,
  ReconcileResult,
} from '../../../machinery/controller/controller.js';
import {
  annotationsForRevision,
  revisionAnnotation,
  revisionOf,
  sizeAnnotations,
} from './annotations.js';
import { isRollingUpdate } from './fenceposts.js';
import { deadlineSlackMs } from './limits.js';
import { byAge, ReplicaSetDraft } from './replica-set-draft.js';
import {
  currentSize,
  emptyOld,
  isScalingEvent,
  members,
  oldPodsRun,
  resizeCurrent,
  scale,
  shrinkOld,
  type Family,
} from './rollout.js';
import {
  calculateStatus,
  conditionOf,
  isComplete,
  msUntilStuck,
  progressDeadlineMs,
  progressReason,
  withCondition,
  withProgress,
  withReplicaFailure,
  type Conditions,
} from './status.js';
import { podTemplateHashLabel, sameTemplate, templateHash } from './template-hash.js';

export interface DeploymentSnapshot {
  readonly deployment: Deployment;
  /** ReplicaSets it controls, and those of its namespace that nobody controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** What already has the name of the ReplicaSet that its template would make. */
  readonly nameTakenBy?: ReplicaSet | undefined;
  /** Pods of its ReplicaSets; needed for the Recreate strategy alone. */
  readonly pods: readonly Pod[];
  readonly failures: readonly ActionFailure[];
  readonly now: string;
  readonly nowMs: number;
}

/** The name of the ReplicaSet that the Deployment's template makes. */
export const replicaSetNameFor = (deployment: Deployment): string =>
  `${deployment.metadata.name}-${templateHash(deployment.spec.template, deployment.status.collisionCount)}`;

/** Takes in orphans that match and lets go of ReplicaSets that no longer do. */
function claims({ deployment, replicaSets: all }: DeploymentSnapshot): readonly Action[] {
  if (deployment.metadata.deletionTimestamp !== undefined) return [];
  const matcher = labelMatcherFrom(deployment.spec.selector);
  return all.flatMap((replicaSet): Action[] => {
    const { namespace, name, uid, labels, deletionTimestamp } = replicaSet.metadata;
    const target = { resource: replicaSets, namespace, name, patchType: 'strategic' } as const;
    const matches = matchesLabels(matcher, labels);
    if (isControlledBy(replicaSet, deployment)) {
      if (matches) return [];
      const body = releasePatch(deployment, uid);
      return [{ type: 'patch', ...target, body, reason: 'its labels no longer match' }];
    }
    const isFree = controllerOf(replicaSet) === undefined && deletionTimestamp === undefined;
    if (!isFree || !matches) return [];
    const body = adoptionPatch(deployment, uid);
    return [{ type: 'patch', ...target, body, reason: 'an orphan matches the selector' }];
  });
}

function newReplicaSet(deployment: Deployment): ReplicaSet {
  const { namespace } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status.collisionCount);
  const labels = { ...template.metadata?.labels, [podTemplateHashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace,
      name: replicaSetNameFor(deployment),
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: {
        ...selector,
        matchLabels: { ...selector.matchLabels, [podTemplateHashLabel]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  };
}

/** One reconcile in the making: sizes and conditions decided so far. */
class Rollout {
  private readonly snapshot: DeploymentSnapshot;
  private readonly deployment: Deployment;
  private family: Family;
  private conditions: Conditions;
  private collisionCount: number | undefined;
  private revision: number | undefined;
  private followsProgress = false;
  private readonly deletions: Action[] = [];

  constructor(snapshot: DeploymentSnapshot) {
    const { deployment } = snapshot;
    this.snapshot = snapshot;
    this.deployment = deployment;
    this.conditions = deployment.status.conditions ?? [];
    this.collisionCount = deployment.status.collisionCount;
    const owned = snapshot.replicaSets
      .filter((replicaSet) => isControlledBy(replicaSet, deployment))
      .sort(byAge);
    const current = owned.find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
    this.family = {
      current: current === undefined ? undefined : new ReplicaSetDraft(current),
      old: owned.filter((one) => one !== current).map((one) => new ReplicaSetDraft(one)),
    };
  }

  /** Says in the Progressing condition that the rollout stands still on purpose, or no longer does. */
  notePause(): void {
    const present = conditionOf(this.conditions, 'Progressing');
    if (progressDeadlineMs(this.deployment) === undefined) return;
    if (present?.reason === progressReason.timedOut) return;
    const noted = present?.reason === progressReason.paused;
    const paused = this.deployment.spec.paused === true;
    if (paused === noted) return;
    this.progressing(
      'Unknown',
      paused ? progressReason.paused : progressReason.resumed,
      paused ? 'Deployment is paused' : 'Deployment is resumed',
    );
  }

  /** Only sizes: for paused Deployments, and when the size was changed during a rollout. */
  follow(): void {
    this.syncRevision();
    scale(this.deployment, this.family);
    if (this.deployment.spec.paused === true) this.cleanUp();
  }

  get needsScaling(): boolean {
    return isScalingEvent(this.deployment, this.family);
  }

  roll(): void {
    this.followsProgress = true;
    this.syncRevision();
    if (!this.ensureCurrent()) return;
    if (resizeCurrent(this.deployment, this.family)) return;
    if (shrinkOld(this.deployment, this.family)) return;
    this.cleanUpWhenComplete();
  }

  recreate(): void {
    this.followsProgress = true;
    this.syncRevision();
    if (emptyOld(this.deployment, this.family)) return;
    if (oldPodsRun(this.family, this.snapshot.pods)) return;
    if (!this.ensureCurrent()) return;
    resizeCurrent(this.deployment, this.family);
    this.cleanUpWhenComplete();
  }

  result(): ReconcileResult {
    const { deployment, snapshot } = this;
    const status = this.status();
    const actions = members(this.family).flatMap((draft) => draft.action(deployment) ?? []);
    const stuckMs = msUntilStuck(deployment, status, snapshot.nowMs);
    return {
      actions: [
        ...actions,
        ...this.deletions,
        ...(jsonEqual(status, deployment.status) ? [] : [statusUpdate(deployment, status)]),
        ...this.revisionPatch(),
      ],
      ...(stuckMs === undefined || !this.followsProgress || isComplete(deployment, status)
        ? {}
        : { requeueAfterMs: Math.max(0, stuckMs) + deadlineSlackMs }),
    };
  }

  private status(): DeploymentStatus {
    const { now, nowMs } = this.snapshot;
    const deployment: Deployment = {
      ...this.deployment,
      status: {
        ...this.deployment.status,
        ...(this.collisionCount === undefined ? {} : { collisionCount: this.collisionCount }),
      },
    };
    const status = calculateStatus(deployment, this.family, { conditions: this.conditions, now });
    if (!this.followsProgress) return status;
    const current = this.family.current?.name;
    const progressed = withProgress(deployment, status, { current, now, nowMs });
    return withReplicaFailure(progressed, this.family, now);
  }

  /** Gives the current ReplicaSet the highest revision and the Deployment's annotations. */
  private syncRevision(): void {
    const { current, old } = this.family;
    if (current === undefined) return;
    const revision = Math.max(0, ...old.map(({ stored }) => revisionOf(stored))) + 1;
    current.annotations = annotationsForRevision(this.deployment, current.annotations, revision);
    current.minReadySeconds = this.deployment.spec.minReadySeconds ?? 0;
    this.revision = Number(current.annotations[revisionAnnotation]);
    if (conditionOf(this.conditions, 'Progressing') === undefined) {
      this.progressing(
        'True',
        progressReason.found,
        `Found new replica set ${JSON.stringify(current.name)}`,
      );
    }
  }

  /** Makes the ReplicaSet of the template if there is none; false when its name is taken by another. */
  private ensureCurrent(): boolean {
    const { deployment, snapshot } = this;
    if (this.family.current !== undefined) return true;
    if (snapshot.nameTakenBy !== undefined) {
      this.collisionCount = (this.collisionCount ?? 0) + 1;
      return false;
    }
    const { old } = this.family;
    const draft = new ReplicaSetDraft(newReplicaSet(deployment), { isNew: true });
    const revision = Math.max(0, ...old.map(({ stored }) => revisionOf(stored))) + 1;
    draft.annotations = {
      ...annotationsForRevision(deployment, {}, revision),
      ...sizeAnnotations(deployment),
    };
    draft.replicas = currentSize(deployment, [...old, draft], draft);
    this.family = { current: draft, old };
    this.revision = revision;
    this.noteCreation(draft.name);
    return true;
  }

  private noteCreation(name: string): void {
    const failure = this.snapshot.failures.find(
      ({ type, plural }) => type === 'create' && plural === replicaSets.plural,
    );
    const quoted = JSON.stringify(name);
    if (failure === undefined) {
      this.progressing('True', progressReason.created, `Created new replica set ${quoted}`);
      return;
    }
    const message = `Failed to create new replica set ${quoted}: ${failure.message}`;
    this.progressing('False', progressReason.createFailed, message);
  }

  private progressing(status: 'True' | 'False' | 'Unknown', reason: string, message: string): void {
    if (progressDeadlineMs(this.deployment) === undefined) return;
    const change = { type: 'Progressing', status, reason, message } as const;
    this.conditions = withCondition(this.conditions, change, this.snapshot.now);
  }

  private cleanUpWhenComplete(): void {
    if (isComplete(this.deployment, this.deployment.status)) this.cleanUp();
  }

  /** Deletes empty old ReplicaSets beyond the history kept, lowest revisions first. */
  private cleanUp(): void {
    const limit = this.deployment.spec.revisionHistoryLimit ?? 10;
    const old = this.family.old
      .map(({ stored }) => stored)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const surplus = [...old]
      .sort((left, right) => revisionOf(left) - revisionOf(right))
      .slice(0, Math.max(0, old.length - limit));
    for (const { metadata, spec, status } of surplus) {
      const isObserved = (metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
      if (status.replicas !== 0 || spec.replicas !== 0 || !isObserved) continue;
      const { namespace, name, uid } = metadata;
      const reason = 'beyond the revision history limit';
      this.deletions.push({ type: 'delete', resource: replicaSets, namespace, name, uid, reason });
    }
  }

  private revisionPatch(): readonly Action[] {
    const { metadata } = this.deployment;
    const revision = String(this.revision);
    if (this.revision === undefined || metadata.annotations?.[revisionAnnotation] === revision) {
      return [];
    }
    return [
      {
        type: 'patch',
        resource: deployments,
        namespace: metadata.namespace,
        name: metadata.name,
        // Through the object itself it would count as a change of what is wanted.
        subresource: 'status',
        patchType: 'merge',
        body: { metadata: { uid: metadata.uid, annotations: { [revisionAnnotation]: revision } } },
        reason: 'the revision has changed',
      },
    ];
  }
}

const statusUpdate = (deployment: Deployment, status: DeploymentStatus): Action => ({
  type: 'updateStatus',
  resource: deployments,
  object: withStatus(deployment, status),
  reason: 'the replica sets have changed',
});

const withStatus = (deployment: Deployment, status: DeploymentStatus): Deployment => ({
  ...deployment,
  status,
});

/** A selector that matches everything would claim the pods of others: it is refused, once for each generation. */
function refusal({ deployment }: DeploymentSnapshot): ReconcileResult {
  const { generation } = deployment.metadata;
  if ((deployment.status.observedGeneration ?? 0) >= (generation ?? 0)) return { actions: [] };
  const status = { ...deployment.status, observedGeneration: generation };
  return {
    actions: [
      {
        type: 'event',
        regarding: deployment,
        eventType: 'Warning',
        eventReason: 'SelectingAll',
        message: 'This deployment is selecting all pods. A non-empty selector is required.',
        reason: 'the selector is empty',
      },
      statusUpdate(deployment, status),
    ],
  };
}

/** The actions that bring the Deployment's ReplicaSets and status forward. */
export function reconcile(snapshot: DeploymentSnapshot): ReconcileResult {
  const { deployment } = snapshot;
  if (matchesEverything(labelMatcherFrom(deployment.spec.selector))) return refusal(snapshot);
  const claiming = claims(snapshot);
  if (claiming.length > 0) return { actions: claiming };
  const rollout = new Rollout(snapshot);
  if (deployment.metadata.deletionTimestamp !== undefined) return rollout.result();
  rollout.notePause();
  if (deployment.spec.paused === true || rollout.needsScaling) rollout.follow();
  else if (isRollingUpdate(deployment)) rollout.roll();
  else rollout.recreate();
  return rollout.result();
}
