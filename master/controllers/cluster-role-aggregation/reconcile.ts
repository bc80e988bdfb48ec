/** Decides what the rules of a ClusterRole that collects those of others are to be. Pure. */
import { jsonEqual } from '../../../api/patch/json-value.js';
import { clusterRoles } from '../../../api/rbac/v1/role.js';
import type { ClusterRole, PolicyRule } from '../../../api/rbac/v1/types.js';
import { labelMatcherFrom, matchesLabels } from '../../../api/selectors/label.js';
import type { ReconcileResult } from '../../../machinery/controller/controller.js';

export interface AggregationSnapshot {
  readonly role: ClusterRole;
  /** All ClusterRoles, the one that collects included. */
  readonly others: readonly ClusterRole[];
}

const byName = (left: ClusterRole, right: ClusterRole): number =>
  left.metadata.name < right.metadata.name ? -1 : 1;

/** The rules of the selected roles, selector by selector and by name, each once. */
function collectedRules({ role, others }: AggregationSnapshot): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  const sorted = others.filter((other) => other.metadata.name !== role.metadata.name).sort(byName);
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matcher = labelMatcherFrom(selector);
    for (const other of sorted) {
      if (!matchesLabels(matcher, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        if (!rules.some((known) => jsonEqual(known, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}

/** Writes the collected rules where they are not there yet. */
export function reconcile(snapshot: AggregationSnapshot): ReconcileResult {
  const { role } = snapshot;
  const rules = collectedRules(snapshot);
  const isRight =
    role.metadata.deletionTimestamp !== undefined || jsonEqual(role.rules ?? [], rules);
  if (isRight) return { actions: [] };
  return {
    actions: [
      {
        type: 'patch',
        resource: clusterRoles,
        name: role.metadata.name,
        patchType: 'merge',
        // The version makes sure that the selectors are still those the rules were collected by.
        body: { metadata: { resourceVersion: role.metadata.resourceVersion }, rules },
        reason: 'the rules of the selected roles changed',
      },
    ],
  };
}
