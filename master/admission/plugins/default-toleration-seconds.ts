/** DefaultTolerationSeconds: how long a pod stays on a node that fails, unless it says so itself. */
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import type { AdmissionSettings } from '../configuration.js';
import { concernsPods } from '../sorts.js';

/** So long on a node with such a taint. All pods share the objects; nobody changes what admission gave a pod. */
const toleratedFor = (
  key: string,
  tolerationSeconds: number,
): Toleration & { readonly key: string } => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
});

const covers = (toleration: Toleration, key: string): boolean =>
  (toleration.key === key || (toleration.key ?? '') === '') &&
  (toleration.effect === 'NoExecute' || (toleration.effect ?? '') === '');

/** A pod stays on a node that fails for five minutes, or what the flags say, unless it says how long. */
export function defaultTolerationSeconds({
  notReady,
  unreachable,
}: AdmissionSettings['tolerationSeconds']): AdmissionPlugin {
  const standard = [
    toleratedFor('node.kubernetes.io/not-ready', notReady),
    toleratedFor('node.kubernetes.io/unreachable', unreachable),
  ];
  return {
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
}
