/** DefaultTolerationSeconds: how long a pod stays on a node that fails, unless it says so itself. */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { concernsPods } from '../sorts.js';

/** Five minutes on a node with such a taint. All pods share the objects; nobody changes what admission gave a pod. */
const toleratedFor = (key: string): Toleration & { readonly key: string } => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
});

const standard = [
  toleratedFor('node.kubernetes.io/not-ready'),
  toleratedFor('node.kubernetes.io/unreachable'),
];

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
    const missing = standard.filter(
      ({ key }) => !tolerations.some((toleration) => covers(toleration, key)),
    );
    if (missing.length > 0) spec.tolerations = tolerations.concat(missing);
  },
};
