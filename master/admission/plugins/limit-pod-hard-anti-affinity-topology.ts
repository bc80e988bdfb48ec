/** LimitPodHardAntiAffinityTopology (off by default): required anti-affinity keeps pods off nodes, not off whole zones. */
import type { Pod } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { refusal } from '../refusals.js';
import { concernsPods } from '../sorts.js';

const hostname = 'kubernetes.io/hostname';

export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  concerns: concernsPods('CREATE', 'UPDATE'),
  validate: (attributes) => {
    const { affinity } = (attributes.object as Pod).spec;
    const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const other = terms.find(({ topologyKey }) => topologyKey !== hostname);
    if (other === undefined) return;
    throw refusal(
      attributes,
      `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key ${hostname} is allowed`,
    );
  },
};
