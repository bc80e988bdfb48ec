/** DefaultTolerationSeconds and Priority: what every pod gets that does not say otherwise. */
import type { Pod, Toleration } from '../../api/core/v1/types.js';
import { forbiddenRequest } from '../../api/meta/status-error.js';
import { isPods } from './admission.js';
import type { AdmissionPlugin } from './admission.js';

const defaultSeconds = 300;
const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';

const covers = (toleration: Toleration, key: string): boolean =>
  (toleration.key === key || (toleration.key ?? '') === '') &&
  (toleration.effect === 'NoExecute' || toleration.effect === undefined);

/** A pod stays on a node that fails for five minutes, unless it says how long. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate: (attributes) => {
    if (!isPods(attributes) || attributes.operation === 'DELETE') return;
    const { spec } = attributes.object as Pod;
    const tolerations = spec.tolerations ?? [];
    const missing = [notReady, unreachable].filter(
      (key) => !tolerations.some((toleration) => covers(toleration, key)),
    );
    if (missing.length === 0) return;
    spec.tolerations = [
      ...tolerations,
      ...missing.map((key) => ({
        key,
        operator: 'Exists' as const,
        effect: 'NoExecute' as const,
        tolerationSeconds: defaultSeconds,
      })),
    ];
  },
};

/** The classes there are until PriorityClass objects exist. */
const builtInClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate: (attributes) => {
    if (!isPods(attributes) || attributes.operation === 'DELETE') return;
    const pod = attributes.object as Pod;
    const { spec } = pod;
    if (attributes.operation === 'UPDATE') {
      // Priority is decided once; an update that leaves it out means no change.
      const before = (attributes.stored as Pod).spec;
      spec.priority ??= before.priority;
      spec.preemptionPolicy ??= before.preemptionPolicy;
      if (spec.priority === undefined) delete spec.priority;
      if (spec.preemptionPolicy === undefined) delete spec.preemptionPolicy;
      return;
    }
    const pods = { group: '', plural: 'pods' };
    const className = spec.priorityClassName ?? '';
    const value = className === '' ? 0 : builtInClasses[className];
    if (value === undefined) {
      throw forbiddenRequest(
        pods,
        attributes.name,
        `no PriorityClass with name ${className} was found`,
      );
    }
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbiddenRequest(
        pods,
        attributes.name,
        `the integer value of priority (${String(spec.priority)}) must not be provided in pod spec; priority admission controller computed ${String(value)} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    spec.preemptionPolicy ??= 'PreemptLowerPriority';
  },
};
