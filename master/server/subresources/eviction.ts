/**
 * `POST pods/NAME/eviction`: a delete that a disruption budget may refuse. The budget's status says how many more pods may
 * go; each eviction takes one off, by compare and swap, before it deletes, so that no two evictions use the same one.
 *
 * Called by the server's table of subresources. It must never delete a healthy pod that its budget did not give away.
 */
import { hasPodCondition, podCondition } from '../../../api/core/v1/pod/conditions.js';
import type { Pod, PodCondition } from '../../../api/core/v1/types.js';
import {
  badRequest,
  failure,
  forbiddenRequest,
  hasReason,
  methodNotAllowed,
} from '../../../api/meta/status-error.js';
import type { StatusError } from '../../../api/meta/status-error.js';
import type { Condition, DeleteOptions, KubeObject } from '../../../api/meta/v1/types.js';
import { eviction } from '../../../api/policy/v1/eviction.js';
import type { Eviction, PodDisruptionBudget } from '../../../api/policy/v1/types.js';
import { labelMatcherFrom, matchesLabels, SelectorError } from '../../../api/selectors/label.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Clock } from '../../../machinery/clock/clock.js';
import type { WriteContext } from '../../registry/hooks.js';
import type { StoreKey } from '../../registry/object-key.js';
import type { ResourceRegistry } from '../../registry/resource-registry.js';
import { maxDisruptedPods, maxEvictionAttempts, unseenBudgetRetrySeconds } from '../limits.js';
import type { ApiRequest } from '../api-request.js';
import { bodyValue, decodeAs, successAnswer } from '../request-body.js';
import { keyOf } from '../resource-key.js';
import { admit, alreadyAdmitted } from './admit.js';
import type { SubresourceHandler } from './subresource.js';

const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

/** 429 with the reason for people among its causes. Without a time to wait, clients use their own. */
const budgetRefuses = (why: string, retryAfterSeconds?: number): StatusError =>
  failure({
    code: 429,
    reason: 'TooManyRequests',
    message: refusal,
    details: {
      causes: [{ reason: 'DisruptionBudget', message: why }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });

const stillProcessed = (name: string): StatusError =>
  budgetRefuses(
    `The disruption budget ${name} is still being processed by the server.`,
    unseenBudgetRetrySeconds,
  );

const allowedCondition = 'DisruptionAllowed';

function whyNone({ metadata, status }: PodDisruptionBudget): string {
  const condition = status.conditions?.find(({ type }) => type === allowedCondition);
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  return condition?.status === 'False' && condition.reason === 'SyncFailed'
    ? `The disruption budget ${metadata.name} does not allow evicting pods currently because it failed sync: ${condition.message}`
    : `The disruption budget ${metadata.name} needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`;
}

const budgetResource = { group: 'policy', plural: 'poddisruptionbudget' };

/** Throws unless the budget has an eviction to give. */
function checkBudget(budget: PodDisruptionBudget): void {
  const { metadata, status } = budget;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status;
  if (observedGeneration < (metadata.generation ?? 0)) throw stillProcessed(metadata.name);
  if (disruptionsAllowed < 0) {
    const why = 'pdb disruptions allowed is negative';
    throw forbiddenRequest(budgetResource, metadata.name, why);
  }
  if (Object.keys(disruptedPods).length > maxDisruptedPods) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbiddenRequest(budgetResource, metadata.name, why);
  }
  if (disruptionsAllowed === 0) throw budgetRefuses(whyNone(budget));
}

/** The conditions once nothing is left to give. */
function exhausted(
  conditions: readonly Condition[] | undefined,
  observedGeneration: number | undefined,
  nowMs: number,
): Condition[] {
  const before = conditions?.find(({ type }) => type === allowedCondition);
  const lastTransitionTime =
    before?.status === 'False' ? before.lastTransitionTime : timestamp(nowMs);
  return [
    ...(conditions ?? []).filter(({ type }) => type !== allowedCondition),
    {
      type: allowedCondition,
      status: 'False',
      reason: 'InsufficientPods',
      message: '',
      lastTransitionTime,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    },
  ];
}

/** The budget after it gave away `podName`. */
export function spentBudget(
  budget: PodDisruptionBudget,
  podName: string,
  nowMs: number,
): PodDisruptionBudget {
  checkBudget(budget);
  const { status } = budget;
  const disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  const conditions =
    disruptionsAllowed === 0
      ? exhausted(status.conditions, status.observedGeneration, nowMs)
      : status.conditions;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed,
      disruptedPods: { ...status.disruptedPods, [podName]: timestamp(nowMs) },
      ...(conditions === undefined ? {} : { conditions }),
    },
  };
}

