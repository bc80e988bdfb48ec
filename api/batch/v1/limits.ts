/** Bounds of Jobs, as in Kubernetes. */

/** Pods of an indexed Job that may run at the same time. */
export const maxIndexedParallelism = 100_000;

/** Failed indexes an indexed Job may allow. */
export const maxFailedIndexes = 100_000;

/** Completions above which a Job with a limit per index is bounded more narrowly. */
export const manyCompletions = 100_000;

/** Pods and failed indexes of a Job with that many completions. */
export const maxParallelismOfMany = 10_000;
export const maxFailedIndexesOfMany = 10_000;

/** Rules of a pod failure policy, and what one of them may list. */
export const maxFailureRules = 20;
export const maxExitCodes = 255;
export const maxConditionPatterns = 20;

/** Rules of a success policy, and characters of the indexes one of them may list. */
export const maxSuccessRules = 20;
export const maxIndexesLength = 64 * 1024;

/** Bytes of the name of the controller a Job is managed by. */
export const maxManagedByLength = 63;

/** Bytes of a CronJob's name: a Job's 63 without the eleven its controller appends. */
export const maxCronJobNameLength = 52;
