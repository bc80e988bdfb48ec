/** ExtendedResourceToleration (off by default): a pod that asks for a device tolerates the taint that keeps others off its nodes. */
import { isExtendedResource } from '../../../api/core/v1/extended-resources.js';
import type { Pod, Toleration } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { concernsPods } from '../sorts.js';

export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  concerns: concernsPods('CREATE', 'UPDATE'),
  mutate: ({ object }) => {
    const { spec } = object as Pod;
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const names = containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    const wanted = [...new Set(names.filter(isExtendedResource))].sort();
    const has = (key: string): boolean =>
      (spec.tolerations ?? []).some(
        (own) => own.key === key && own.operator === 'Exists' && own.effect === 'NoSchedule',
      );
    const missing = wanted
      .filter((key) => !has(key))
      .map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoSchedule' }));
    if (missing.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...missing];
  },
};
