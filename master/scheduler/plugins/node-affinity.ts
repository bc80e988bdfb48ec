/**
 * NodeAffinity: `nodeSelector` and required node affinity must match; preferred terms add their weight to a node.
 */
import type {
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PreferredSchedulingTerm,
} from '../../../api/core/v1/types.js';
import type { NodeFacts } from './node-facts.js';
import {
  scaleToHighest,
  type NodeFilter,
  type NodeScorer,
  type Plugin,
  type Rejection,
} from './plugin.js';
import type { PodFacts } from './pod-facts.js';

const name = 'NodeAffinity';
const rejection: Rejection = {
  plugin: name,
  reasons: ["node(s) didn't match Pod's node affinity/selector"],
  unresolvable: true,
};

/** Gt and Lt compare whole numbers; anything else never matches. */
function wholeFrom(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[+-]?\d{1,19}$/.test(text)
    ? BigInt(text.replace('+', ''))
    : undefined;
}

function matchesRequirement(
  { operator, values = [] }: NodeSelectorRequirement,
  actual: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
    case 'Lt': {
      const bound = wholeFrom(values[0]);
      const value = wholeFrom(actual);
      if (bound === undefined || value === undefined) return false;
      return operator === 'Gt' ? value > bound : value < bound;
    }
  }
}

/** A term without requirements matches nothing. `metadata.name` is the one field there is. */
function matchesNodeTerm(term: NodeSelectorTerm, facts: NodeFacts): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => matchesRequirement(one, facts.labels[one.key])) &&
    matchFields.every((one) =>
      matchesRequirement(one, one.key === 'metadata.name' ? facts.name : undefined),
    )
  );
}

function filter({ pod }: PodFacts): NodeFilter | undefined {
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (selector.length === 0 && required === undefined) return undefined;
  return ({ facts }) => {
    const matches =
      selector.every(([key, value]) => facts.labels[key] === value) &&
      (required === undefined ||
        required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, facts)));
    return matches ? undefined : rejection;
  };
}

/** A preference without requirements suits every node, so it tells them apart no more than none would. */
const isSelective = ({ preference }: PreferredSchedulingTerm): boolean =>
  (preference.matchExpressions ?? []).length > 0 || (preference.matchFields ?? []).length > 0;

function score({ pod }: PodFacts): NodeScorer | undefined {
  const preferred = (
    pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  ).filter(isSelective);
  if (preferred.length === 0) return undefined;
  return {
    score: ({ facts }) => {
      let weight = 0;
      for (const term of preferred) {
        if (matchesNodeTerm(term.preference, facts)) weight += term.weight;
      }
      return weight;
    },
    normalize: (scores) => {
      scaleToHighest(scores, { reverse: false });
    },
  };
}

export const nodeAffinity: Plugin = {
  name,
  filter,
  score,
  weight: 2,
  requeueOn: ['NodeAdded', 'NodeUpdated'],
};
