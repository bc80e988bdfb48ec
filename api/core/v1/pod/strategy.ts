/** How the registry treats pods: their first status, what updates keep, and how long a delete waits for the agent. */
import type { Strategy } from '../../../schema/resource.js';
import type { Pod, PodCondition, PodSpec } from '../types.js';
import { isPodScheduled, isPodTerminal } from './conditions.js';
import { appArmorWarnings, applyAppArmorAnnotations } from './app-armor.js';
import { dropDisabledFields, dropDisabledStatusFields } from './disabled-fields.js';
import { applyLabelKeys } from './label-keys.js';
import { hostnameWarnings, podWarnings } from './warnings.js';
import { qosClassOf } from './qos.js';

/** A pod with scheduling gates says from the start why nobody schedules it. */
function gatedConditions(spec: PodSpec): { conditions?: PodCondition[] } {
  if ((spec.schedulingGates ?? []).length === 0) return {};
  return {
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ],
  };
}

/** Seconds a delete leaves the agent to stop the pod: none where no agent has it or where it has ended. */
function gracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  if (!isPodScheduled(pod) || isPodTerminal(pod)) return 0;
  const seconds = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}

/** Who does not say which generation of the pod a status or condition is about leaves it as it was. */
function keepObservedGenerations({ status }: Pod, { status: stored }: Pod): void {
  if ((status.observedGeneration ?? 0) === 0 && stored.observedGeneration !== undefined) {
    status.observedGeneration = stored.observedGeneration;
  }
  const before = [...(stored.conditions ?? [])];
  for (const condition of status.conditions ?? []) {
    const position = before.findIndex(({ type }) => type === condition.type);
    if (position < 0) continue;
    const [{ observedGeneration } = {}] = before.splice(position, 1);
    if ((condition.observedGeneration ?? 0) === 0 && observedGeneration !== undefined) {
      condition.observedGeneration = observedGeneration;
    }
  }
}

export const podStrategy: Strategy<Pod> = {
  tracksGeneration: true,
  prepareForCreate: (draft) => {
    draft.status = {
      phase: 'Pending',
      qosClass: qosClassOf(draft.spec),
      ...gatedConditions(draft.spec),
    };
    dropDisabledFields(draft.spec);
    applyLabelKeys(draft);
    applyAppArmorAnnotations(draft);
  },
  prepareForUpdate: (draft, stored) => {
    dropDisabledFields(draft.spec, stored.spec);
  },
  neverOwned: { status: ['metadata.deletionTimestamp', 'metadata.ownerReferences'] },
  prepareForStatusUpdate: (draft, stored) => {
    if (stored.metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences;
    else draft.metadata.ownerReferences = stored.metadata.ownerReferences;
    if (((draft.status.qosClass as string | undefined) ?? '') === '') {
      draft.status.qosClass = stored.status.qosClass;
    }
    keepObservedGenerations(draft, stored);
    dropDisabledStatusFields(draft, stored);
  },
  deletionGracePeriodSeconds: (stored, options) =>
    gracePeriodSeconds(stored, options.gracePeriodSeconds),
  warnings: (draft, stored) =>
    stored === undefined
      ? [...hostnameWarnings(draft), ...appArmorWarnings(draft), ...podWarnings(draft, '')]
      : [],
};
