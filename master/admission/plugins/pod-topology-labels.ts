/** PodTopologyLabels: a pod that is bound, or made for a node, gets the zone and region of its node as labels. */
import type { Binding, Pod } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin, AdmissionReader } from '../admission.js';
import { anyOf, concernsPodPart, concernsPods } from '../sorts.js';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** The node that is named; empty where none is. */
const nodeNamed = (object: object, subresource: string): string => {
  if (subresource === '') return (object as Pod).spec.nodeName ?? '';
  const { kind = '', name = '' } = (object as Binding).target;
  return kind === 'Node' ? name : '';
};

export const podTopologyLabels = (reader: AdmissionReader): AdmissionPlugin => ({
  name: 'PodTopologyLabels',
  concerns: anyOf(concernsPods('CREATE'), concernsPodPart('binding', 'CREATE')),
  mutate: ({ object, subresource }) => {
    if (object === undefined) return;
    const name = nodeNamed(object, subresource);
    if (name === '') return;
    const labels = reader.find('', 'nodes', { namespace: '', name })?.metadata.labels ?? {};
    for (const key of copied) {
      const value = labels[key];
      // What somebody has said already stays.
      if (value === undefined || object.metadata.labels?.[key] !== undefined) continue;
      object.metadata.labels = { ...object.metadata.labels, [key]: value };
    }
  },
});
