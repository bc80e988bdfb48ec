/** Decides about one ServiceCIDR: ready while it lives, gone only when no Service has an address that no other range holds. Pure. */
import type { Condition } from '../../../api/meta/v1/types.js';
import { serviceCidrs } from '../../../api/networking/v1/service-cidr.js';
import type { ServiceCIDR } from '../../../api/networking/v1/types.js';
import { timestamp } from '../../../api/meta/timestamp.js';
import type { Action, ReconcileResult } from '../../../machinery/controller/controller.js';
import {
  guarding,
  isHeld,
  releasing,
  type Guard,
} from '../../../machinery/controller/finalizer.js';
import { deletionGraceMs } from './limits.js';

const guard: Guard = {
  resource: serviceCidrs,
  finalizer: 'networking.k8s.io/service-cidr-finalizer',
};

export interface ServiceCidrSnapshot {
  readonly range: ServiceCIDR;
  /** An address in use that is in this range only; looked for while the range is being deleted. */
  readonly soleAddress: string | undefined;
  readonly nowMs: number;
}

type Readiness = Pick<Condition, 'status' | 'reason' | 'message'>;

const ready: Readiness = {
  status: 'True',
  reason: '',
  message: 'Kubernetes Service CIDR is ready',
};

const inUse: Readiness = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

/** The write that makes the condition Ready say this; none where it does. */
function saying(range: ServiceCIDR, readiness: Readiness, nowMs: number): readonly Action[] {
  const conditions = range.status.conditions ?? [];
  const present = conditions.find(({ type }) => type === 'Ready');
  const { status, reason, message } = readiness;
  const isSaid =
    present?.status === status && present.reason === reason && present.message === message;
  if (isSaid) return [];
  const lastTransitionTime =
    present?.status === status ? present.lastTransitionTime : timestamp(nowMs);
  const others = conditions.filter(({ type }) => type !== 'Ready');
  const condition: Condition = { type: 'Ready', ...readiness, lastTransitionTime };
  const object: ServiceCIDR = {
    ...range,
    status: { ...range.status, conditions: [...others, condition] },
  };
  const why = status === 'True' ? 'addresses can be taken from it' : 'addresses of it are in use';
  return [{ type: 'updateStatus', resource: serviceCidrs, object, reason: why }];
}

function removal({ range, soleAddress, nowMs }: ServiceCidrSnapshot): ReconcileResult {
  if (soleAddress !== undefined) return { actions: saying(range, inUse, nowMs) };
  const deletedMs = Date.parse(range.metadata.deletionTimestamp ?? '');
  const leftMs = deletedMs + deletionGraceMs - nowMs;
  if (leftMs > 0) return { actions: [], requeueAfterMs: leftMs };
  return { actions: releasing(guard, range) };
}

export function reconcile(snapshot: ServiceCidrSnapshot): ReconcileResult {
  const { range, nowMs } = snapshot;
  if (isHeld(guard, range)) return removal(snapshot);
  if (range.metadata.deletionTimestamp !== undefined) return { actions: [] };
  // Each write is decided on the state the one before left behind.
  const guards = guarding(guard, range);
  return { actions: guards.length > 0 ? guards : saying(range, ready, nowMs) };
}
