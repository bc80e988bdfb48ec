/** Bounds of CEL, Kubernetes' own figures where it has one. */

/** UTF-16 units of one expression. */
export const maxExpressionLength = 100_000;
/** Nesting of an expression; also the longest chain of operators or selections. */
export const maxExpressionDepth = 250;
/** Cost one evaluation of one expression may run up. */
export const perCallCostLimit = 1_000_000;
/** Cost all rules of one custom resource may run up in one request. */
export const customResourceCostBudget = 10_000_000;
/** Compiled regular expressions kept. */
export const maxCachedPatterns = 1_000;
