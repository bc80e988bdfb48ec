/** Bounds of CEL, Kubernetes' own figures where it has one. */

/** UTF-16 units of one expression. */
export const maxExpressionLength = 100_000;
/** Nesting of an expression; also the longest chain of operators or selections. */
export const maxExpressionDepth = 250;
/** Cost one evaluation of one expression may run up. */
export const perCallCostLimit = 1_000_000;
/** Cost all rules of one custom resource may run up in one request. */
export const customResourceCostBudget = 10_000_000;
/** Instructions a regular expression may become; a few characters can stand for very many. */
export const maxPatternSize = 50_000;
/** Instructions of all compiled regular expressions kept, at some 400 bytes each. */
export const maxCachedPatternSize = 200_000;
/** What a rule of a custom resource may cost at most by estimate, over all values of its schema. */
export const estimatedRuleCostLimit = 10_000_000;
/** The same for all rules of one schema together. */
export const estimatedSchemaCostLimit = 100_000_000;
/** How far above the limit an estimate may lie before the selector of a device is refused: its sizes are not Kubernetes' to the unit. */
export const estimateTolerance = 2;
/** The longest request, which bounds what nothing else bounds. */
export const maxRequestBytes = 3 * 1024 * 1024;
