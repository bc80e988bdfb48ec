/** How much authorisation remembers. What is over is forgotten and worked out again. */

/** Users whose bindings are kept at hand. */
export const maxRememberedUsers = 10_000;

/** Decisions kept for each of them. */
export const maxDecisionsPerUser = 1_000;

/** Namespaces whose rules are kept for each of them. */
export const maxNamespacesPerUser = 1_000;
