/**
 * Keys of the pod's own labels in selectors of other pods: the values that the new pod has under them become part of the
 * selector, so that whoever reads it needs to know nothing of the keys. Changes what it is given.
 *
 * Called by the strategy of pods.
 */
import type { LabelSelector, LabelSelectorRequirement } from '../../../meta/v1/types.js';
import type { Pod, PodAffinity, PodAffinityTerm } from '../types.js';

type Labels = Readonly<Record<string, string>>;

function narrow(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  { labels, operator }: { readonly labels: Labels; readonly operator: 'In' | 'NotIn' },
): void {
  // A selector that is missing selects nothing, whatever is added to it.
  if (selector === undefined || keys === undefined) return;
  const added = keys.flatMap((key): LabelSelectorRequirement[] => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  if (added.length > 0) {
    selector.matchExpressions = [...(selector.matchExpressions ?? []), ...added];
  }
}

function narrowTerm(term: PodAffinityTerm | undefined, labels: Labels): void {
  narrow(term?.labelSelector, term?.matchLabelKeys, { labels, operator: 'In' });
  narrow(term?.labelSelector, term?.mismatchLabelKeys, { labels, operator: 'NotIn' });
}

function narrowAffinity(affinity: PodAffinity | undefined, labels: Labels): void {
  for (const each of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    narrowTerm(each.podAffinityTerm, labels);
  }
  for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    narrowTerm(term, labels);
  }
}

/** Makes the label keys of a new pod part of its selectors. */
export function applyLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {};
  narrowAffinity(spec.affinity?.podAffinity, labels);
  narrowAffinity(spec.affinity?.podAntiAffinity, labels);
  for (const { labelSelector, matchLabelKeys } of spec.topologySpreadConstraints ?? []) {
    narrow(labelSelector, matchLabelKeys, { labels, operator: 'In' });
  }
}
