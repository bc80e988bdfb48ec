/** Other groups and versions that a resource can be written through, for rules with `matchPolicy: Equivalent`. */
import type { KubeObject } from '../../api/meta/v1/types.js';
import type { ResourceDefinition } from '../../api/schema/resource.js';
import type { AdmissionAttributes } from './admission.js';
import { ruleMatches } from './rule-matching.js';
import type { MatchRule } from './rule-matching.js';

/** One other way to write a resource. */
export interface Equivalent {
  readonly resource: ResourceDefinition;
  /** From the form of the request to the other. */
  readonly to: (object: KubeObject) => KubeObject;
  /** And back. */
  readonly from: (object: KubeObject) => KubeObject;
}

export type EquivalentsOf = (resource: ResourceDefinition) => readonly Equivalent[];

/** The request as a webhook or policy gets to see it. */
export interface SeenAs {
  readonly resource: ResourceDefinition;
  readonly to: (object: KubeObject) => KubeObject;
  readonly from: (object: KubeObject) => KubeObject;
}

const same = (object: KubeObject): KubeObject => object;

/** How the first rule that means the request sees it; undefined where none does. */
export function seenThrough(
  rules: readonly MatchRule[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
  equivalentsOf: EquivalentsOf,
): SeenAs | undefined {
  const { resource } = attributes;
  if (rules.some((rule) => ruleMatches(rule, resource, attributes))) {
    return { resource, to: same, from: same };
  }
  if (matchPolicy === 'Exact') return undefined;
  for (const other of equivalentsOf(resource)) {
    if (rules.some((rule) => ruleMatches(rule, other.resource, attributes))) return other;
  }
  return undefined;
}
