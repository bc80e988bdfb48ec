/**
 * Cluster role aggregation: keeps the rules of a ClusterRole with an `aggregationRule` equal to those of the ClusterRoles it
 * selects, so that whoever installs a kind can add to `admin`, `edit` and `view` by labelling a role of their own.
 *
 * Started by `master/controllers.ts`.
 */
import type { ClusterRole } from '../../../api/rbac/v1/types.js';
import { defineController, watchOf } from '../../../machinery/controller/controller.js';
import type { Listers } from '../../../machinery/informer/lister.js';
import { clusterRolesRef, reconcile, type AggregationSnapshot } from './reconcile.js';

const aggregated = 'aggregated';

function snapshot(name: string, listers: Listers): AggregationSnapshot | undefined {
  const lister = listers.of(clusterRolesRef);
  const role = lister.get({ name });
  return role?.aggregationRule === undefined ? undefined : { role, others: lister.list() };
}

/** The definition of the cluster role aggregation controller. */
export const clusterRoleAggregation = defineController<ClusterRole, AggregationSnapshot>({
  name: 'clusterrole_aggregation',
  primary: clusterRolesRef,
  watches: [
    watchOf<ClusterRole>({
      resource: clusterRolesRef,
      indexes: { [aggregated]: (role) => (role.aggregationRule === undefined ? [] : ['true']) },
      // Labels may come and go, so any change of any role may concern each of the few that collect.
      enqueue: (_role, listers) =>
        listers
          .of(clusterRolesRef)
          .byIndex(aggregated, 'true')
          .map(({ metadata }) => metadata.name),
    }),
  ],
  snapshot,
  reconcile,
});
