/** TaintNodesByCondition: a new node takes no pods until the node lifecycle controller has seen it ready. */
import type { Node } from '../../../api/core/v1/types.js';
import type { AdmissionPlugin } from '../admission.js';
import { concernsResource } from '../sorts.js';

const notReady = 'node.kubernetes.io/not-ready';

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  concerns: concernsResource('', 'nodes', ['CREATE']),
  mutate: ({ object }) => {
    const node = object as Omit<Node, 'spec'> & Partial<Pick<Node, 'spec'>>;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady && effect === 'NoSchedule')) return;
    node.spec = { ...node.spec, taints: [...taints, { key: notReady, effect: 'NoSchedule' }] };
  },
};
