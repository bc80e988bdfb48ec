/** How much authorisation remembers. What is over is forgotten and worked out again. */

/** Users whose bindings are kept at hand. */
export const maxRememberedUsers = 10_000;

/** Decisions kept for each of them. */
export const maxDecisionsPerUser = 1_000;

/** Namespaces whose rules are kept for each of them. */
export const maxNamespacesPerUser = 1_000;

/** Answers of a service that are remembered; what was unused for longest makes room. */
export const maxRememberedReviews = 8192;

/** What a client says of a request longer than this is not remembered, lest it fill the memory. */
export const maxRememberedRequestLength = 10_000;

/** How long answers of a service are remembered unless told otherwise: those that allow, and the others. */
export const defaultAllowedCacheMs = 5 * 60_000;
export const defaultOtherCacheMs = 30_000;

/** A service is given this long to answer at most. */
export const maxWebhookTimeoutMs = 30_000;

/** Conditions of one service. */
export const maxMatchConditions = 64;

/** What the conditions of one service may cost together for one request, in CEL's units. */
export const reviewConditionsCostBudget = 2_500_000;
