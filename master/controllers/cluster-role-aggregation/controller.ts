/**
 * Cluster role aggregation: keeps the rules of a ClusterRole with an `aggregationRule` equal to those of the ClusterRoles it
 * selects, so that whoever installs a kind can add to `admin`, `edit` and `view` by labelling a role of their own.
 *
 * Started by `master/controllers.ts`.
 */
import { clusterRoles } from '../../../api/rbac/v1/role.js';
import type { ClusterRole } from '../../../api/rbac/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { reconcile, type AggregationSnapshot } from './reconcile.js';

const aggregated = 'aggregated';

function snapshot(name: string, listers: Listers): AggregationSnapshot | undefined {
  const lister = listers.of(clusterRoles);
  const role = lister.get({ name });
  return role?.aggregationRule === undefined ? undefined : { role, others: lister.list() };
}

/** The definition of the cluster role aggregation controller. */
export const clusterRoleAggregation = defineController<ClusterRole, AggregationSnapshot>({
  name: 'clusterrole_aggregation',
  primary: clusterRoles,
  watches: [
    watchOf<ClusterRole>({
      resource: clusterRoles,
      indexes: { [aggregated]: (role) => (role.aggregationRule === undefined ? [] : ['true']) },
      // Labels may come and go, so any change of any role may concern each of the few that collect.
      enqueue: (_role, listers) =>
        listers
          .of(clusterRoles)
          .byIndex(aggregated, 'true')
          .map(({ metadata }) => metadata.name),
    }),
  ],
  snapshot,
  reconcile,
});
