/** PodTopologyLabels: a pod that is bound gets the zone and region of its node as labels. */
import type { Binding } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { concernsPodPart } from '../sorts.js';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export const podTopologyLabels = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'PodTopologyLabels',
  concerns: concernsPodPart('binding', 'CREATE'),
  mutate: ({ object }) => {
    const binding = object as unknown as Binding;
    const { kind = '', name = '' } = binding.target;
    if (kind !== '' && kind !== 'Node') return;
    const labels = reader.find('', 'nodes', { namespace: '', name })?.metadata.labels ?? {};
    for (const key of copied) {
      const value = labels[key];
      if (value === undefined) continue;
      binding.metadata.labels = { ...binding.metadata.labels, [key]: value };
    }
  },
});
