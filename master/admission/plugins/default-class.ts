/** Which of several classes an annotation marks as the default: the newest, and of those the first by name. */
import type { KubeObject } from '../../../api/meta/v1/types.js';

export function newestDefault<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const isDefault = ({ metadata }: T): boolean =>
    annotations.some((name) => metadata.annotations?.[name] === 'true');
  const isNewer = (left: T, right: T): boolean => {
    const [a, b] = [left.metadata.creationTimestamp, right.metadata.creationTimestamp];
    return a === b ? left.metadata.name < right.metadata.name : a > b;
  };
  let best: T | undefined;
  for (const found of classes) {
    if (isDefault(found) && (best === undefined || isNewer(found, best))) best = found;
  }
  return best;
}
