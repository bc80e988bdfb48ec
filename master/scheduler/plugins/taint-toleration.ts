/**
 * TaintToleration: a node's NoSchedule and NoExecute taints keep away pods that do not tolerate them; fewer intolerable
 * PreferNoSchedule taints are better.
 */
import {
  scaleToHighest,
  type NodeFilter,
  type NodeScorer,
  type Plugin,
  type Rejection,
} from './plugin.js';
import type { PodFacts } from './pod-facts.js';
import { toleratesAny } from '../../../api/core/v1/tolerations.js';

const name = 'TaintToleration';
const rejection: Rejection = {
  plugin: name,
  reasons: ['node(s) had untolerated taint(s)'],
  unresolvable: true,
};

function filter({ tolerations }: PodFacts): NodeFilter {
  return ({ facts: { hardTaints } }) =>
    hardTaints.length === 0 || hardTaints.every((taint) => toleratesAny(tolerations, taint))
      ? undefined
      : rejection;
}

function score({ tolerations }: PodFacts): NodeScorer {
  const preferences = tolerations.filter(
    ({ effect }) =>
      effect === undefined || (effect as string) === '' || effect === 'PreferNoSchedule',
  );
  return {
    score: ({ facts: { preferTaints } }) => {
      let intolerable = 0;
      for (const taint of preferTaints) if (!toleratesAny(preferences, taint)) intolerable += 1;
      return intolerable;
    },
    normalize: (scores) => {
      scaleToHighest(scores, { reverse: true });
    },
  };
}

export const taintToleration: Plugin = {
  name,
  filter,
  score,
  weight: 3,
  requeueOn: ['NodeAdded', 'NodeUpdated'],
};
