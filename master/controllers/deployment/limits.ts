/** Bounds of the Deployment controller. */

/** Deployments worked on at once. */
export const workers = 8;

/** Characters kept in the annotation that lists a ReplicaSet's former revisions. */
export const maxRevisionHistoryLength = 2000;

/** A rollout's deadline is looked at this long after it has passed, when it certainly has. */
export const deadlineSlackMs = 1000;
