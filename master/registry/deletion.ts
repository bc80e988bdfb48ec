/**
 * What a DELETE means for one object: at once, after a grace period, or once finalizers have gone. Pure.
 */
import { foregroundFinalizer, orphanFinalizer } from '../../api/meta/finalizers.js';
import { timestamp } from '../../api/meta/timestamp.js';
import { conflict, invalidObject } from '../../api/meta/status-error.js';
import type { DeleteOptions, KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import { invalid, notSupported } from '../../api/validation/field-error.js';
import type { FieldError } from '../../api/validation/field-error.js';
import type { StoreKey } from './object-key.js';

/** 422 for options that contradict themselves. */
export function checkDeleteOptions(options: Partial<DeleteOptions>): void {
  const errors: FieldError[] = [];
  const policy = options.propagationPolicy as string | undefined;
  if (policy !== undefined && options.orphanDependents !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalid('propagationPolicy', policy, why));
  } else if (policy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(policy)) {
    const allowed = ['Foreground', 'Background', 'Orphan', 'nil'];
    errors.push(notSupported('propagationPolicy', policy, allowed));
  }
  if (options.dryRun?.some((value) => value !== 'All') === true) {
    errors.push(notSupported('dryRun', options.dryRun, ['All']));
  }
  if (errors.length > 0) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  }
}

/** 409 where the object is not the one the client means. */
export function checkPreconditions(
  resource: ResourceDefinition,
  key: StoreKey,
  options: Partial<DeleteOptions>,
  stored: KubeObject,
): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const found = stored.metadata;
  const target = { group: resource.group, plural: resource.kind };
  if (uid !== undefined && uid !== found.uid) {
    throw conflict(
      target,
      key.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${found.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== found.resourceVersion) {
    throw conflict(
      target,
      key.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${found.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Whether a client leaves it to the kind what becomes of dependents. */
export const leavesDependents = (options: Partial<DeleteOptions>): boolean =>
  options.propagationPolicy === undefined && options.orphanDependents === undefined;

/** What is asked for, if anything; finalizers that are there already go before what the kind does by default. */
function policyOf(
  resource: Pick<ResourceDefinition, 'strategy'>,
  options: Partial<DeleteOptions>,
  finalizers: readonly string[],
): string | undefined {
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  if (options.orphanDependents !== undefined) {
    return options.orphanDependents ? 'Orphan' : 'Background';
  }
  const isDecided = [orphanFinalizer, foregroundFinalizer].some((name) =>
    finalizers.includes(name),
  );
  return resource.strategy.orphansDependents === undefined || isDecided ? undefined : 'Orphan';
}

/** The finalizers an object has once its deletion was asked for under a propagation policy. */
function finalizersFor(
  resource: Pick<ResourceDefinition, 'strategy'>,
  options: Partial<DeleteOptions>,
  finalizers: readonly string[],
): readonly string[] {
  const policy = policyOf(resource, options, finalizers);
  if (policy === undefined) return finalizers;
  const others = finalizers.filter(
    (name) => name !== orphanFinalizer && name !== foregroundFinalizer,
  );
  if (policy === 'Orphan') return [...others, orphanFinalizer];
  if (policy === 'Foreground') return [...others, foregroundFinalizer];
  return others;
}

export type DeletionPlan =
  | { readonly type: 'remove' }
  | { readonly type: 'mark'; readonly draft: KubeObject }
  /** It is already being deleted and nothing about that changes. */
  | { readonly type: 'keep' };

export interface DeletionRequest {
  readonly resource: ResourceDefinition;
  readonly stored: KubeObject;
  readonly options: Partial<DeleteOptions>;
  readonly nowMs: number;
  /** Something beside finalizers and grace keeps the object. */
  readonly held: boolean;
}

function graceSeconds({ resource, stored, options }: DeletionRequest): number {
  const graceful = resource.strategy.deletionGracePeriodSeconds;
  if (graceful === undefined) return 0;
  return Math.max(0, graceful(stored, options));
}

/** Decides what a DELETE does. The draft of `mark` is a fresh object. */
export function planDeletion(request: DeletionRequest): DeletionPlan {
  const { stored, options, nowMs, held } = request;
  const { metadata } = stored;
  const finalizers = finalizersFor(request.resource, options, metadata.finalizers ?? []);
  const running = metadata.deletionTimestamp !== undefined;
  const asked = graceSeconds(request);
  const current = metadata.deletionGracePeriodSeconds ?? 0;
  const grace = !running
    ? asked
    : options.gracePeriodSeconds === undefined
      ? current
      : Math.min(asked, current);
  if (grace === 0 && finalizers.length === 0 && !held) return { type: 'remove' };
  const sameFinalizers = finalizers.join() === (metadata.finalizers ?? []).join();
  if (running && grace === current && sameFinalizers) return { type: 'keep' };
  const { finalizers: _finalizers, ...kept } = metadata;
  const startMs = running ? Date.parse(metadata.deletionTimestamp ?? '') - current * 1000 : nowMs;
  const draft: KubeObject = {
    ...stored,
    metadata: {
      ...kept,
      ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
      deletionTimestamp: timestamp(startMs + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(metadata.generation !== undefined && !running
        ? { generation: metadata.generation + 1 }
        : {}),
    },
  };
  return { type: 'mark', draft };
}

/** The answer of a delete that removed a graceful kind at once shows when and with what grace. */
export function markedGone(
  stored: KubeObject,
  resource: ResourceDefinition,
  nowMs: number,
): KubeObject {
  if (resource.strategy.deletionGracePeriodSeconds === undefined) return stored;
  return {
    ...stored,
    metadata: {
      ...stored.metadata,
      deletionTimestamp: stored.metadata.deletionTimestamp ?? timestamp(nowMs),
      deletionGracePeriodSeconds: 0,
    },
  };
}
