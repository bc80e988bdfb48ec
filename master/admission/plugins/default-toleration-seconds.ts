/** DefaultTolerationSeconds: how long a pod stays on a node that fails, unless it says so itself. */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { concernsPods } from '../sorts.js';

const defaultSeconds = 300;
const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';

const covers = (toleration: Toleration, key: string): boolean =>
  (toleration.key === key || (toleration.key ?? '') === '') &&
  (toleration.effect === 'NoExecute' || (toleration.effect ?? '') === '');

/** A pod stays on a node that fails for five minutes, unless it says how long. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  concerns: concernsPods('CREATE', 'UPDATE'),
  mutate: (attributes) => {
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
