/** The order of texts by their code units, for `sort`; Go's, but for characters beyond U+FFFF. */
export const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;