const isOver = ({ metadata, status }: Pod): boolean =>
  status.phase === 'Succeeded' ||
  status.phase === 'Failed' ||
  metadata.deletionTimestamp !== undefined;

/** Pods that serve nothing yet, or no more, are no loss to anybody. */
const isNoLoss = (pod: Pod): boolean => pod.status.phase === 'Pending' || isOver(pod);

/** A pod that is not ready does not count for its budget, which may let it go without spending anything. */
export function mayGoUnhealthy(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (hasPodCondition(pod, 'Ready')) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function selects({ spec }: PodDisruptionBudget, pod: Pod): boolean {
  try {
    return matchesLabels(labelMatcherFrom(spec.selector), pod.metadata.labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

interface Evicting {
  readonly pods: ResourceRegistry;
  readonly budgets: ResourceRegistry;
  readonly clock: Clock;
}

/** The budget that protects a pod, if any. Two would each count the eviction, which Kubernetes does not sort out. */
async function budgetOf({ budgets }: Evicting, pod: Pod): Promise<PodDisruptionBudget | undefined> {
  if (Object.keys(pod.metadata.labels ?? {}).length === 0) return undefined;
  const { namespace = '' } = pod.metadata;
  const page = await budgets.list({ namespace });
  const found = page.items
    .map(({ object }) => object as PodDisruptionBudget)
    .filter((budget) => selects(budget, pod));
  if (found.length > 1) {
    throw failure({
      code: 500,
      reason: '',
      message:
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    });
  }
  return found[0];
}

async function spend(
  { budgets, clock }: Evicting,
  { metadata }: PodDisruptionBudget,
  podName: string,
  context: WriteContext,
): Promise<void> {
  const key = { namespace: metadata.namespace ?? '', name: metadata.name };
  await budgets.update(
    key,
    (stored) => {
      if (stored === undefined) throw budgets.notFound(key.name);
      const spent = spentBudget(stored as PodDisruptionBudget, podName, clock.now());
      return { ...spent, metadata: { ...spent.metadata, resourceVersion: '' } };
    },
    { type: 'status' },
    context,
  );
}

const evictedCondition = (pod: Pod, nowMs: number): PodCondition => {
  const before = podCondition(pod, 'DisruptionTarget');
  return {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime:
      before?.status === 'True' && before.lastTransitionTime !== undefined
        ? before.lastTransitionTime
        : timestamp(nowMs),
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
  };
};

/** Says on the pod why it goes, then deletes it. A pinned version is that of the pod before either. */
async function markAndDelete(
  { pods, clock }: Evicting,
  key: StoreKey,
  options: DeleteOptions,
  context: WriteContext,
): Promise<void> {
  const pinned = options.preconditions?.resourceVersion;
  let preconditions = options.preconditions;
  if (!context.dryRun) {
    const { object } = await pods.update(
      key,
      (stored) => {
        if (stored === undefined) throw pods.notFound(key.name);
        const pod = stored as Pod;
        const others = (pod.status.conditions ?? []).filter(
          ({ type }) => type !== 'DisruptionTarget',
        );
        const conditions = [...others, evictedCondition(pod, clock.now())];
        const metadata = { ...pod.metadata, resourceVersion: pinned ?? '' };
        return { ...pod, metadata, status: { ...pod.status, conditions } } as KubeObject;
      },
      { type: 'other', subresource: 'eviction' },
      context,
    );
    if (pinned !== undefined) {
      preconditions = { ...preconditions, resourceVersion: object.metadata.resourceVersion };
    }
  }
  const whole = preconditions === undefined ? options : { ...options, preconditions };
  await pods.delete(key, whole, context);
}

/** Options that hold for the pod as it is now only, unless the client pinned a version itself. */
const pinnedTo = (options: DeleteOptions, pod: Pod): DeleteOptions =>
  options.preconditions?.resourceVersion !== undefined
    ? options
    : {
        ...options,
        preconditions: {
          ...options.preconditions,
          resourceVersion: pod.metadata.resourceVersion,
        },
      };

interface EvictionRequest {
  readonly key: StoreKey;
  readonly options: DeleteOptions;
  readonly context: WriteContext;
}

const isPinned = ({ options }: EvictionRequest): boolean =>
  options.preconditions?.resourceVersion !== undefined;

/**
 * Deletes a pod that is no loss, again and again while it changes underneath, unless the client pinned its version. Gives the
 * pod as it is now where it has become one that is.
 */
async function evictUnmissed(
  evicting: Evicting,
  request: EvictionRequest,
): Promise<Pod | undefined> {
  const { key, options, context } = request;
  for (let attempt = 1; ; attempt += 1) {
    const pod = (await evicting.pods.get(key)).object as Pod;
    if (!isNoLoss(pod)) return pod;
    try {
      await markAndDelete(evicting, key, isOver(pod) ? options : pinnedTo(options, pod), context);
      return undefined;
    } catch (error) {
      const isLast = attempt >= maxEvictionAttempts || isPinned(request);
      if (isLast || !hasReason(error, 'Conflict')) throw error;
    }
  }
}

async function evict(evicting: Evicting, request: EvictionRequest): Promise<void> {
  const pod = await evictUnmissed(evicting, request);
  if (pod === undefined) return;
  const { key, options, context } = request;
  const budget = await budgetOf(evicting, pod);
  if (budget === undefined || !mayGoUnhealthy(pod, budget)) {
    if (budget !== undefined) await spend(evicting, budget, key.name, context);
    await markAndDelete(evicting, key, options, context);
    return;
  }
  try {
    await markAndDelete(evicting, key, pinnedTo(options, pod), context);
  } catch (error) {
    if (isPinned(request) || !hasReason(error, 'Conflict')) throw error;
    // The pod may have become ready since: the client is to ask again.
    throw stillProcessed(budget.metadata.name);
  }
}

const olderVersion = 'v1beta1';

/** Reads the body. Clients from before policy/v1 still write the version before it. */
async function evictionFrom(request: ApiRequest): Promise<Eviction> {
  const v1 = { group: 'policy', version: 'v1', kind: 'Eviction', schema: eviction };
  const body = await request.body();
  const { value } = bodyValue(body, v1, 'Ignore');
  const { apiVersion } = (value ?? {}) as { readonly apiVersion?: unknown };
  const isOld = apiVersion === `policy/${olderVersion}`;
  const expected = isOld ? { ...v1, version: olderVersion } : v1;
  return await decodeAs({ ...request, body: () => body }, expected);
}

/** Answers evictions of pods. */
export function evictionHandler(evicting: Evicting): SubresourceHandler {
  return async (request, context) => {
    if (request.target.verb !== 'create') throw methodNotAllowed();
    const body = await evictionFrom(request);
    const key = keyOf(request);
    const { name = '' } = body.metadata as { name?: string };
    if (name !== key.name) {
      throw badRequest('name in URL does not match name in Eviction object');
    }
    const options = body.deleteOptions ?? {};
    const dryRun = context.dryRun || (options.dryRun ?? []).length > 0;
    await admit(context, { operation: 'CREATE', subresource: 'eviction', ...key, object: body });
    // Nobody comes to own what an eviction sets, and what follows from it has been admitted with it.
    const { manager: _evictor, ...unowned } = context;
    await evict(evicting, { key, options, context: alreadyAdmitted({ ...unowned, dryRun }) });
    return successAnswer(201);
  };
}
